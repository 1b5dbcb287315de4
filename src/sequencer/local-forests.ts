/** All forests of one broker, each on a journal of its own. */
import type { Clock } from '../base/clock.ts';
import { forestsMax } from '../base/limits.ts';
import type { Random } from '../base/random.ts';
import { CodecDamage } from '../codec/damage.ts';
import { encodeSnapshot } from '../codec/snapshot-encoder.ts';
import { freezeForest } from '../codec/snapshot-source.ts';
import type { Journal } from '../journal/journal.ts';
import { reject } from '../state/outcome.ts';
import type { Rejection } from '../state/outcome.ts';
import type { Forest, Forests } from './forest.ts';
import { LiveForest } from './live-forest.ts';
import { decodeChunks } from './snapshots.ts';

/** Where journals come from: a data folder, or memory. */
export interface JournalStore {
  listForests(): Promise<readonly string[]>;
  createForest(name: string): Promise<void>;
  openForest(name: string): Promise<Journal>;
  /** Closes a forest's journal, so that it can be opened again. */
  closeForest(name: string): Promise<void>;
  deleteForest(name: string): Promise<void>;
  close(): Promise<void>;
}

export interface LocalForestsOptions {
  readonly store: JournalStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly snapshotJournalBytes: number;
  /** Told when a forest can take no more writes. */
  readonly onWriteStop: (forest: string, reason: string) => void;
}

/** The forest that exists from the start. */
export const defaultForest = 'default';

export class LocalForests implements Forests {
  readonly #options: LocalForestsOptions;
  readonly #forests = new Map<string, LiveForest>();
  /** Forests come and go one at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(options: LocalForestsOptions) {
    this.#options = options;
  }

  /** Opens every forest, and makes the default one in a new store. */
  static async open(options: LocalForestsOptions): Promise<LocalForests> {
    const forests = new LocalForests(options);
    const names = await options.store.listForests();
    if (!names.includes(defaultForest)) await options.store.createForest(defaultForest);
    for (const name of new Set([defaultForest, ...names])) await forests.#open(name);
    return forests;
  }

  get(name: string): Forest | Rejection {
    const wanted = name === '' ? defaultForest : name;
    return (
      this.#forests.get(wanted) ??
      reject('FOREST_NOT_FOUND', `there is no forest ${wanted}`, { forest: wanted })
    );
  }

  list(): Forest[] {
    return [...this.#forests.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  create(name: string): Promise<Forest | Rejection> {
    return this.#inTurn(async () => {
      if (this.#forests.has(name)) return this.#exists(name);
      const full = this.#full();
      if (full !== null) return full;
      await this.#options.store.createForest(name);
      return this.#open(name);
    });
  }

  delete(name: string): Promise<Rejection | null> {
    return this.#inTurn(async () => {
      if (name === defaultForest) return reject('FOREST_PROTECTED', 'the default forest cannot be deleted');
      const forest = this.#forests.get(name);
      if (forest === undefined)
        return reject('FOREST_NOT_FOUND', `there is no forest ${name}`, { forest: name });
      this.#forests.delete(name);
      forest.hub.drainAll(reject('FOREST_NOT_FOUND', `the forest ${name} was deleted`, { forest: name }));
      await forest.close();
      await this.#options.store.deleteForest(name);
      return null;
    });
  }

  async restore(name: string, chunks: AsyncIterable<Uint8Array>): Promise<Forest | Rejection> {
    if (this.#isInUse(name)) return this.#exists(name);
    // An upload takes as long as it takes; other forests come and go meanwhile.
    const state = await decodeChunks(chunks).catch((error: unknown) => {
      if (error instanceof CodecDamage) return null;
      throw error;
    });
    if (state === null) {
      return reject('BACKUP_DAMAGED', 'the backup is damaged or incomplete; nothing was restored');
    }
    return this.#inTurn(async () => {
      if (this.#isInUse(name)) return this.#exists(name);
      const old = this.#forests.get(name);
      // The new journal begins behind the restored state: what came before is not in it.
      state.position = 0;
      state.compactedRevision = state.revision;
      const full = old === undefined ? this.#full() : null;
      if (full !== null) return full;
      if (old === undefined) await this.#options.store.createForest(name);
      else await this.#close(old);
      const journal = await this.#options.store.openForest(name);
      await journal.saveSnapshot(0, asyncOf(encodeSnapshot(freezeForest(state))));
      return this.#openOn(name, journal);
    });
  }

  async close(): Promise<void> {
    await this.#inTurn(async () => {
      for (const forest of this.#forests.values()) await forest.close();
      this.#forests.clear();
      await this.#options.store.close();
    });
  }

  async #open(name: string): Promise<LiveForest> {
    return this.#openOn(name, await this.#options.store.openForest(name));
  }

  async #openOn(name: string, journal: Journal): Promise<LiveForest> {
    const { clock, random, snapshotJournalBytes, onWriteStop } = this.#options;
    const tell = (reason: string): void => onWriteStop(name, reason);
    const forest = await LiveForest.open({
      name,
      journal,
      clock,
      random,
      snapshotJournalBytes,
      onWriteStop: tell,
    });
    this.#forests.set(name, forest);
    return forest;
  }

  async #close(forest: LiveForest): Promise<void> {
    forest.hub.drainAll(reject('NOT_SERVING', `the forest ${forest.name} is being restored`));
    this.#forests.delete(forest.name);
    await forest.close();
    await this.#options.store.closeForest(forest.name);
  }

  #full(): Rejection | null {
    if (this.#forests.size < forestsMax) return null;
    const metadata = { limit: 'forestsMax', maximum: forestsMax };
    return reject('QUOTA_EXCEEDED', `a broker may have ${forestsMax} forests`, metadata);
  }

  /** There is a forest of that name with something in it. */
  #isInUse(name: string): boolean {
    const status = this.#forests.get(name)?.status;
    return status !== undefined && (status.position > 0 || status.revision > 0);
  }

  #exists(name: string): Rejection {
    return reject('FOREST_EXISTS', `a forest ${name} is there already`, { forest: name });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

async function* asyncOf<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}
