/**
 * `hyperloom lock acquire`: holds a lock while a command runs, or until Ctrl-C. What the command writes with `hyperloom` carries the
 * lock's token, by variables of its environment. When the lock is lost the command is ended: others may hold it by then.
 */
import { once } from 'node:events';
import { isatty } from 'node:tty';

import { Option, type Command } from 'commander';

import type { Client, Lock, LockMode, LockOptions } from '../../../../clients/typescript/src/index.ts';
import { durationMs, nodePath } from '../../arguments.ts';
import { runChild } from '../../child.ts';
import type { AddCommand, Context } from '../../context.ts';
import { targetsText } from '../../output/lock-lines.ts';
import { lockRecord } from '../../output/records.ts';
import { visible } from '../../output/text.ts';
import { exitCodes } from '../../exit-codes.ts';
import { UsageError } from '../../failure.ts';
import { connectionKeys, variableOf } from '../../profiles/profile.ts';
import type { Settled } from '../../profiles/settle.ts';
import type { Environment, Interrupt } from '../../surroundings.ts';

interface AcquireOptions {
  readonly delay?: number;
  readonly label?: string;
  readonly lease?: string;
  readonly mode: string;
  readonly quiet?: boolean;
  readonly ttl?: number;
  readonly wait?: number | false;
}

const lockModes: Readonly<Record<string, LockMode>> = {
  shared: 'shared',
  exclusive: 'exclusive',
  'shared-intent-exclusive': 'shared_intent_exclusive',
};

/** A person who waits is told so after this. */
const patienceMs = 1_000;

export const addAcquire: AddCommand = (program, run) => {
  program
    .command('acquire')
    .summary('hold a lock while a command runs, or until Ctrl-C')
    .usage('[options] <path...> [-- <command...>]')
    .argument('<path...>', 'subtrees, granted together or not at all; behind --, the command')
    .addOption(
      new Option('--mode <mode>', 'the right on them').choices(Object.keys(lockModes)).default('exclusive'),
    )
    .option('--wait <duration>', 'how long to wait for others; default: as long as it takes', durationMs)
    .option('--no-wait', 'do not wait at all')
    .option('--ttl <duration>', 'how long it is held when this command vanishes (default: 30s)', durationMs)
    .option('--delay <duration>', 'how long the subtrees stay quiet after that', durationMs)
    .addOption(
      new Option(
        '--lease <id>',
        'for a lease that lives already; without a command it is left held with it',
      ).env('HYPERLOOM_LEASE'),
    )
    .option('--label <text>', 'what it is for, in a few words')
    .option('-q, --quiet', 'print the id alone, in a pipe too')
    .action((words: string[], options: AcquireOptions, self: Command) =>
      run(async (context) => {
        const command = wordsBehindDashes(self);
        const paths = words.slice(0, words.length - command.length).map(nodePath);
        if (paths.length === 0) throw new UsageError('name a subtree to be locked before the --');
        await acquire(context, paths, command, options);
      }),
    );
};

async function acquire(
  context: Context,
  paths: readonly string[],
  command: readonly string[],
  options: AcquireOptions,
): Promise<void> {
  const passed: { signal: ((signal: Interrupt) => void) | undefined } = { signal: undefined };
  const interruption = context.interruption((signal) => passed.signal?.(signal));
  const client = await context.openSteadyClient();
  // Kept alive while this command runs, so that it learns of its loss. Who granted it keeps it before and after.
  await using given = options.lease === undefined ? undefined : await client.keepLease(options.lease);
  const lock = await wait(context, client, paths, { ...lockOptions(options), lease: given }, interruption);
  if (lock === undefined) return;
  if (command.length === 0 && given !== undefined) {
    await tell(context, lock, options, `held with lease ${visible(given.id)}`);
    return;
  }
  await using held = lock;
  if (command.length > 0) await runUnder(context, held, command, (pass) => (passed.signal = pass));
  else {
    await tell(context, held, options, 'held until Ctrl-C');
    await holdUntil(interruption, held.signal);
  }
}

