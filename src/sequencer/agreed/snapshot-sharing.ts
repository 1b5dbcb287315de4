/**
 * Snapshots of a forest that several brokers share:
 *
 *   mark in the log → every replica keeps the state there, and its hash
 *                   → the mark's own replica stores it, and the records since the one before, as objects, reads them back, and says so in the log
 *                   → every replica compares hashes; the storing one removes what is older than the last two, and cuts the log behind the older of these
 *
 * Whatever ends before it is said in the log leaves objects that nobody refers to: the next one removes them. One mark counts at a time, and nothing is
 * removed or cut but by whoever's snapshot was accepted in the log; so two brokers at once, or one that comes back after a long while, are harmless.
 */
import type { Clock } from '../../base/clock.ts';
import { resultInSlices } from '../../base/slices.ts';
import type { SnapshotTaken } from '../../codec/agreed-entry.ts';
import type { Formats } from '../../codec/agreed-format.ts';
import { decodeSharedSnapshot, encodeSharedSnapshot } from '../../codec/shared-snapshot.ts';
import type { LogTableContent, Part, SharedSnapshot } from '../../codec/shared-snapshot.ts';
import type { AgreedLog } from '../../journal/agreed-log.ts';
import type { AgreedObjects } from '../../journal/agreed-objects.ts';
import { JournalDamage } from '../../journal/journal.ts';
import type { Journal } from '../../journal/journal.ts';
import type { Provenance } from '../../provenance/provenance.ts';
import { newestRetained } from '../../provenance/retained.ts';
import type { ForestState } from '../../state/forest.ts';
import type { Root } from '../../state/ghosts/ghost.ts';
import { forestHashSteps } from '../../state/state-hash.ts';
import type { History } from '../history.ts';
import type { RetainedHistory } from '../retained-history.ts';
import { encodeInSlices } from '../snapshots.ts';
import { releasable } from './history-release.ts';
import type { LogTable } from './log-table.ts';
import { putChunks, putRecords } from './snapshot-parts.ts';

export interface SnapshotSharingOptions {
  readonly clock: Clock;
  readonly log: AgreedLog;
  readonly objects: AgreedObjects;
  readonly journal: Journal;
  readonly state: ForestState;
  readonly table: LogTable;
  readonly history: History;
  readonly retained: RetainedHistory;
  readonly provenance: Provenance;
  /** The name of this replica. */
  readonly replica: string;
  /** The position that the shared history begins behind. */
  readonly basePosition: number;
  /** What this broker knows. Default: what it does. */
  readonly formats?: Formats | undefined;
  /** Puts into the log that a snapshot is there. */
  readonly announce: (taken: SnapshotTaken) => void;
  readonly onFatal: (error: unknown) => void;
  /** Told of what failed and will be tried again. */
  readonly onFailure: (error: unknown) => void;
}

/** The state at a mark. */
interface Kept {
  readonly sequence: number;
  readonly position: number;
  readonly compactedRevision: number;
  /** Of the revision that history was given up below, if it is in memory. */
  readonly root: Root | undefined;
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly hashing: Generator<void, string>;
  /** `null`: another replica shares it. */
  readonly table: LogTableContent | null;
}

const positionDigits = 16;
const manifestEnding = '-all';

/** What objects of a snapshot are called: their names begin with `part`, and the one that says what it consists of is `whole`. */
export function manifestName(
  position: number,
  replica: string,
  sequence: number,
): { readonly part: string; readonly whole: string } {
  const part = `${String(position).padStart(positionDigits, '0')}-${replica}-${sequence}`;
  return { part, whole: `${part}${manifestEnding}` };
}

/** Names of objects that say what a snapshot consists of, newest first. */
export function manifestsIn(names: readonly string[]): string[] {
  return names.filter((name) => name.endsWith(manifestEnding)).sort((a, b) => order(placeOf(b), placeOf(a)));
}

/** What the snapshot that an object belongs to is taken of. */
interface SnapshotPlace {
  readonly position: number;
  /** Of the mark. 0: it is what a forest was restored from. */
  readonly sequence: number;
}

function placeOf(name: string): SnapshotPlace {
  const [position, , sequence] = name.split('-').map(Number);
  return { position: position ?? 0, sequence: sequence ?? 0 };
}

