/** Puts the items of a snapshot into chunks. */
import { WireWriter } from './wire-writer.ts';
import type { Mark } from './wire-writer.ts';

/** Large enough for the disk, small enough that encoding one does not hold up the event loop: some 0.2 ms. */
const chunkBytes = 64 * 1024;

/** Field numbers of `SnapshotItem`. */
export const itemField = {
  header: 1,
  node: 2,
  ghost: 3,
  staged: 4,
  endedGhost: 5,
  request: 6,
  trailer: 7,
  view: 8,
  lease: 9,
  lock: 10,
  race: 11,
  schema: 12,
  unboundPaths: 13,
} as const;

export class SnapshotItems {
  readonly writer = new WireWriter();
  #count = 0;
  #item: Mark = 0;
  #content: Mark = 0;

  /** Items so far. */
  get count(): number {
    return this.#count;
  }

  /** There is enough for a chunk, which is to be taken now. */
  get isFull(): boolean {
    return this.writer.length >= chunkBytes;
  }

  /** Opens an item of about `estimate` bytes, whose content is written next. */
  open(field: number, estimate: number): void {
    this.#count += 1;
    this.#item = this.writer.openDelimited(estimate + 3);
    this.#content = this.writer.open(field, estimate);
  }

  close(): void {
    this.writer.close(this.#content);
    this.writer.close(this.#item);
  }

  /** Takes what there is, which is more than a chunk's worth only where one item is. */
  take(): Uint8Array {
    const chunk = this.writer.copy();
    this.writer.reset();
    return chunk;
  }
}