function lockOptions({ mode, wait: waitMs, delay, label, ttl }: AcquireOptions): LockOptions {
  return {
    mode: lockModes[mode],
    delayMs: delay,
    label,
    ttlMs: ttl,
    ...(waitMs === false ? { noWait: true } : { waitMs: waitMs ?? Infinity }),
  };
}

/** Waits for the lock, and says so to a person. `undefined` after Ctrl-C. */
async function wait(
  { surroundings }: Context,
  client: Client,
  paths: readonly string[],
  options: LockOptions,
  signal: AbortSignal,
): Promise<Lock | undefined> {
  const hint = surroundings.clock.setTimer(patienceMs, () => {
    if (surroundings.isTerminal) surroundings.stderr.write('waiting; "hyperloom lock ls" shows for whom\n');
  });
  try {
    return await client.lock(paths, { ...options, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    surroundings.setExitCode(exitCodes.interrupted.code);
    return undefined;
  } finally {
    hint.cancel();
  }
}

/** Runs the command. Its exit code becomes that of this one, but for a lock that was lost, which is an error of its own. */
async function runUnder(
  { surroundings, settled }: Context,
  lock: Lock,
  [name = '', ...args]: readonly string[],
  onStarted: (pass: (signal: Interrupt) => void) => void,
): Promise<void> {
  const { signal: ended } = lock;
  const before = surroundings.environment[tokensVariable] ?? '';
  const environment = {
    ...surroundings.environment,
    ...connectionVariables(settled),
    HYPERLOOM_LEASE: lock.lease.id,
    [tokensVariable]: before === '' ? String(lock.fencingToken) : `${before},${lock.fencingToken}`,
  };
  const code = await runChild(name, args, {
    environment,
    clock: surroundings.clock,
    ended,
    // What it reads from may be one though its output goes into a pipe.
    isAtTerminal: surroundings.isTerminal || isatty(0),
    // A terminal sends its Ctrl-C to both processes; passing it on would tell the command twice.
    onStarted: (pass) =>
      onStarted((signal) => (signal === 'SIGINT' && surroundings.isTerminal ? undefined : pass(signal))),
  });
  if (ended.aborted) throw ended.reason;
  surroundings.setExitCode(code);
}

/** What leads to the same broker, as the same caller, as this command's own options do. */
function connectionVariables({ values, profile }: Settled): Environment {
  const told = connectionKeys.flatMap((key) => {
    const value = values[key] ?? '';
    return value === '' ? [] : [[variableOf(key), value] as const];
  });
  return { ...(profile === undefined ? {} : { HYPERLOOM_PROFILE: profile }), ...Object.fromEntries(told) };
}

const tokensVariable = 'HYPERLOOM_FENCING_TOKENS';

async function tell(
  { output }: Context,
  lock: Lock,
  { quiet = false }: AcquireOptions,
  until: string,
): Promise<void> {
  if (quiet) await output.line(lock.id);
  else {
    await output.result(
      lockRecord(lock.info),
      () => `${lock.id}: ${targetsText(lock.info)}, token ${lock.fencingToken}, ${until}`,
    );
  }
}

/** Throws where the lock is lost meanwhile. */
async function holdUntil(interruption: AbortSignal, lost: AbortSignal): Promise<void> {
  const either = AbortSignal.any([interruption, lost]);
  if (!either.aborted) await once(either, 'abort');
  lost.throwIfAborted();
}

/** What follows the first `--` of the command line. Commander hands it over together with what comes before. */
function wordsBehindDashes(self: Command): readonly string[] {
  let root = self;
  while (root.parent !== null) root = root.parent;
  const raw: unknown = 'rawArgs' in root ? root.rawArgs : undefined;
  const words: readonly unknown[] = Array.isArray(raw) ? raw : [];
  const dashes = words.indexOf('--');
  return dashes < 0 ? [] : words.slice(dashes + 1).map(String);
}
