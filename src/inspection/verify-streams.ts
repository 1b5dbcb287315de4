/**
 * Whether what brokers share on NATS is whole: nothing is missing from the streams, every entry can be read, and every snapshot, with what the stream holds
 * behind it, leads to the same state as the others, and as the first entry where that is still there. Nothing is changed, so brokers may work on meanwhile.
 */
import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { decodeAgreedEntry } from '../codec/agreed-entry.ts';
import { CodecDamage } from '../codec/damage.ts';
import { decodeSharedSnapshot } from '../codec/shared-snapshot.ts';
import type { AgreedLog } from '../journal/agreed-log.ts';
import { ObjectMissing } from '../journal/agreed-objects.ts';
import type { AgreedObjects } from '../journal/agreed-objects.ts';
import { AgreedRecords } from '../journal/agreed-records.ts';
import { JournalDamage, JournalFailure } from '../journal/journal.ts';
import { ReadOnlyLog, readOnlyObjects } from '../journal/read-only-logs.ts';
import { SchemaCompiler } from '../schema/compile.ts';
import { SchemaJudge } from '../schema/judge.ts';
import { forestsIn } from '../sequencer/agreed/forests-log.ts';
import { manifestsIn } from '../sequencer/agreed/snapshot-sharing.ts';
import { openForest } from '../sequencer/agreed/opened-forest.ts';
import type { OpenedForestOptions } from '../sequencer/agreed/opened-forest.ts';
import { LiveForest } from '../sequencer/live-forest.ts';
import type { JournalStore } from '../sequencer/local-forests.ts';
import { loadSnapshot } from '../sequencer/snapshots.ts';
import { forestHash } from '../state/state-hash.ts';

/** What brokers share, as far as it is looked at. */
export interface SharedLogs {
  /** Logs that are there. */
  names(): Promise<readonly string[]>;
  openLog(name: string): Promise<AgreedLog>;
  openObjects(name: string): Promise<AgreedObjects>;
  /** Entries that are missing between the first and the last one of a log. */
  missing(name: string): Promise<number>;
}

export interface StreamDamage {
  readonly what: string;
  readonly advice: string;
}

export interface StreamReport {
  readonly forest: string;
  /** Sequences that the stream holds: first and last. */
  readonly sequences: readonly [number, number];
  readonly bytes: number;
  readonly snapshots: number;
  /** Entries that were applied, from each beginning. */
  readonly replayed: number;
  /** Where all beginnings lead; `null` where there is none that does. */
  readonly reached: StreamReached | null;
  readonly damages: readonly StreamDamage[];
}

export interface StreamReached {
  readonly position: number;
  readonly revision: number;
  readonly stateHash: string;
}

export interface StreamProgress {
  /** Where forests are made meanwhile; it is empty, and stays so. */
  readonly store: JournalStore;
  /** Told of entries that were read or applied. */
  readonly onEntries: (entries: number) => void;
}

/** The log of forests. */
const forestsLog = 'FORESTS';

/** All forests, one after the other. */
export async function* verifyStreams(
  logs: SharedLogs,
  progress: StreamProgress,
): AsyncGenerator<StreamReport> {
  const names = await logs.names();
  const forests = names.includes(forestsLog)
    ? await forestsIn(await ReadOnlyLog.of(await logs.openLog(forestsLog)))
    : new Map([['default', 'default']]);
  for (const [forest, log] of forests) {
    if (names.includes(log)) yield await verifyForest(logs, forest, log, progress);
    else yield { ...nothing, forest, damages: [{ what: `its stream ${log} is missing`, advice: restoring }] };
  }
}

const nothing = { sequences: [0, 0], bytes: 0, snapshots: 0, replayed: 0, reached: null } as const;
const restoring = 'restore the forest from a backup';
const sharing =
  'nothing is lost while another beginning is there: delete the object, and let a broker share the next snapshot';

/** So often a forest is looked at anew where brokers have removed something meanwhile. */
const looksMax = 8;

/** Brokers share snapshots, remove older ones and cut the stream meanwhile: what is missing then is looked at anew. */
async function verifyForest(
  logs: SharedLogs,
  forest: string,
  logName: string,
  progress: StreamProgress,
): Promise<StreamReport> {
  const shared = { log: await logs.openLog(logName), objects: await logs.openObjects(logName) };
  for (let look = 1; look <= looksMax; look += 1) {
    const extent = await extentOf(shared);
    const report = await lookAt(shared, extent, forest, () => logs.missing(logName), progress);
    const now = await extentOf(shared);
    const hasMoved = now.first !== extent.first || now.manifests.join() !== extent.manifests.join();
    if (report.damages.length === 0 || !hasMoved) return report;
  }
  throw new JournalFailure(
    `brokers share snapshots of ${forest} faster than they can be looked at: look again when less is written`,
  );
}

interface Shared {
  readonly log: AgreedLog;
  readonly objects: AgreedObjects;
}

/** What there is at a moment. */
interface Extent {
  readonly first: number;
  readonly last: number;
  /** Snapshots by the names of their manifests. */
  readonly manifests: readonly string[];
}

async function extentOf({ log, objects }: Shared): Promise<Extent> {
  const manifests = manifestsIn(await objects.names());
  return { ...(await log.bounds()), manifests };
}

