/** Plays the lines of a file in their order. */
import type { Client } from '../api.ts';
import { digestOf, type Hash } from './digest.ts';
import { Malformed } from './fields.ts';
import type { EndLine, EventLine, HeadLine } from './format.ts';
import { readHead, readLine } from './line-json.ts';
import type { NumberedLine } from './lines.ts';
import { RunPlayer, type PlayedMistake } from './play.ts';
import { RunProblem } from './problem.ts';

export interface PlayLinesOptions {
  readonly client: Client;
  /** The tree to play into; `undefined`: the one that was exported. */
  readonly target: string | undefined;
  readonly signal: AbortSignal;
  /** Waits until something is due that happened at `time`. */
  readonly pace: (time: Date) => Promise<void>;
  /** Called with how many revisions of the run were played, of how many. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Called for each event. */
  readonly onEvent?: ((line: EventLine) => Promise<void> | void) | undefined;
}

/** What was played. */
export interface PlayedRun {
  readonly tree: string;
  readonly events: number;
  /** The newest revision that it made. */
  readonly revision: number;
  readonly mistakes: readonly PlayedMistake[];
  readonly end: EndLine;
}

/** A line that could not be played, or that is no line of a run. */
export class LineFailed extends Error {
  override readonly name = 'LineFailed';
  readonly line: number;

  constructor(line: number, cause: unknown) {
    super(`line ${line}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.line = line;
  }
}

/** Plays them. Whatever goes wrong is thrown as a {@link LineFailed}, and ghosts that were open are dropped. */
export async function playLines(
  lines: AsyncGenerator<NumberedLine>,
  options: PlayLinesOptions,
): Promise<PlayedRun> {
  const { client, signal, pace } = options;
  const head = await headOf(lines);
  const tree = options.target ?? head.tree;
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
      if ('revision' in line && line.revision > head.from)
        options.onProgress?.(line.revision - head.from, head.until - head.from);
      if (line.kind === 'node' || line.kind === 'schema') continue;
      events += 1;
      await options.onEvent?.(line);
    }
    throw new Malformed('the end is missing: the file was cut off');
  } catch (error) {
    await player.close('the play was broken off').catch(() => undefined);
    throw new LineFailed(number, error);
  }
}

/** Compares what is there with what was exported. Throws a {@link RunProblem} where it differs. */
export async function checkPlayed(client: Client, { tree, end }: PlayedRun, hash: Hash): Promise<void> {
  if (end.sha256 === '') return;
  const { nodes, sha256 } = await digestOf(client, tree, 0, hash);
  if (sha256 === end.sha256) return;
  throw new RunProblem(
    `${tree} does not read as what was exported: ${nodes} values instead of ${end.nodes}, or others. Was it written to meanwhile?`,
  );
}

async function headOf(lines: AsyncGenerator<NumberedLine>): Promise<HeadLine> {
  try {
    const first = await lines.next();
    if (first.done === true) throw new Malformed('it is empty');
    return readHead(first.value.text);
  } catch (error) {
    throw new LineFailed(1, error);
  }
}

function checkEnd({ lines }: EndLine, number: number): void {
  if (lines !== number - 2) throw new Malformed(`${lines} lines were written and ${number - 2} are there`);
}

async function refuseMore(lines: AsyncGenerator<NumberedLine>): Promise<void> {
  for await (const { text } of lines) if (text !== '') throw new Malformed('there is more behind the end');
}
