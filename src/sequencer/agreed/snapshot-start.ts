/** How a replica begins: with the newest snapshot that others have shared, so that it needs of the log only what came behind. */
import type { SharedSnapshot } from '../../codec/shared-snapshot.ts';
import { decodeSharedSnapshot } from '../../codec/shared-snapshot.ts';
import { NewerFormat, ownFormats } from '../../codec/agreed-format.ts';
import type { Formats } from '../../codec/agreed-format.ts';
import { CodecDamage } from '../../codec/damage.ts';
import type { AgreedLog } from '../../journal/agreed-log.ts';
import type { AgreedObjects } from '../../journal/agreed-objects.ts';
import { JournalDamage } from '../../journal/journal.ts';
import type { Journal } from '../../journal/journal.ts';
import type { JournalStore } from '../local-forests.ts';
import type { RestoredPlace } from './restore-turns.ts';
import { readParts, recordsIn } from './snapshot-parts.ts';
import { manifestsIn } from './snapshot-sharing.ts';
import type { StartProgress } from './start-progress.ts';

export interface SnapshotStartOptions {
  readonly forest: string;
  readonly log: AgreedLog;
  readonly objects: AgreedObjects;
  /** Where the forest is made; it is not there. */
  readonly store: JournalStore;
  /** What this broker knows. Default: what it does. */
  readonly formats?: Formats | undefined;
  readonly onProgress: (progress: StartProgress) => void;
  /** Told of a snapshot that cannot be begun with. */
  readonly onFailure: (error: unknown) => void;
}

/** The forest's journal, and the snapshot that is in it; `null` where there is none, and the log is read from its first entry. */
export interface SnapshotStart {
  readonly journal: Journal;
  readonly shared: SharedSnapshot | null;
}

/**
 * Makes the forest's journal from the newest shared snapshot that can be read and that the log reaches back to. Throws `JournalDamage` where the log was
 * cut and there is none.
 */
export async function startFromSnapshot(options: SnapshotStartOptions): Promise<SnapshotStart> {
  const { forest, log, objects, store, onFailure, formats = ownFormats } = options;
  for (const object of manifestsIn(await objects.names())) {
    try {
      const shared = decodeSharedSnapshot(await objects.get(object), formats.known);
      const { first } = await log.bounds();
      if (shared.sequence + 1 < first) continue;
      return { journal: await fillJournal(options, shared), shared };
    } catch (error) {
      // The format was raised before it: what the log holds behind an older one could not be read either.
      if (error instanceof NewerFormat) throw error;
      // It may have been removed meanwhile, by somebody who has shared a newer one.
      onFailure(error);
      if ((await store.listForests()).includes(forest)) await store.deleteForest(forest);
    }
  }
  const { first } = await log.bounds();
  if (first > 1)
    throw new JournalDamage(
      `the log of the forest ${forest} begins with entry ${first}, and no snapshot that reaches it can be read`,
    );
  await store.createForest(forest);
  return { journal: await store.openForest(forest), shared: null };
}

/** The same from what a forest was restored from, behind the entry that says so. Throws `ObjectMissing` where that was removed behind newer snapshots. */
export async function startRestored(
  options: SnapshotStartOptions,
  { object, sequence, table }: RestoredPlace,
): Promise<SnapshotStart> {
  const { objects, formats = ownFormats } = options;
  const stored = decodeSharedSnapshot(await objects.get(object), formats.known);
  const shared = { ...stored, sequence, table };
  return { journal: await fillJournal(options, shared), shared };
}

/** Makes the forest's journal from a shared snapshot. Throws `CodecDamage` where that is not whole. */
export async function fillJournal(
  {
    forest,
    objects,
    store,
    onProgress,
  }: Pick<SnapshotStartOptions, 'forest' | 'objects' | 'store' | 'onProgress'>,
  shared: SharedSnapshot,
): Promise<Journal> {
  const { basePosition, base, position, records, retainedName, retained } = shared;
  const isWhole = base.length === 0;
  await store.createForest(
    forest,
    isWhole ? null : { position: basePosition, chunks: readParts(objects, base) },
  );
  const journal = await store.openForest(forest);
  if (retainedName !== '') await journal.beside.write(retainedName, readParts(objects, retained));
  let index = 0;
  // One part is written while the next one is read.
  let written = Promise.resolve();
  for await (const bytes of readParts(objects, records)) {
    const part = records[index];
    index += 1;
    if (part === undefined) break;
    for (const record of recordsIn(part, bytes)) {
      // The first part may begin before the base.
      if (record.position <= journal.lastPosition) continue;
      if (journal.append(record.payload, 'lazy') !== record.position)
        throw new CodecDamage(`the history of the snapshot at position ${position} has a gap`);
    }
    await written;
    written = journal.flush();
    // Whoever waits for it is told.
    written.catch(() => undefined);
    onProgress({ what: 'history', done: journal.lastPosition, of: position });
  }
  await written;
  if (journal.lastPosition !== position)
    throw new CodecDamage(
      `the history of the snapshot at position ${position} ends at ${journal.lastPosition}`,
    );
  if (position !== basePosition || isWhole)
    await journal.saveSnapshot(position, readParts(objects, shared.state));
  return journal;
}
