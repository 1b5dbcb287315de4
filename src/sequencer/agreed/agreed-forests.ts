/** The forests of a broker that shares them with others: each on a log of its own. */
import { pause } from '../../base/clock.ts';
import { appendPauseMs, formatAskMs, formatSilenceMs } from '../../base/limits.ts';
import { randomId } from '../../base/random.ts';
import { resultInSlices } from '../../base/slices.ts';
import { CodecDamage } from '../../codec/damage.ts';
import { encodeSnapshot } from '../../codec/snapshot-encoder.ts';
import { freezeForest } from '../../codec/snapshot-source.ts';
import type { AgreedLogs } from '../../journal/agreed-logs.ts';
import { JournalDamage } from '../../journal/journal.ts';
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
import { away } from './log-refusals.ts';
import { openForest } from './opened-forest.ts';
import type { OpenedForestOptions } from './opened-forest.ts';
import { forestInUse } from './restore-turns.ts';
import type { RestoredPlace, RestoreTurns } from './restore-turns.ts';
import { firstNames, namesInto, removeRestored, shareRestored } from './restored-snapshot.ts';
import type { RestoredNames } from './restored-snapshot.ts';
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
  /** The log of each forest that was opened, and how to restore into it. */
  readonly #logNames = new Map<string, string>();
  readonly #restores = new Map<string, RestoreTurns>();
  /** Forests that were just restored, until they are open again. */
  readonly #reopening = new Map<string, Promise<void>>();
  /** Logs of forests that were deleted. */
  readonly #gone = new Set<string>();
  #isClosed = false;

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
    if (this.#reopening.has(wanted)) return away('the forest was just restored', false);
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
    const known = this.#forests.get(name);
    if (upload === null && known !== undefined && isInUse(known))
      return { outcome: forestInUse(name), repeated: false };
    const state = await decodeChunks(chunks).catch((error: unknown) => {
      if (error instanceof CodecDamage) return null;
      throw error;
    });
    const request = upload === null ? null : { id: upload.id, fingerprint: await upload.fingerprint() };
    const refused = state === null ? damaged : await this.#unfit(state);
    if (state === null || refused !== null) return { outcome: refused ?? damaged, repeated: false };
    if (this.#restores.has(name)) return this.#restoreInto(name, state, request);
    const log = this.#newLog(name);
    // What it begins with is there before anybody hears of it.
    const failed = await this.#share(log, firstNames, state);
    if (failed !== null) return { outcome: failed, repeated: false };
    const settled = await this.#log.propose(changeOf('restore', name, request), log);
    if (isOfNoUse(settled)) await this.#remove(log);
    return settled;
  }

  /** Into a forest that is there, and has to be empty. */
  async #restoreInto(name: string, state: ForestState, request: RequestKey | null): Promise<ForestSettled> {
    const answered = await this.#answered(name, request);
    if (answered !== null) return answered;
    const { logs, random, clock, onFailure } = this.#options;
    const log = this.#logNames.get(name) ?? '';
    const names = namesInto(randomId(random));
    const failed = await this.#share(log, names, state);
    if (failed !== null) return { outcome: failed, repeated: false };
    const endMs = clock.monotonicMs() + formatAskMs + formatSilenceMs;
    while (this.#restores.get(name)?.isKnown === false && clock.monotonicMs() < endMs)
      await pause(clock, appendPauseMs);
    const from = { object: names.whole, request: request ?? noRequest };
    const settled = (await this.#restores.get(name)?.ask(from)) ?? missing(name);
    // What may still come to be is left to the next snapshots.
    if (isOfNoUse(settled)) await removeRestored(await logs.openObjects(log), names).catch(onFailure);
    await this.#reopening.get(name);
    return settled;
  }

  /** What came of a request for a forest that is there, or why it cannot be restored into; `null`: it can be tried. */
  async #answered(name: string, request: RequestKey | null): Promise<ForestSettled | null> {
    const refused = await this.#log.upToDate();
    if (refused !== null) return { outcome: refused, repeated: false };
    const first = this.#log.answerTo(request);
    // That a forest was there says nothing of what was in it.
    const isThere = first?.outcome.kind === 'rejected' && first.outcome.reason === 'FOREST_EXISTS';
    if (first !== null && !isThere) return first;
    const forest = this.get(name);
    if ('reason' in forest) return { outcome: forest, repeated: false };
    const isAway = await forest.upToDate(Infinity);
    if (isAway !== null) return { outcome: isAway, repeated: false };
    const answered = this.#restores.get(name)?.answerTo(request) ?? null;
    return answered ?? (isInUse(forest) ? { outcome: forestInUse(name), repeated: false } : null);
  }

  /** Stores a state as what a forest begins with; returns why it could not be stored, or `null`. */
  async #share(log: string, names: RestoredNames, state: ForestState): Promise<Rejection | null> {
    const { logs, clock, onFailure } = this.#options;
    const stateHash = await resultInSlices(forestHashSteps(beginningOf(state)), clock);
    try {
      const chunks = asyncOf(encodeSnapshot(freezeForest(state)));
      await shareRestored(await logs.openObjects(log), names, stateHash, chunks);
      return null;
    } catch (error) {
      onFailure(error);
      return away(error instanceof Error ? error.message : String(error), false);
    }
  }

  async close(): Promise<void> {
    await this.#close();
    await this.#options.store.close();
  }

  async #close(): Promise<void> {
    this.#isClosed = true;
    await this.#log.close();
    await Promise.all(this.#reopening.values());
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

  async #open(name: string, logName: string, place: RestoredPlace | null = null): Promise<void> {
    const { logs, store, onWriteStop, boundsOf, onProgress, ...common } = this.#options;
    const { onFailure, onFatal } = common;
    const movedTo = await logs.movedTo(logName);
    if (movedTo !== null) {
      this.#moved.set(name, movedTo);
      return;
    }
    const log = await logs.openLog(logName);
    const objects = await logs.openObjects(logName);
    this.#logNames.set(name, logName);
    const told = {
      onProgress: (progress: StartProgress) => onProgress(name, progress),
      onFailure,
      onFatal: (error: unknown) => {
        // What belongs to a forest that is gone is gone as well.
        if (!this.#gone.has(logName)) onFatal(error);
      },
    };
    const open: OpenedForestOptions['open'] = async ({ journal, shared }, onRestored) => {
      const records = new AgreedRecords(journal);
      const onRestores = (restores: RestoreTurns): void => void this.#restores.set(name, restores);
      // A forest closes its log.
      const own = await logs.openLog(logName);
      return LiveForest.open({
        ...common,
        name,
        journal: records,
        agreed: {
          log: own,
          records,
          objects,
          shared,
          knownByAll: this.#log.format,
          ...told,
          onRestored,
          onRestores,
        },
        onWriteStop: (reason) => onWriteStop(name, reason),
        bounds: boundsOf === undefined ? undefined : () => boundsOf(name),
      });
    };
    const onRestored = (forest: LiveForest, next: RestoredPlace): void =>
      this.#beginAnew(forest, logName, next);
    const forest = await openForest({
      ...{ forest: name, log, objects, store, place, ...told, open, onRestored },
    });
    this.#forests.set(name, forest);
  }

  /** Closes a forest that was just restored, and opens it anew. Nobody gets it meanwhile. */
  #beginAnew(forest: LiveForest, logName: string, place: RestoredPlace): void {
    const { name } = forest;
    forest.hub.drainAll(reject('NOT_SERVING', `the forest ${name} was just restored`));
    const reopened = forest
      .close()
      .then(() => this.#reopen(name, logName, place))
      .catch((error: unknown) => {
        if (!this.#gone.has(logName)) this.#options.onFatal(error);
      })
      .finally(() => {
        // It is gone, or the broker stops.
        if (this.#forests.get(name) === forest) this.#forests.delete(name);
        if (this.#reopening.get(name) === reopened) this.#reopening.delete(name);
      });
    this.#reopening.set(name, reopened);
  }

  /** Tries until it is open, is deleted, or the broker stops: NATS may be away. */
  async #reopen(name: string, logName: string, place: RestoredPlace): Promise<void> {
    const { store, onFailure, clock } = this.#options;
    for (let from: RestoredPlace | null = place; !this.#isClosed && !this.#gone.has(logName);) {
      if ((await store.listForests()).includes(name)) await store.deleteForest(name);
      try {
        await this.#open(name, logName, from);
        return;
      } catch (error) {
        if (error instanceof CodecDamage || error instanceof JournalDamage) throw error;
        onFailure(error);
        // What it began with goes once newer snapshots are there.
        from = null;
        await pause(clock, appendPauseMs);
      }
    }
  }

  async #drop(name: string, logName: string): Promise<void> {
    this.#gone.add(logName);
    await this.#reopening.get(name);
    const forest = this.#forests.get(name);
    this.#forests.delete(name);
    forest?.hub.drainAll(reject('FOREST_NOT_FOUND', `the forest ${name} was deleted`, { forest: name }));
    this.#restores.delete(name);
    this.#logNames.delete(name);
    await forest?.close();
    this.#moved.delete(name);
    const { store } = this.#options;
    if ((await store.listForests()).includes(name)) await store.deleteForest(name);
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

const noRequest: RequestKey = { id: '', fingerprint: 0 };

function changeOf(kind: ForestChange['kind'], forest: string, request: RequestKey | null): ForestChange {
  return { kind, forest, request: request ?? noRequest };
}

/** A new journal begins behind the restored state: what came before is not in it. */
function beginningOf(state: ForestState): ForestState {
  state.position = 0;
  state.compactedRevision = state.revision;
  return state;
}

function isInUse({ status }: Pick<Forest, 'status'>): boolean {
  return status.position > 0 || status.revision > 0;
}

function missing(forest: string): ForestSettled {
  return { outcome: forestMissing(forest, new Map()), repeated: false };
}

/** Whether nothing will come of what was stored for a restore. Where the journal is away, its entry may still be agreed on. */
function isOfNoUse({ outcome, repeated }: ForestSettled): boolean {
  return repeated || (outcome.kind === 'rejected' && outcome.reason !== 'JOURNAL_UNAVAILABLE');
}

async function* asyncOf<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}
