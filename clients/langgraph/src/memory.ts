/**
 * What a saver remembers of threads: nothing that it could not read again. Values and lists never change within one incarnation of a thread, so
 * they are kept under its number; heads and records hold until somebody else's write is noticed.
 */
import type { KnownItem } from './lists.ts';
import { cachedCharactersMax, threadsKeptMax } from './limits.ts';
import { Lru } from './lru.ts';
import type { CheckpointRecord, Head } from './record.ts';

/** A head as it was read or written, and at which revision: the next put expects that. */
export interface KnownHead {
  readonly revision: number;
  readonly head: Head;
}

/** One namespace. */
export interface Space {
  /** `null`: there is none. `undefined`: not known. */
  head: KnownHead | null | undefined;
  /**
   * Of the newest checkpoints, as long as no head was seen that this saver has not written. Of one that it has written only `versions` and
   * `channels` may be used, since the rest is the run's: whoever reads a checkpoint reads its record anew.
   */
  readonly records: Map<string, CheckpointRecord>;
}

/** One thread in one incarnation. */
export class ThreadMemory {
  /** The revision of `T/swept`; 0 where there is none, `undefined` where that is not known. */
  readonly incarnation: number | undefined;
  /** Digests of texts and bytes that lie in the thread. */
  readonly stored = new Set<string>();
  /** Of those that are on their way: the publish that brings them. */
  readonly coming = new Map<string, Promise<unknown>>();
  readonly spaces = new Map<string, Space>();

  constructor(incarnation: number | undefined) {
    this.incarnation = incarnation;
  }

  space(path: string): Space {
    const known = this.spaces.get(path);
    if (known !== undefined) return known;
    const space: Space = { head: undefined, records: new Map() };
    this.spaces.set(path, space);
    return space;
  }
}

/** A list as far as it is known, by index. */
export type KnownList = (KnownItem | undefined)[];

type Cached =
  | { readonly kind: 'value'; readonly text: string }
  | { readonly kind: 'list'; readonly items: KnownList }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

const recordsKeptMax = 64;

export class Memory {
  readonly #threads = new Lru<ThreadMemory>(threadsKeptMax);
  readonly #cache = new Lru<Cached>(cachedCharactersMax);

  thread(path: string): ThreadMemory {
    return this.#threads.get(path) ?? this.#begin(path, undefined);
  }

  /** Everything about the thread is forgotten. */
  forget(path: string): void {
    this.#threads.delete(path);
  }

  /** What is known of the thread, after its incarnation was read: nothing, where it is another one than before. */
  inIncarnation(path: string, incarnation: number): ThreadMemory {
    const known = this.thread(path);
    return known.incarnation === incarnation ? known : this.#begin(path, incarnation);
  }

  #begin(path: string, incarnation: number | undefined): ThreadMemory {
    const thread = new ThreadMemory(incarnation);
    this.#threads.set(path, thread, 1);
    return thread;
  }

  noteRecord(space: Space, id: string, record: CheckpointRecord): void {
    space.records.delete(id);
    space.records.set(id, record);
    for (const oldest of space.records.keys()) {
      if (space.records.size <= recordsKeptMax) return;
      space.records.delete(oldest);
    }
  }

  /** A head was read. If this saver has not written it, records may have been replaced. */
  noteHead(space: Space, known: KnownHead | null): void {
    if (space.head?.revision !== known?.revision) space.records.clear();
    space.head = known;
  }

  value(path: string, thread: ThreadMemory): string | undefined {
    const cached = this.#cache.get(`v${thread.incarnation}${path}`);
    return cached?.kind === 'value' ? cached.text : undefined;
  }

  noteValue(path: string, thread: ThreadMemory, text: string): void {
    this.#cache.set(`v${thread.incarnation}${path}`, { kind: 'value', text }, path.length + text.length);
  }

  list(path: string, thread: ThreadMemory): KnownList {
    const cached = this.#cache.get(`l${thread.incarnation}${path}`);
    return cached?.kind === 'list' ? cached.items : [];
  }

  noteList(path: string, thread: ThreadMemory, items: KnownList): void {
    this.#cache.set(`l${thread.incarnation}${path}`, { kind: 'list', items }, path.length + costOf(items));
  }

  /** Items were added to a list, from `start` on. */
  noteGrown(path: string, thread: ThreadMemory, start: number, added: readonly KnownItem[]): void {
    const key = `l${thread.incarnation}${path}`;
    const cached = this.#cache.get(key);
    if (cached?.kind !== 'list') {
      const items: KnownList = [];
      for (const [index, item] of added.entries()) items[start + index] = item;
      this.noteList(path, thread, items);
      return;
    }
    for (const [index, item] of added.entries()) cached.items[start + index] = item;
    this.#cache.grow(key, costOf(added));
  }

  text(digest: string): string | undefined {
    const cached = this.#cache.get(`t${digest}`);
    return cached?.kind === 'text' ? cached.text : undefined;
  }

  noteText(digest: string, text: string): void {
    this.#cache.set(`t${digest}`, { kind: 'text', text }, digest.length + text.length);
  }

  bytes(digest: string): Uint8Array | undefined {
    const cached = this.#cache.get(`b${digest}`);
    return cached?.kind === 'bytes' ? cached.bytes : undefined;
  }

  noteBytes(digest: string, bytes: Uint8Array): void {
    this.#cache.set(`b${digest}`, { kind: 'bytes', bytes }, digest.length + bytes.length);
  }
}

function costOf(items: KnownList | readonly KnownItem[]): number {
  let cost = 0;
  // Read values hold their texts once more.
  for (const item of items) cost += (item?.stored.length ?? 0) + 1_024 * (item?.digests?.length ?? 0) + 64;
  return cost;
}
