/** `hyperloom forest move`: a forest between data folders and NATS. No broker is needed, and none may work on it. */
import type { Command } from 'commander';
import { forestLeftMsMax } from './base/limits.ts';
import { exitCodes } from './cli/exit-codes.ts';
import { failureOf, UsageError } from './cli/failure.ts';
import { outputFor } from './cli/output/output-for.ts';
import { Progress } from './cli/output/progress.ts';
import { grouped } from './cli/output/text.ts';
import { showExamples } from './cli/reference/examples.ts';
import type { Surroundings } from './cli/surroundings.ts';
import type { Moved } from './moving/move.ts';

interface MoveOptions {
  readonly removeSource?: boolean;
}

/** Adds it to the group `forest`, which must be there. */
export function addForestMove(program: Command, surroundings: Surroundings): void {
  const group = program.commands.find((command) => command.name() === 'forest');
  const command = group
    ?.command('move')
    .summary('move a forest between a data folder and NATS, or two of either')
    .description(
      'Moves a forest, with its history, ghosts, locks and remembered requests, while no broker works on it: between data folders and NATS, in any ' +
        'direction. All of it is copied and its state compared before it is marked as moved where it was; from then on brokers there refuse it and say where it ' +
        'went. What was there is kept. A move that was cut short is run again, and begins anew.',
    )
    .argument('<name>', 'the forest')
    .argument('<from>', 'a data folder whose broker is stopped, or nats://HOST…, as for serve --journal')
    .argument('<to>', 'the same; a folder is made where there is none')
    .option('--remove-source', 'keep nothing of it where it was')
    .action((name: string, from: string, to: string, options: MoveOptions) =>
      run(program, surroundings, { name, from, to, removesSource: options.removeSource === true }),
    );
  if (command !== undefined) showExamples(command);
}

interface Asked {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly removesSource: boolean;
}

async function run(program: Command, surroundings: Surroundings, asked: Asked): Promise<void> {
  const { stderr } = surroundings;
  const output = outputFor(program, surroundings);
  const { name } = asked;
  try {
    const moved = await move(surroundings, asked);
    const { from, to, removed, reached } = moved;
    const record = { name, from, to, moved: reached !== null, removed };
    await output.result({ ...record, ...reached }, () => textOf(asked, moved));
    await output.finish();
  } catch (error) {
    const { message, exitCode } = await explain(error);
    if (message !== '') stderr.write(`${message}\n`);
    surroundings.setExitCode(exitCode);
  }
}

async function move(surroundings: Surroundings, { name: forest, ...asked }: Asked): Promise<Moved> {
  // Other commands start faster without the broker's rooms.
  const { moveForest } = await import('./moving/move.ts');
  const progress = new Progress(surroundings, { label: 'move', unit: 'bytes' });
  const onBytes = (bytes: number): void => progress.add(bytes);
  return moveForest({ forest, ...asked, leftMsMax: forestLeftMsMax, onBytes }).finally(() => progress.end());
}

function textOf({ name, removesSource }: Asked, { from, to, removed, reached }: Moved): string {
  const kept = removed
    ? `nothing of it is left at ${from}`
    : `what was at ${from} is kept there, and not served any more`;
  const byHand = removesSource ? ': if it is this one that is there, remove it by hand' : '';
  if (reached === null) return `${name} was moved to ${to} before; ${kept}${byHand}`;
  const { revision, position, firstPosition, stateHash } = reached;
  const entries = grouped(Math.max(0, position - firstPosition + 1));
  return [
    `${name} is moved to ${to}: r${grouped(revision)} at position ${grouped(position)}, with ${entries} entries of history`,
    `  state ${stateHash}`,
    `  ${kept}`,
  ].join('\n');
}

async function explain(error: unknown): Promise<{ readonly message: string; readonly exitCode: number }> {
  const { JournalDamage, JournalFailure } = await import('./journal/journal.ts');
  const { CodecDamage } = await import('./codec/damage.ts');
  const { DataFolderInUse } = await import('./journal/embedded/data-folder.ts');
  if (error instanceof JournalDamage || error instanceof CodecDamage)
    return { message: `damaged: ${error.message}`, exitCode: exitCodes.damaged.code };
  const isExpected = error instanceof DataFolderInUse || error instanceof JournalFailure;
  return failureOf(isExpected ? new UsageError(error.message) : error, '');
}
