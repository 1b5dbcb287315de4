/** Journal entries by position, the last ones looked at kept in memory. */
import { provenanceCacheBytesMax } from '../base/limits.ts';
import { operationBytes } from '../state/values/operate.ts';
import { HistoryGone } from '../subscriptions/source.ts';
import { madeOf } from './made.ts';
import type { Made, Recorded } from './made.ts';

/** Where entries come from. */
export interface EntrySource {
  /** Entries from one position to another, both inclusive. Throws `HistoryGone` where they were released. */
  entries(from: number, to: number): AsyncIterable<readonly Recorded[]>;
}

/** An entry with what it made. */
export interface Loaded {
  readonly recorded: Recorded;
  readonly made: Made | null;
}

export class Loader {
  readonly #source: EntrySource;
  readonly #retained: (position: number) => Promise<Recorded | null | undefined>;
  /** Least recently used first. */
  readonly #known = new Map<number, Loaded & { readonly bytes: number }>();
  #bytes = 0;

  /** `retained` tells what is kept of an entry whose history was given up; `undefined` where it was not. */
  constructor(source: EntrySource, retained: (position: number) => Promise<Recorded | null | undefined>) {
    this.#source = source;
    this.#retained = retained;
  }

  /** The entry at a position; `null` where it is gone. */
  async load(position: number): Promise<Loaded | null> {
    const known = this.#known.get(position);
    if (known !== undefined) {
      this.#known.delete(position);
      this.#known.set(position, known);
      return known;
    }
    await this.#read(position);
    return this.#known.get(position) ?? null;
  }

  /** What the entry at a position made; `null` where it is gone or made nothing. */
  async made(position: number): Promise<Made | null> {
    return (await this.load(position))?.made ?? null;
  }

  async #read(position: number): Promise<void> {
    const kept = await this.#retained(position);
    if (kept !== undefined) {
      if (kept !== null) this.#keep(kept);
      return;
    }
    try {
      for await (const batch of this.#source.entries(position, position))
        for (const recorded of batch) this.#keep(recorded);
    } catch (error) {
      if (!(error instanceof HistoryGone)) throw error;
    }
  }

  #keep(recorded: Recorded): void {
    const made = madeOf(recorded);
    const bytes = bytesOf(recorded);
    this.#known.set(recorded.proposal.position, { recorded, made, bytes });
    this.#bytes += bytes;
    for (const [position, oldest] of this.#known) {
      if (this.#bytes <= provenanceCacheBytesMax || position === recorded.proposal.position) break;
      this.#known.delete(position);
      this.#bytes -= oldest.bytes;
    }
  }
}

/** What an entry takes in memory, about. */
function bytesOf({ proposal: { command }, effects }: Recorded): number {
  let bytes = 512;
  const diffs = 'operations' in command ? [{ basis: [], ...command }] : effects.committed;
  for (const { operations, basis } of diffs) {
    for (const operation of operations) bytes += 200 + operationBytes(operation);
    bytes += 200 * basis.length;
  }
  return bytes;
}
