/** All forests of one broker, each on a journal of its own. */
import type { Clock } from '../base/clock.ts';
import { forestsMax } from '../base/limits.ts';
import type { Random } from '../base/random.ts';
import { CodecDamage } from '../codec/damage.ts';
import { encodeSnapshot } from '../codec/snapshot-encoder.ts';
import { freezeForest } from '../codec/snapshot-source.ts';
import { JournalFailure } from '../journal/journal.ts';
import type { Journal, JournalBase } from '../journal/journal.ts';
import type { Meters } from '../meters/meters.ts';
import type { IndexSizes } from '../provenance/index-runs.ts';
import type { RequestKey } from '../state/command.ts';
import type { ForestState } from '../state/forest.ts';
import type { ForestChange } from '../state/forest-change.ts';
import type { LiveJudge } from '../state/schemas/judge.ts';
import { reject } from '../state/outcome.ts';
import type { Rejection } from '../state/outcome.ts';
import type { DiskRoom } from './disk-room.ts';
import type { ForestBounds } from './forest-quota.ts';
import type { Tracing } from '../tracing/tracing.ts';
import type { Forest, Forests, ForestSettled, UploadKey } from './forest.ts';
import { ForestRegistry } from './forest-registry.ts';
import { LiveForest } from './live-forest.ts';
import { resultInSlices } from '../base/slices.ts';
import { decodeChunks } from './snapshots.ts';

/** Where journals come from: a data folder, or memory. */
export interface JournalStore {
  listForests(): Promise<readonly string[]>;
  /** Makes a forest that is empty, or begins behind `base`. */
  createForest(name: string, base?: JournalBase | null): Promise<void>;
  openForest(name: string): Promise<Journal>;
  /** Closes a forest's journal, so that it can be opened again. */
  closeForest(name: string): Promise<void>;
  deleteForest(name: string): Promise<void>;
  /** Where forests that were moved elsewhere went to, by name; absent where none can be. */
  movedForests?(): Promise<ReadonlyMap<string, string>>;
  /** Bytes that are free on the disk; absent where there is no disk. */
  freeBytes?(): Promise<number>;
  /** The journal of what came of requests about forests. */
  openRegistry(): Promise<Journal>;
  close(): Promise<void>;
}

export interface LocalForestsOptions {
  readonly store: JournalStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly snapshotJournalBytes: number;
  /** Told when a forest can take no more writes, or, under {@link registryName}, the registry. */
  readonly onWriteStop: (forest: string, reason: string) => void;
  /** Says what values fit their schemas. Without it every value does. */
  readonly judge?: LiveJudge;
  /** Counts what agents publish and read. Without it nothing is counted. */
  readonly meters?: Meters;
  /** Gets spans of the way that writes take. Without it there are none. */
  readonly tracing?: Tracing;
  /** Told how long it took until a command that waited for the disk was durable. */
  readonly onWritten?: (durationMs: number) => void;
  /** What is known of the disk. Without it only journals say that it is full. */
  readonly diskRoom?: DiskRoom;
  /** What a forest may grow to, as of now. Default: as much as there is room for. */
  readonly boundsOf?: (forest: string) => ForestBounds;
  /** Runs what nobody waits for behind the answers of this turn of the event loop. Default: at once. */
  readonly behindAnswers?: (work: () => void) => void;
  /** How large the parts of provenance indexes are. Default: as fits millions of entries. */
  readonly indexSizes?: IndexSizes;
}

/** The forest that exists from the start. */
export const defaultForest = 'default';
/** Stands for the registry where a forest is named; no forest can have a name with spaces. */
export const registryName = 'registry of forests';

