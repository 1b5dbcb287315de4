/** Reads the index as it was at one moment, so that all pages of an answer are about the same. */
import { inOrder } from './entries.ts';
import type { Cursor, Hit } from './entries.ts';
import type { Key } from './key.ts';

/** What can be searched. */
export interface Searched {
  find(key: Key, after: Cursor, until: number, limit: number): Hit[] | Promise<Hit[]>;
  findLast(key: Key, before: Cursor): Hit | null | Promise<Hit | null>;
}

/** Hits that are asked for at a time. */
const stepHits = 256;

export class IndexReader {
  readonly #index: Searched;
  /** Nothing behind this position is seen. */
  readonly #asOf: number;
  /** Hits that were looked at: what the work of an answer is measured by. */
  work = 0;

  constructor(index: Searched, asOf: number) {
    this.#index = index;
    this.#asOf = asOf;
  }

  /** Hits under a key behind `after` and up to `until` (inclusive), in order, each once. */
  async *hits(key: Key, after: Cursor, until: number): AsyncGenerator<Hit> {
    let cursor = after;
    for (;;) {
      const found = await this.#index.find(key, cursor, until, stepHits);
      this.work += 1 + found.length;
      for (const hit of found) {
        const isNew = inOrder(cursor, hit) < 0;
        cursor = hit;
        if (isNew && hit.position <= this.#asOf) yield hit;
      }
      if (found.length < stepHits) return;
    }
  }

  /** The same from the last one on, backwards. */
  async *hitsBackwards(key: Key, until: number): AsyncGenerator<Hit> {
    let cursor: Cursor = { at: until, position: Infinity };
    for (;;) {
      const hit = await this.#index.findLast(key, cursor);
      this.work += 1;
      if (hit === null) return;
      cursor = hit;
      if (hit.position <= this.#asOf) yield hit;
    }
  }
}