/** Signs of life and reads are entries of the log as well, so snapshots may be at the same position. */
function order(a: SnapshotPlace, b: SnapshotPlace): number {
  return a.position - b.position || a.sequence - b.sequence;
}

export class SnapshotSharing {
  readonly #options: SnapshotSharingOptions;
  /** Own hashes of marks that nobody has told the hash of, and told ones that are not worked out here yet. */
  readonly #hashes = new Map<number, { own?: string; told?: string }>();
  #basePosition: number;
  #releasedRevision = 0;
  #work: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: SnapshotSharingOptions) {
    this.#options = options;
    this.#basePosition = options.basePosition;
  }

  /** In the tick of a mark that counts. */
  marked(sequence: number, isOwn: boolean): void {
    const { state, clock, table, history } = this.#options;
    const { position, compactedRevision } = state;
    const kept: Kept = {
      sequence,
      position,
      compactedRevision,
      root: history.find(compactedRevision),
      chunks: encodeInSlices(state, clock),
      hashing: forestHashSteps(state),
      table: isOwn ? table.content : null,
    };
    this.#inTurn(() => this.#keep(kept));
  }

  /** The log says that a snapshot is there. */
  taken({ sequence, stateHash }: SnapshotTaken, isOwn: boolean): void {
    for (const older of this.#hashes.keys()) if (older < sequence) this.#hashes.delete(older);
    this.#compare(sequence, { told: stateHash });
    if (isOwn) this.#inTurn(() => this.#tidy());
  }

  /** Resolves when the marks so far were dealt with: what was told of them has been compared. */
  compared(): Promise<void> {
    return this.#work;
  }

  /** Begins nothing more. What is under way fails with the log and the journal. */
  close(): void {
    this.#isClosed = true;
  }

  #inTurn(work: () => Promise<void>): void {
    this.#work = this.#work
      .then(() => (this.#isClosed ? undefined : work()))
      .catch((error: unknown) => {
        if (!this.#isClosed) this.#options.onFailure(error);
      });
  }

  async #keep(kept: Kept): Promise<void> {
    const { clock, journal, announce } = this.#options;
    const { sequence, position, table } = kept;
    const own = await resultInSlices(kept.hashing, clock);
    this.#compare(sequence, { own });
    await journal.saveSnapshot(position, kept.chunks);
    await this.#release(kept);
    if (table !== null && !this.#isClosed) announce(await this.#share(kept, own, table));
  }

  #compare(sequence: number, part: { readonly own?: string; readonly told?: string }): void {
    const known = { ...this.#hashes.get(sequence), ...part };
    this.#hashes.set(sequence, known);
    if (known.own === undefined || known.told === undefined) return;
    this.#hashes.delete(sequence);
    if (known.own !== known.told)
      this.#options.onFatal(
        new JournalDamage(
          `behind entry ${sequence} of the log this replica's state has the hash ${known.own}, and the snapshot that another one shares has ${known.told}: they have applied different things`,
        ),
      );
  }

  /** Lets go of what the state at a mark has given up: no start begins before that mark any more. */
  async #release({ compactedRevision, root }: Kept): Promise<void> {
    const { journal, history, retained, provenance } = this.#options;
    if (compactedRevision <= this.#releasedRevision) return;
    const oldest = await retained.positionOfOldest(compactedRevision);
    const base = await releasable(journal, history, oldest);
    if (base > this.#basePosition) {
      await provenance.retain(compactedRevision, oldest, root);
      await journal.releaseBefore(base);
      this.#basePosition = base;
    }
    this.#releasedRevision = compactedRevision;
  }

  /** Stores what is new since the snapshot before, and reads it back. */
  async #share(kept: Kept, stateHash: string, table: LogTableContent): Promise<SnapshotTaken> {
    const { objects, journal, replica, formats } = this.#options;
    const { sequence, position } = kept;
    const { part: name, whole: object } = manifestName(position, replica, sequence);
    const before = await this.#newest(table);
    const { basePosition, base } = await this.#base(name, before);
    const known = before?.records.filter((part) => part.lastPosition > basePosition) ?? [];
    const from = Math.max(basePosition, known.at(-1)?.lastPosition ?? 0) + 1;
    const added =
      from > position ? [] : await putRecords(objects, `${name}-records`, journal.read(from, position));
    const state = await putChunks(objects, `${name}-state`, journal.readSnapshot(position));
    const { retainedName, retained } = await this.#retained(name, before);
    const shared: SharedSnapshot = {
      ...{ sequence, position, stateHash, state, basePosition, base },
      ...{ records: [...known, ...added], retainedName, retained, table },
    };
    await objects.put(object, encodeSharedSnapshot(shared));
    decodeSharedSnapshot(await objects.get(object), formats?.known);
    return { sequence, object, stateHash, bytes: bytesOf(state), storedBytes: bytesOf(partsOf(shared)) };
  }

  /** What the newest snapshot consists of; `null` where there is none, or it cannot be read: then all is stored anew. */
  async #newest({ taken }: LogTableContent): Promise<SharedSnapshot | null> {
    const newest = taken.at(-1);
    return newest === undefined ? null : this.#read(newest.object);
  }

  async #read(object: string): Promise<SharedSnapshot | null> {
    const { objects, formats } = this.#options;
    try {
      return decodeSharedSnapshot(await objects.get(object), formats?.known);
    } catch (error) {
      this.#options.onFailure(error);
      return null;
    }
  }

  /** What history begins with: the later one of what this replica and the snapshot before begin with. */
  async #base(
    name: string,
    before: SharedSnapshot | null,
  ): Promise<Pick<SharedSnapshot, 'basePosition' | 'base'>> {
    const { objects, journal } = this.#options;
    const basePosition = this.#basePosition;
    if (before !== null && before.basePosition >= basePosition) return before;
    // What was restored begins with a state at position 0.
    if (journal.snapshots()[0]?.position !== basePosition) return { basePosition: 0, base: [] };
    if (before?.position === basePosition) return { basePosition, base: before.state };
    return {
      basePosition,
      base: await putChunks(objects, `${name}-base`, journal.readSnapshot(basePosition)),
    };
  }

  async #retained(
    name: string,
    before: SharedSnapshot | null,
  ): Promise<Pick<SharedSnapshot, 'retainedName' | 'retained'>> {
    const { objects, journal } = this.#options;
    const retainedName = (await newestRetained(journal.beside)) ?? '';
    if (retainedName === (before?.retainedName ?? '')) return before ?? { retainedName, retained: [] };
    const file = await journal.beside.open(retainedName);
    if (file === undefined) return before ?? { retainedName: '', retained: [] };
    try {
      const chunks = async function* (): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < file.bytes; at += objects.objectBytesMax)
          yield await file.read(at, objects.objectBytesMax);
      };
      return { retainedName, retained: await putChunks(objects, `${name}-retained`, chunks()) };
    } finally {
      await file.close();
    }
  }

  /** Removes what the last two snapshots do not need, and cuts the log behind the older one of them. */
  async #tidy(): Promise<void> {
    const { objects, log, table } = this.#options;
    const { taken } = table.marks;
    const needed = new Set<string>();
    let newest: SnapshotPlace = { position: 0, sequence: 0 };
    for (const { object } of taken) {
      const shared = await this.#read(object);
      // Somebody may need what cannot be told.
      if (shared === null) return;
      needed.add(object);
      for (const { object: part } of partsOf(shared)) needed.add(part);
      newest = shared;
    }
    const [older, newer] = taken;
    const isOlder = (place: SnapshotPlace): boolean => {
      // What a restored forest began with is a beginning for as long as the log is not cut.
      if (place.position === 0 && newer === undefined) return false;
      // While nothing was written, somebody may be restoring into it.
      if (place.sequence === 0 && newest.position === 0) return false;
      return order(place, newest) < 0;
    };
    for (const name of await objects.names())
      if (!needed.has(name) && isOlder(placeOf(name))) await objects.remove(name);
    if (older !== undefined && newer !== undefined) await log.cut(older.sequence);
  }
}

function bytesOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
}

function partsOf({ state, base, records, retained }: SharedSnapshot): readonly Part[] {
  return [...state, ...base, ...records, ...retained];
}
