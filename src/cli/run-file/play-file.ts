/** Plays a whole file: each line in its order, with its number told where something is wrong with it. */
import { HyperloomError, type Client } from '../../../clients/typescript/src/index.ts';
import { UsageError } from '../failure.ts';
import type { Surroundings } from '../surroundings.ts';
import { digestOf } from './digest.ts';
import { Malformed } from './fields.ts';
import type { EndLine, EventLine, HeadLine } from './format.ts';
import { isHead, readHead, readLine } from './line-json.ts';
import { readLines, type NumberedLine } from './lines.ts';
import { RunPlayer, type PlayedMistake } from './play.ts';

export interface PlayFileOptions {
  readonly client: Client;
  readonly file: string;
  /** The tree to play into; `undefined`: the one that was exported. */
  readonly target: string | undefined;
  readonly signal: AbortSignal;
  /** Times as fast as it happened; `undefined`: at once. */
  readonly speed: number | undefined;
  /** Called for each event. */
  readonly onEvent?: (line: EventLine) => Promise<void> | void;
}

/** What was played. */
export interface PlayedFile {
  readonly tree: string;
  readonly events: number;
  /** The newest revision that it made. */
  readonly revision: number;
  readonly mistakes: readonly PlayedMistake[];
  readonly end: EndLine;
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
): Promise<PlayedFile> {
  const { client, file, signal, speed } = options;
  const lines = readLines(file, stdin);
  const head = await headOf(file, lines);
  const tree = options.target ?? head.tree;
  const pace = speed === undefined ? () => Promise.resolve() : pacer(speed, clock, signal);
  const player = await RunPlayer.begin({ client, head, target: tree, signal, pace });
  let [number, events] = [1, 0];
  try {
    for await (const { number: at, text } of lines) {
      number = at;
      const line = readLine(text);
      if (line.kind === 'end') {
        checkEnd(line, at);
        await player.finish();
        await refuseMore(lines);
        return { tree, events, revision: player.revision, mistakes: player.mistakes, end: line };
      }
      await player.play(line);
      if (line.kind === 'node' || line.kind === 'schema') continue;
      events += 1;
      await options.onEvent?.(line);
    }
    throw new Malformed('the end is missing: the file was cut off');
  } catch (error) {
    await player.close('the play was broken off').catch(() => undefined);
    throw explained(error, file, number, (text) => stderr.write(text));
  }
}

/** Compares what is there with what was exported. Throws where it differs. */
export async function checkPlayed(client: Client, { tree, end }: PlayedFile): Promise<void> {
  if (end.sha256 === '') return;
  const { nodes, sha256 } = await digestOf(client, tree, 0);
  if (sha256 === end.sha256) return;
  throw new UsageError(
    `${tree} does not read as what was exported: ${nodes} values instead of ${end.nodes}, or others. Was it written to meanwhile?`,
  );
}

async function headOf(file: string, lines: AsyncGenerator<NumberedLine>): Promise<HeadLine> {
  try {
    const first = await lines.next();
    if (first.done === true) throw new Malformed('it is empty');
    return readHead(first.value.text);
  } catch (error) {
    throw explained(error, file, 1, () => undefined);
  }
}

function checkEnd({ lines }: EndLine, number: number): void {
  if (lines !== number - 2) throw new Malformed(`${lines} lines were written and ${number - 2} are there`);
}

async function refuseMore(lines: AsyncGenerator<NumberedLine>): Promise<void> {
  for await (const { text } of lines) if (text !== '') throw new Malformed('there is more behind the end');
}

function explained(error: unknown, file: string, number: number, write: (text: string) => void): unknown {
  const place = `${file}, line ${number}`;
  if (error instanceof Malformed || isDamage(error)) return new UsageError(`${place}: ${messageOf(error)}`);
  if (error instanceof UsageError) return new UsageError(`${place}: ${error.message}`);
  if (error instanceof HyperloomError) write(`${place} or just before it:\n`);
  return error;
}

/** What zlib says of a damaged file. */
function isDamage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
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
