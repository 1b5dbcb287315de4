/**
 * Says how far long work has come: a line on a terminal that is drawn anew in its place, on standard error, so that what goes through a
 * pipe stays as it is. Without a terminal it says nothing.
 */
import type { Writable } from 'node:stream';

import type { Clock } from '../../base/clock.ts';
import { byteSize, counted, grouped } from './text.ts';
import { cutEnd, padEnd, widthOf } from './width.ts';

/** What progress needs of the outside. */
export interface ProgressSurroundings {
  readonly stderr: Writable;
  readonly isErrorTerminal: boolean;
  readonly columns: number;
  readonly clock: Clock;
}

/** What is counted. */
export interface ProgressOptions {
  /** Such as `restore`. */
  readonly label: string;
  /** `bytes`, or what is counted, in the singular. */
  readonly unit: string;
  /** How much there is; `undefined`: nobody knows. */
  readonly total?: number | undefined;
}

/** A line is drawn anew at most this often. */
const drawEveryMs = 100;
const barWidthMax = 30;
const barWidthMin = 5;
const clearLine = '\r\u001B[2K';

export class Progress {
  readonly #surroundings: ProgressSurroundings;
  readonly #options: ProgressOptions;
  readonly #startMs: number;
  #total: number | undefined;
  #done = 0;
  #drawnMs = -Infinity;
  #isDrawn = false;

  constructor(surroundings: ProgressSurroundings, options: ProgressOptions) {
    this.#surroundings = surroundings;
    this.#options = options;
    this.#total = options.total;
    this.#startMs = surroundings.clock.monotonicMs();
  }

  /** So much more is done. */
  add(amount: number): void {
    this.to(this.#done + amount);
  }

  /** So much is done in all; of so much, where that is known only now. */
  to(done: number, total = this.#total): void {
    this.#done = done;
    this.#total = total;
    const { stderr, isErrorTerminal, columns, clock } = this.#surroundings;
    const nowMs = clock.monotonicMs();
    if (!isErrorTerminal || nowMs - this.#drawnMs < drawEveryMs) return;
    this.#drawnMs = nowMs;
    this.#isDrawn = true;
    const options = { ...this.#options, total: this.#total };
    // The last place stays free: some terminals begin a new line there.
    stderr.write(`${clearLine}${progressLine(options, done, nowMs - this.#startMs, columns - 1)}`);
  }

  /** Takes the line away. Before anything else is written. */
  end(): void {
    if (this.#isDrawn) this.#surroundings.stderr.write(clearLine);
    this.#isDrawn = false;
  }
}

/** Counts what goes through, in bytes, and takes the line away at its end. */
export async function* counting<Chunk extends Uint8Array>(
  chunks: AsyncIterable<Chunk>,
  progress: Progress,
): AsyncGenerator<Chunk, void, void> {
  try {
    for await (const chunk of chunks) {
      progress.add(chunk.length);
      yield chunk;
    }
  } finally {
    progress.end();
  }
}

/** Such as `restore  ██████░░░░  60 %  12.0 MiB of 20.0 MiB  4.0 MiB/s  0:02 left`. */
export function progressLine(
  { label, unit, total }: ProgressOptions,
  done: number,
  elapsedMs: number,
  columns: number,
): string {
  const amount = (count: number): string =>
    unit === 'bytes' ? byteSize(count) : counted(Math.round(count), unit);
  const bare = (count: number): string => (unit === 'bytes' ? byteSize(count) : grouped(Math.round(count)));
  const perMs = elapsedMs > 0 ? done / elapsedMs : 0;
  const rate = perMs > 0 ? `${bare(perMs * 1_000)}/s` : '';
  if (total === undefined || total <= 0)
    return cutEnd(joined([label, amount(done), rate, timeOf(elapsedMs)]), columns);
  const share = Math.min(1, done / total);
  const left = perMs > 0 ? `${timeOf((total - Math.min(done, total)) / perMs)} left` : '';
  const percent = `${String(Math.floor(share * 100)).padStart(3)} %`;
  const texts = [percent, `${bare(done)} of ${amount(total)}`, rate, left];
  const room = columns - widthOf(joined([label, ...texts])) - 2;
  // Where it is narrow, the bar is what says least, and then what comes last.
  if (room < barWidthMin) return fitting([label, ...texts], columns);
  const width = Math.min(barWidthMax, room);
  return joined([label, padEnd('█'.repeat(Math.round(share * width)), width).replaceAll(' ', '░'), ...texts]);
}

/** As many of the texts as fit: a part of a number would be another number. */
function fitting(texts: readonly string[], columns: number): string {
  const count = texts.findLastIndex((_, index) => widthOf(joined(texts.slice(0, index + 1))) <= columns);
  return count < 0 ? cutEnd(texts[0] ?? '', columns) : joined(texts.slice(0, count + 1));
}

function joined(texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('  ');
}

/** Such as `0:07` or `1:02:03`. */
function timeOf(durationMs: number): string {
  const seconds = Math.ceil(durationMs / 1_000);
  const [hours, minutes, rest] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const tail = String(rest).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}