export class LocalForests implements Forests {
  readonly #options: LocalForestsOptions;
  readonly #registry: ForestRegistry;
  readonly #forests = new Map<string, LiveForest>();
  readonly moved: ReadonlyMap<string, string>;
  /** Forests come and go one at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    options: LocalForestsOptions,
    registry: ForestRegistry,
    moved: ReadonlyMap<string, string>,
  ) {
    this.#options = options;
    this.#registry = registry;
    this.moved = moved;
  }

  /** Opens every forest, after what a crash left half done, and makes the default one in a new store. */
  static async open(options: LocalForestsOptions): Promise<LocalForests> {
    const { store, clock, onWriteStop } = options;
    const tell = (reason: string): void => onWriteStop(registryName, reason);
    const registry = await ForestRegistry.open(await store.openRegistry(), clock, tell);
    const moved = (await store.movedForests?.()) ?? new Map<string, string>();
    const forests = new LocalForests(options, registry, moved);
    await forests.#finish();
    // An empty one in place of one that has gone would be written to as if it were that.
    if (!moved.has(defaultForest) && !(await store.listForests()).includes(defaultForest))
      await store.createForest(defaultForest);
    for (const name of await store.listForests()) {
      if (!forests.#forests.has(name)) await forests.#open(name);
    }
    return forests;
  }

  get(name: string): Forest | Rejection {
    const wanted = name === '' ? defaultForest : name;
    return this.#forests.get(wanted) ?? forestMissing(wanted, this.moved);
  }

  list(): Forest[] {
    return [...this.#forests.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  create(name: string, request: RequestKey | null): Promise<ForestSettled> {
    return this.#change({ kind: 'create', forest: name }, request, {
      refusal: () => (this.#forests.has(name) ? forestExists(name) : this.#full()),
      carryOut: async () => {
        await this.#make(name);
        await this.#open(name);
      },
    });
  }

  delete(name: string, request: RequestKey | null): Promise<ForestSettled> {
    return this.#change({ kind: 'delete', forest: name }, request, {
      refusal: () => {
        if (name === defaultForest) return reject('FOREST_PROTECTED', 'the default forest cannot be deleted');
        if (this.#forests.has(name)) return null;
        return reject('FOREST_NOT_FOUND', `there is no forest ${name}`, { forest: name });
      },
      carryOut: async () => {
        const forest = this.#forests.get(name);
        this.#forests.delete(name);
        forest?.hub.drainAll(reject('FOREST_NOT_FOUND', `the forest ${name} was deleted`, { forest: name }));
        await forest?.close();
        await this.#options.store.deleteForest(name);
      },
    });
  }

  async restore(
    name: string,
    chunks: AsyncIterable<Uint8Array>,
    upload: UploadKey | null,
  ): Promise<ForestSettled> {
    if (upload === null && this.#isInUse(name)) return { outcome: forestExists(name), repeated: false };
    // An upload takes as long as it takes; other forests come and go meanwhile.
    const state = await decodeChunks(chunks).catch((error: unknown) => {
      if (error instanceof CodecDamage) return null;
      throw error;
    });
    const unfit = state === null ? null : await this.#unfit(state);
    const request = upload === null ? null : { id: upload.id, fingerprint: await upload.fingerprint() };
    return this.#change({ kind: 'restore', forest: name }, request, {
      refusal: () => {
        if (state === null)
          return reject('BACKUP_DAMAGED', 'the backup is damaged or incomplete; nothing was restored');
        if (this.#isInUse(name)) return forestExists(name);
        if (unfit !== null) return unfit;
        return this.#forests.has(name) ? this.#diskRefusal : this.#full();
      },
      carryOut: async () => {
        if (state !== null) await this.#restoreState(name, state);
      },
    });
  }

