/** The forests of a broker that shares them with others: each on a log of its own. */
import { randomId } from '../../base/random.ts';
import { resultInSlices } from '../../base/slices.ts';
import { CodecDamage } from '../../codec/damage.ts';
import { encodeSnapshot } from '../../codec/snapshot-encoder.ts';
import { freezeForest } from '../../codec/snapshot-source.ts';
import type { AgreedLogs } from '../../journal/agreed-logs.ts';
import { AgreedRecords } from '../../journal/agreed-records.ts';
import type { RequestKey } from '../../state/command.ts';
import type { ForestState } from '../../state/forest.ts';
import type { ForestChange } from '../../state/forest-change.ts';
import { reject } from '../../state/outcome.ts';
import type { Rejection } from '../../state/outcome.ts';
import { forestHashSteps } from '../../state/state-hash.ts';
import type { Forest, Forests, ForestSettled, UploadKey } from '../forest.ts';
import type { ForestBounds } from '../forest-quota.ts';
import { LiveForest } from '../live-forest.ts';
import type { LiveForestOptions } from '../live-forest.ts';
import { defaultForest, forestMissing } from '../local-forests.ts';
import type { JournalStore } from '../local-forests.ts';
import { decodeChunks } from '../snapshots.ts';
import { ForestsLog } from './forests-log.ts';
import { shareRestored } from './restored-snapshot.ts';
import { startFromSnapshot } from './snapshot-start.ts';
import type { StartProgress } from './start-progress.ts';

export interface AgreedForestsOptions extends Omit<
  LiveForestOptions,
  'name' | 'journal' | 'agreed' | 'onWriteStop' | 'bounds'
> {
  readonly logs: AgreedLogs;
  readonly onProgress: (forest: string, progress: StartProgress) => void;
  /** Told of what failed and will be tried again. */
  readonly onFailure: (error: unknown) => void;
  /** Where this replica keeps what follows from the logs. Whatever is there is thrown away at the start. */
  readonly store: JournalStore;
  readonly onWriteStop: (forest: string, reason: string) => void;
  readonly onFatal: (error: unknown) => void;
  /** What a forest may grow to, as of now. */
  readonly boundsOf?: (forest: string) => ForestBounds;
}

/** The log of forests. No forest has such a name. */
const forestsLogName = 'FORESTS';

export class AgreedForests implements Forests {
  readonly #options: AgreedForestsOptions;
  readonly #forests = new Map<string, LiveForest>();
  readonly #moved = new Map<string, string>();
  readonly #log: ForestsLog;
  /** Logs of forests that were deleted. */
  readonly #gone = new Set<string>();

  private constructor(options: AgreedForestsOptions, log: ForestsLog) {
    this.#options = options;
    this.#log = log;
  }

  /** Makes the forests' states anew from their logs. Resolves when this replica has seen all that is there. */
  static async open(options: AgreedForestsOptions): Promise<AgreedForests> {
    const { logs, store, clock, random, onFatal } = options;
    for (const name of await store.listForests()) await store.deleteForest(name);
    const log = await logs.openLog(forestsLogName);
    const registry = new ForestsLog({
      log,
      clock,
      replica: randomId(random),
      onStart: async (all) => {
        for (const [name, own] of all) await forests.#open(name, own);
      },
      onChange: (kind, name, own) =>
        kind === 'delete' ? forests.#drop(name, own) : forests.#open(name, own),
      onFatal,
    });
    const forests = new AgreedForests(options, registry);
    try {
      await registry.start();
    } catch (error) {
      await forests.#close();
      throw error;
    }
    return forests;
  }

  get moved(): ReadonlyMap<string, string> {
    return this.#moved;
  }

  get(name: string): Forest | Rejection {
    const wanted = name === '' ? defaultForest : name;
    return this.#forests.get(wanted) ?? forestMissing(wanted, this.#moved);
  }

