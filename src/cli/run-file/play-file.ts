/** Plays a whole file, with its name and the number of the line told where something is wrong with it. */
import { createHash } from 'node:crypto';

import { HyperloomError, type Client } from '../../../clients/typescript/src/index.ts';
import { Malformed } from '../../../clients/typescript/src/run-file/fields.ts';
import type { EventLine } from '../../../clients/typescript/src/run-file/format.ts';
import { isHead } from '../../../clients/typescript/src/run-file/line-json.ts';
import {
  checkPlayed as checkRun,
  LineFailed,
  playLines,
  type PlayedRun,
} from '../../../clients/typescript/src/run-file/play-lines.ts';
import { RunProblem } from '../../../clients/typescript/src/run-file/problem.ts';
import { UsageError } from '../failure.ts';
import type { Progress } from '../output/progress.ts';
import type { Surroundings } from '../surroundings.ts';
import { readLines } from './lines.ts';

export interface PlayFileOptions {
  readonly client: Client;
  readonly file: string;
  /** The tree to play into; `undefined`: the one that was exported. */
  readonly target: string | undefined;
  readonly signal: AbortSignal;
  /** Times as fast as it happened; `undefined`: at once. */
  readonly speed: number | undefined;
  /** Told how many of its revisions were played. */
  readonly progress?: Progress;
  /** Called for each event. */
  readonly onEvent?: (line: EventLine) => Promise<void> | void;
}

/** Whether a file is a run of this format, by its first line. */
export async function isRunFile(file: string): Promise<boolean> {
  if (file === '-') return false;
  try {
    for await (const { text } of readLines(file, noInput())) return isHead(text);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
  }
  return false;
}

/** Plays it. Throws a {@link UsageError} with the line for what is no run, or not all of one. */
export async function playFile(
  options: PlayFileOptions,
  { clock, stdin, stderr }: Surroundings,
): Promise<PlayedRun> {
  const { client, file, target, signal, speed, progress, onEvent } = options;
  const pace = speed === undefined ? () => Promise.resolve() : pacer(speed, clock, signal);
  try {
    const onProgress = (done: number, total: number): void => progress?.to(done, total);
    return await playLines(readLines(file, stdin), { client, target, signal, pace, onEvent, onProgress });
  } catch (error) {
    progress?.end();
    throw explained(error, file, (text) => stderr.write(text));
  } finally {
    progress?.end();
  }
}

/** Compares what is there with what was exported. Throws where it differs. */
export async function checkPlayed(client: Client, played: PlayedRun): Promise<void> {
  try {
    await checkRun(client, played, createHash('sha256'));
  } catch (error) {
    throw error instanceof RunProblem ? new UsageError(error.message) : error;
  }
}

function explained(error: unknown, file: string, write: (text: string) => void): unknown {
  if (error instanceof RunProblem) return new UsageError(error.message);
  if (!(error instanceof LineFailed)) return error;
  const { cause, line } = error;
  if (cause instanceof Malformed || cause instanceof RunProblem || isDamage(cause))
    return new UsageError(`${file}, ${error.message}`);
  if (cause instanceof HyperloomError && line > 1) write(`${file}, line ${line} or just before it:\n`);
  return cause;
}

/** What zlib says of a damaged file. */
function isDamage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}

function pacer(
  speed: number,
  clock: Surroundings['clock'],
  signal: AbortSignal,
): (time: Date) => Promise<void> {
  let start: { readonly timeMs: number; readonly atMs: number } | undefined;
  return async (time) => {
    start ??= { timeMs: time.getTime(), atMs: clock.monotonicMs() };
    const dueMs = start.atMs + (time.getTime() - start.timeMs) / speed;
    const waitMs = dueMs - clock.monotonicMs();
    if (waitMs <= 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = clock.setTimer(waitMs, done);
      function done(): void {
        timer.cancel();
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done);
    });
  };
}

async function* noInput(): AsyncGenerator<Uint8Array, void, void> {
  // A file is named, so nothing is read from here.
}