  /** Whether what a backup holds is refused by its own schemas. */
  async #unfit({ schemas, root }: ForestState): Promise<Rejection | null> {
    const { judge, clock } = this.#options;
    if (judge === undefined || schemas.isIdle) return null;
    return resultInSlices(judge.restored(schemas, root), clock);
  }

  async close(): Promise<void> {
    await this.#inTurn(async () => {
      for (const forest of this.#forests.values()) await forest.close();
      this.#forests.clear();
      await this.#options.store.close();
    });
  }

  /** One change at a time: refused, repeated, or decided and carried out. */
  #change(
    change: Omit<ForestChange, 'request'>,
    request: RequestKey | null,
    steps: { readonly refusal: () => Rejection | null; readonly carryOut: () => Promise<void> },
  ): Promise<ForestSettled> {
    const registry = this.#registry;
    return this.#inTurn(async () => {
      try {
        await this.#finish();
        const known = request === null ? null : registry.find(request);
        if (known !== null) return { outcome: known, repeated: true };
        const refused = steps.refusal();
        const outcome = refused ?? { kind: done[change.kind], forest: change.forest };
        if (refused === null && request !== null) await registry.decide({ ...change, request });
        if (refused === null) await steps.carryOut();
        if (request !== null) await registry.answer(request, outcome);
        return { outcome, repeated: false };
      } catch (error) {
        return { outcome: unavailable(error), repeated: false };
      }
    });
  }

  /**
   * Finishes what was decided and then cut short, by a crash or by the disk: as far as it went, it stands. Only a forest that
   * was to be restored and holds nothing yet is left as it is, because its backup must come again.
   */
  async #finish(): Promise<void> {
    const change = this.#registry.openChange;
    if (change === null) return;
    const { kind, forest, request } = change;
    const { store } = this.#options;
    const isThere = (await store.listForests()).includes(forest);
    if (kind === 'delete' && isThere) await store.deleteForest(forest);
    if (kind === 'create' && !isThere) await store.createForest(forest);
    if (kind !== 'delete' && !this.#forests.has(forest) && (isThere || kind === 'create'))
      await this.#open(forest);
    if (kind === 'restore' && !this.#isInUse(forest)) await this.#registry.withdraw(change);
    else await this.#registry.answer(request, { kind: done[kind], forest });
  }

  async #restoreState(name: string, state: ForestState): Promise<void> {
    const old = this.#forests.get(name);
    // The new journal begins behind the restored state: what came before is not in it.
    state.position = 0;
    state.compactedRevision = state.revision;
    if (old === undefined) await this.#make(name);
    else await this.#close(old);
    const journal = await this.#options.store.openForest(name);
    try {
      await journal.saveSnapshot(0, asyncOf(encodeSnapshot(freezeForest(state))));
    } catch (error) {
      await this.#options.store.closeForest(name);
      throw error;
    }
    await this.#openOn(name, journal);
  }

  /** Makes a forest, unless an attempt that failed behind its rename has made it. */
  async #make(name: string): Promise<void> {
    const { store } = this.#options;
    if (!(await store.listForests()).includes(name)) await store.createForest(name);
  }

  async #open(name: string): Promise<LiveForest> {
    return this.#openOn(name, await this.#options.store.openForest(name));
  }

  async #openOn(name: string, journal: Journal): Promise<LiveForest> {
    // The rest is for each forest as it is for all of them.
    const { store: _store, onWriteStop, boundsOf, ...rest } = this.#options;
    const tell = (reason: string): void => onWriteStop(name, reason);
    const bounds = boundsOf === undefined ? undefined : (): ForestBounds => boundsOf(name);
    const options = { ...rest, name, journal, onWriteStop: tell, bounds };
    try {
      const forest = await LiveForest.open(options);
      this.#forests.set(name, forest);
      return forest;
    } catch (error) {
      // Else whoever tries again would find it open.
      await this.#options.store.closeForest(name);
      throw error;
    }
  }

  async #close(forest: LiveForest): Promise<void> {
    forest.hub.drainAll(reject('NOT_SERVING', `the forest ${forest.name} is being restored`));
    this.#forests.delete(forest.name);
    await forest.close();
    await this.#options.store.closeForest(forest.name);
  }

  get #diskRefusal(): Rejection | null {
    return this.#options.diskRoom?.refusal(false) ?? null;
  }

  #full(): Rejection | null {
    if (this.#forests.size < forestsMax) return this.#diskRefusal;
    const metadata = { limit: 'forestsMax', maximum: forestsMax };
    return reject('QUOTA_EXCEEDED', `a broker may have ${forestsMax} forests`, metadata);
  }

  /** There is a forest of that name with something in it. */
  #isInUse(name: string): boolean {
    const status = this.#forests.get(name)?.status;
    return status !== undefined && (status.position > 0 || status.revision > 0);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

const done = { create: 'forest_created', delete: 'forest_deleted', restore: 'forest_restored' } as const;

/** Says where it went, where it did. */
export function forestMissing(forest: string, moved: ReadonlyMap<string, string>): Rejection {
  const to = moved.get(forest);
  if (to === undefined) return reject('FOREST_NOT_FOUND', `there is no forest ${forest}`, { forest });
  return reject('FOREST_NOT_FOUND', `the forest ${forest} was moved to ${to}`, { forest, moved_to: to });
}

function forestExists(name: string): Rejection {
  return reject('FOREST_EXISTS', `a forest ${name} is there already`, { forest: name });
}

/** The disk failed or is full. Whatever else went wrong is our own mistake. */
function unavailable(error: unknown): Rejection {
  const isDisk = error instanceof JournalFailure || (error instanceof Error && isErrorNumber(error));
  if (!isDisk) throw error;
  const message = `the disk failed: ${error.message}. Whether this took effect is known after a restart; repeat it then`;
  return reject('JOURNAL_UNAVAILABLE', message, { cause: error.message });
}

/** `ENOSPC` and the like, not Node's `ERR_…`. */
function isErrorNumber(error: Error & { readonly code?: unknown }): boolean {
  return typeof error.code === 'string' && /^E[A-Z0-9]+$/.test(error.code);
}

async function* asyncOf<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}
