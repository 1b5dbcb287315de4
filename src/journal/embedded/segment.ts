import { indexStepBytes } from '../../base/limits.ts';
import { recordsOffset } from './layout.ts';

/** Where a record starts: a file offset, or within a batch an offset from its start. */
export interface IndexMark {
  readonly position: number;
  readonly offset: number;
}

/** What is known in memory about one segment file. */
export class Segment {
  readonly path: string;
  readonly firstPosition: number;
  readonly fileBytes: number;
  readonly #marks: IndexMark[] = [];
  #lastPosition: number;
  #end = recordsOffset;
  #isReleased = false;

  constructor(path: string, firstPosition: number, fileBytes: number) {
    this.path = path;
    this.firstPosition = firstPosition;
    this.fileBytes = fileBytes;
    this.#lastPosition = firstPosition - 1;
  }

  /** The newest position in it; `firstPosition - 1` while it is empty. */
  get lastPosition(): number {
    return this.#lastPosition;
  }

  /** The file offset behind its last record. */
  get end(): number {
    return this.#end;
  }

  get isReleased(): boolean {
    return this.#isReleased;
  }

  /** Takes note of a record's place; most are skipped, so that the index stays sparse. */
  mark(position: number, offset: number): void {
    const last = this.#marks[this.#marks.length - 1];
    if (last === undefined || offset - last.offset >= indexStepBytes) this.#marks.push({ position, offset });
  }

  /** Records up to `lastPosition` now stand in the file and end at `end`. */
  advance(lastPosition: number, end: number): void {
    this.#lastPosition = lastPosition;
    this.#end = end;
  }

  /** The newest mark at or before `position`. */
  seek(position: number): IndexMark {
    let low = 0;
    let high = this.#marks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#marks[middle]?.position ?? Infinity) <= position) low = middle + 1;
      else high = middle;
    }
    return this.#marks[low - 1] ?? { position: this.firstPosition, offset: recordsOffset };
  }

  /** From now on readers are told that it is gone. */
  release(): void {
    this.#isReleased = true;
  }
}

const digits = 16;
const suffix = '.segment';

/** The name of the segment that starts at `firstPosition`: names sort as positions do. */
export function segmentName(firstPosition: number): string {
  return `${String(firstPosition).padStart(digits, '0')}${suffix}`;
}

/** The first position that a file's name says, or `undefined` for the name of anything else. */
export function parseSegmentName(name: string): number | undefined {
  const match = /^(\d{16})\.segment$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}
