/**
 * Runs a command as a child of this one, with the same terminal, pipes and environment. Without a terminal it gets a process group of
 * its own, so that all that it has started can be ended with it. At a terminal it stays in the group of this command, which is the one
 * that may read and that gets Ctrl-C.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

import type { Clock } from '../base/clock.ts';
import { UsageError } from './failure.ts';
import type { Environment } from './surroundings.ts';

/** How a command is started, and what ends it. */
export interface ChildOptions {
  readonly environment: Environment;
  readonly clock: Clock;
  /** Aborting it ends the command: SIGTERM, and SIGKILL for one that does not obey. */
  readonly ended: AbortSignal;
  /** Whether a person sits at the terminal that it runs on. */
  readonly isAtTerminal: boolean;
  /** Gets a function that passes a signal on to the command. */
  readonly onStarted: (pass: (signal: NodeJS.Signals) => void) => void;
}

/** What a command has to clean up after it was told to end. */
const obedienceMsMax = 5_000;
/** How often it looks whether all of a group have ended. */
const lookEveryMs = 50;

/** Resolves with its exit code; 128 and the number of a signal that ended it. Throws where there is no such command. */
export async function runChild(
  command: string,
  args: readonly string[],
  { environment, clock, ended, isAtTerminal, onStarted }: ChildOptions,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: environment, stdio: 'inherit', detached: !isAtTerminal });
    const { pid } = child;
    const tell = (signal: NodeJS.Signals): void => {
      if (isAtTerminal || pid === undefined) child.kill(signal);
      else signalGroup(pid, signal);
    };
    const end = (): void => {
      tell('SIGTERM');
      const force = AbortSignal.timeout(obedienceMsMax);
      force.addEventListener('abort', () => tell('SIGKILL'));
    };
    const finish = (): void => ended.removeEventListener('abort', end);
    child.on('error', (error) => {
      finish();
      const isMissing = 'code' in error && error.code === 'ENOENT';
      const why = isMissing ? 'there is no such program' : error.message;
      reject(new UsageError(`the command ${command} cannot be run: ${why}`));
    });
    child.on('exit', (code, signal) => {
      finish();
      const exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
      const gone =
        ended.aborted && !isAtTerminal && pid !== undefined ? untilGone(pid, clock) : Promise.resolve();
      void gone.then(() => resolve(exitCode));
    });
    child.on('spawn', () => onStarted((signal) => child.kill(signal)));
    if (ended.aborted) end();
    else ended.addEventListener('abort', end);
  });
}

/** Waits for what the command has started and was told to end with it, and ends what does not obey. */
async function untilGone(group: number, clock: Clock): Promise<void> {
  for (let waitedMs = 0; waitedMs < obedienceMsMax; waitedMs += lookEveryMs) {
    if (!signalGroup(group, 0)) return;
    await new Promise<void>((resolve) => void clock.setTimer(lookEveryMs, resolve));
  }
  signalGroup(group, 'SIGKILL');
}

/** False where nobody is left in the group. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}