  list(): Forest[] {
    return [...this.#forests.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  upToDate(): Promise<Rejection | null> {
    return this.#log.upToDate();
  }

  create(name: string, request: RequestKey | null): Promise<ForestSettled> {
    return this.#log.propose(changeOf('create', name, request), this.#newLog(name));
  }

  delete(name: string, request: RequestKey | null): Promise<ForestSettled> {
    return this.#log.propose(changeOf('delete', name, request), '');
  }

  async restore(
    name: string,
    chunks: AsyncIterable<Uint8Array>,
    upload: UploadKey | null,
  ): Promise<ForestSettled> {
    const { logs } = this.#options;
    if (upload === null && this.#forests.has(name))
      return {
        outcome: reject('FOREST_EXISTS', `a forest ${name} is there already`, { forest: name }),
        repeated: false,
      };
    const state = await decodeChunks(chunks).catch((error: unknown) => {
      if (error instanceof CodecDamage) return null;
      throw error;
    });
    const request = upload === null ? null : { id: upload.id, fingerprint: await upload.fingerprint() };
    const refused = state === null ? damaged : await this.#unfit(state);
    if (state === null || refused !== null) return { outcome: refused ?? damaged, repeated: false };
    const log = this.#newLog(name);
    // What it begins with is there before anybody hears of it.
    const stateHash = await resultInSlices(forestHashSteps(beginningOf(state)), this.#options.clock);
    await shareRestored(await logs.openObjects(log), stateHash, asyncOf(encodeSnapshot(freezeForest(state))));
    const settled = await this.#log.propose(changeOf('restore', name, request), log);
    if (settled.repeated || isRefused(settled)) await this.#remove(log);
    return settled;
  }

  async close(): Promise<void> {
    await this.#close();
    await this.#options.store.close();
  }

  async #close(): Promise<void> {
    await this.#log.close();
    for (const forest of this.#forests.values()) await forest.close();
    this.#forests.clear();
    await this.#options.logs.close();
  }

  /** Whether what a backup holds is refused by its own schemas. */
  async #unfit({ schemas, root }: ForestState): Promise<Rejection | null> {
    const { judge, clock } = this.#options;
    if (judge === undefined || schemas.isIdle) return null;
    return resultInSlices(judge.restored(schemas, root), clock);
  }

  async #open(name: string, logName: string): Promise<void> {
    const { logs, store, onWriteStop, boundsOf, onProgress, ...common } = this.#options;
    const { onFailure, onFatal } = common;
    const movedTo = await logs.movedTo(logName);
    if (movedTo !== null) {
      this.#moved.set(name, movedTo);
      return;
    }
    const log = await logs.openLog(logName);
    const objects = await logs.openObjects(logName);
    const told = {
      onProgress: (progress: StartProgress) => onProgress(name, progress),
      onFailure,
      onFatal: (error: unknown) => {
        // What belongs to a forest that is gone is gone as well.
        if (!this.#gone.has(logName)) onFatal(error);
      },
    };
    const { journal, shared } = await startFromSnapshot({ forest: name, log, objects, store, ...told });
    const records = new AgreedRecords(journal);
    const forest = await LiveForest.open({
      ...common,
      name,
      journal: records,
      agreed: { log, records, objects, shared, ...told },
      onWriteStop: (reason) => onWriteStop(name, reason),
      bounds: boundsOf === undefined ? undefined : () => boundsOf(name),
    });
    this.#forests.set(name, forest);
  }

  async #drop(name: string, logName: string): Promise<void> {
    const forest = this.#forests.get(name);
    this.#forests.delete(name);
    this.#gone.add(logName);
    forest?.hub.drainAll(reject('FOREST_NOT_FOUND', `the forest ${name} was deleted`, { forest: name }));
    await forest?.close();
    this.#moved.delete(name);
    if (forest !== undefined) await this.#options.store.deleteForest(name);
    // Everybody does: whoever opened it late has made it anew.
    await this.#remove(logName);
  }

  async #remove(logName: string): Promise<void> {
    await this.#options.logs.remove(logName).catch(this.#options.onFailure);
  }

  /** Names of forests have no capitals, so no forest's log has the name of another's. */
  #newLog(forest: string): string {
    return `${forest}-X${randomId(this.#options.random)}`;
  }
}

const damaged = reject('BACKUP_DAMAGED', 'the backup is damaged or incomplete; nothing was restored');

function changeOf(kind: ForestChange['kind'], forest: string, request: RequestKey | null): ForestChange {
  return { kind, forest, request: request ?? { id: '', fingerprint: 0 } };
}

/** A new journal begins behind the restored state: what came before is not in it. */
function beginningOf(state: ForestState): ForestState {
  state.position = 0;
  state.compactedRevision = state.revision;
  return state;
}

function isRefused({ outcome }: ForestSettled): boolean {
  return outcome.kind === 'rejected';
}

async function* asyncOf<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}