async function lookAt(
  { log, objects }: Shared,
  { first, last, manifests }: Extent,
  forest: string,
  missing: () => Promise<number>,
  { store, onEntries }: StreamProgress,
): Promise<StreamReport> {
  const looked = await ReadOnlyLog.of(log, last);
  const damages: StreamDamage[] = [];
  const read = await readAll(looked, await missing(), onEntries);
  if (read.damage !== null) damages.push({ what: read.damage, advice: restoring });
  const about = { forest, sequences: [first, last] as const, bytes: read.bytes, snapshots: manifests.length };
  if (read.damage !== null) return { ...about, replayed: 0, reached: null, damages };

  const beginnings: (Beginning | null)[] = [];
  for (const object of manifests) {
    const sequence = await sequenceOf(objects, object);
    if (typeof sequence === 'string')
      damages.push({ what: `the snapshot ${object} cannot be read: ${sequence}`, advice: sharing });
    // One that the stream does not reach back to is removed with the next one.
    else if (sequence + 1 >= first) beginnings.push({ object, sequence });
  }
  const isRestored = beginnings.some((each) => each?.sequence === 0);
  if (first === 1 && !isRestored) beginnings.push(null);
  let reached: StreamReached | null = null;
  let replayed = 0;
  for (const beginning of beginnings) {
    const name = beginning === null ? 'the first entry' : `the snapshot ${beginning.object}`;
    const from = { forest, log, last, objects, store, beginning };
    const led = await reachedFrom(from).catch((error: unknown) => messageOf(error));
    const entries = last - (beginning?.sequence ?? 0);
    replayed += entries;
    onEntries(entries);
    const advice = beginning === null ? restoring : sharing;
    if (typeof led === 'string') damages.push({ what: `${name} leads nowhere: ${led}`, advice });
    else if (reached === null) reached = led;
    else if (reached.stateHash !== led.stateHash || reached.position !== led.position)
      damages.push({
        what: `${name} leads to another state, ${led.stateHash} at position ${led.position}`,
        advice: restoring,
      });
  }
  if (beginnings.length === 0)
    damages.push({ what: 'there is no snapshot that the stream reaches back to', advice: restoring });
  return { ...about, replayed, reached, damages };
}

interface Beginning {
  readonly object: string;
  /** The last entry that is in it. */
  readonly sequence: number;
}

/** Decodes every entry. */
async function readAll(
  log: ReadOnlyLog,
  missing: number,
  onEntries: (entries: number) => void,
): Promise<{ readonly bytes: number; readonly damage: string | null }> {
  const { first } = await log.bounds();
  let [bytes, sequence] = [0, first - 1];
  if (missing > 0) return { bytes, damage: `${missing} entries of the stream are missing` };
  try {
    for await (const entry of log.follow(first)) {
      sequence = entry.sequence;
      bytes += entry.payload.length;
      decodeAgreedEntry(entry.payload);
      onEntries(1);
    }
    return { bytes, damage: null };
  } catch (error) {
    return { bytes, damage: `entry ${sequence} of the stream: ${messageOf(error)}` };
  }
}

/** What is wrong with it, or the sequence that it is of. */
async function sequenceOf(objects: AgreedObjects, object: string): Promise<number | string> {
  try {
    return decodeSharedSnapshot(await objects.get(object)).sequence;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

interface From extends Shared {
  readonly forest: string;
  /** The last entry that is looked at. */
  readonly last: number;
  readonly store: JournalStore;
  readonly beginning: Beginning | null;
}

/** Where a beginning leads, compared on the way with what brokers have said of the snapshots that they shared. */
async function reachedFrom({ forest, log, last, objects, store, beginning }: From): Promise<StreamReached> {
  const faults: unknown[] = [];
  const onFailure = (error: unknown): void => void faults.push(error);
  const shown = readOnlyObjects(
    objects,
    (name) => manifestsIn([name]).length === 0 || name === beginning?.object,
  );
  const looked = await ReadOnlyLog.of(log, last);
  const told = { onFailure, onFatal: onFailure, onProgress: () => undefined };
  const common = { log: looked, objects: shown, ...told };
  let compared = (): Promise<void> => Promise.resolve();
  const onComparing = (wait: typeof compared): void => {
    compared = wait;
  };
  const open: OpenedForestOptions['open'] = async ({ journal, shared }, onRestored) => {
    if (beginning !== null && shared === null) throw faults[0];
    if (shared !== null) {
      const state = await loadSnapshot(journal, shared.position);
      if (forestHash(state) !== shared.stateHash)
        throw new JournalDamage('its state is not what it was taken of');
    }
    const records = new AgreedRecords(journal);
    return LiveForest.open({
      name: forest,
      journal: records,
      clock: systemClock,
      random: systemRandom,
      judge: new SchemaJudge(new SchemaCompiler()),
      snapshotJournalBytes: Infinity,
      onWriteStop: (reason) => void faults.push(new JournalDamage(reason)),
      agreed: { ...common, records, shared, onRestored, onComparing },
    });
  };
  try {
    const live = await openForest({ forest, store, ...common, open });
    try {
      const { hash: stateHash, position } = await live.stateHash();
      await compared();
      if (faults.length > 0) throw faults[0];
      return { position, revision: live.view().revision, stateHash };
    } finally {
      await live.close();
    }
  } finally {
    await looked.close();
    if ((await store.listForests()).includes(forest)) await store.deleteForest(forest);
  }
}

/** What is wrong with what was read. Anything else is a mistake of this program, or NATS is away. */
function messageOf(error: unknown): string {
  if (error instanceof JournalDamage || error instanceof CodecDamage || error instanceof ObjectMissing)
    return error.message;
  throw error;
}
