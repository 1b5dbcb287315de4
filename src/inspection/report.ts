/** What is told of a data folder or a backup: of each journal whether it is whole, and what to do where it is not. */
import { CodecDamage } from '../codec/damage.ts';
import { decodeRegistryEntry } from '../codec/registry.ts';
import type { FoundDamage, InspectedJournal } from '../journal/embedded/inspection.ts';
import type { FileSystem } from '../journal/embedded/file-system.ts';
import { inspectBackup, type InspectedBackup } from './backup-file.ts';
import { BackupJournal } from './backup-journal.ts';
import { sideDamages, type SideDamage } from '../provenance/side-damage.ts';
import type { StoredFolder, StoredJournalFound } from './stored-folder.ts';
import { verifyForest, type Reached, type VerifiedForest } from './verify-forest.ts';

export interface JournalReport {
  /** A forest; empty for the registry of forests, or a backup. */
  readonly forest: string;
  readonly files: number;
  readonly bytes: number;
  /** Positions that its files hold: first and last. */
  readonly positions: readonly [number, number];
  readonly replayed: number;
  readonly tornBytes: number;
  /** Where everything that can be read leads. `null` for the registry, and where nothing can be read. */
  readonly reached: Reached | null;
  readonly damages: readonly (FoundDamage & { readonly advice: string })[];
}

/** What is told while it goes on. */
export interface VerifyProgress {
  readonly onBytes: (bytes: number) => void;
  readonly onReplayed: (entries: number) => void;
}

/** Everything in a folder, a journal at a time. `name` is how the folder is called in advice. */
export async function* verifyFolder(
  folder: StoredFolder,
  name: string,
  { onBytes, onReplayed }: VerifyProgress,
): AsyncGenerator<JournalReport> {
  for (const forest of await folder.forests()) {
    const found = await folder.forest(forest, { onProgress: onBytes });
    const report = forestReport(forest, found, await verifyForest(found.journal, onReplayed), name);
    const beside = (await sideDamages(found.journal.beside)).map((damage) => besideReport(forest, damage));
    yield { ...report, damages: [...report.damages, ...beside] };
  }
  const registry = await folder.registry({ onProgress: onBytes });
  if (registry !== null) yield await registryReport(registry);
}

function forestReport(
  forest: string,
  { inspected, journal }: StoredJournalFound,
  verified: VerifiedForest,
  folder: string,
): JournalReport {
  const { reached, contradictions, replayed, unreplayable } = verified;
  const isAllThere = reached !== null && reached.position === journal.lastPosition;
  const isReplayable =
    contradictions.length === 0 && !unreplayable.includes(journal.snapshots().at(-1)?.position ?? 0);
  const rescue = `hyperloom --forest ${forest} restore ${folder}`;
  const rescued =
    reached === null
      ? 'restore the forest from a backup'
      : `restore the file from a copy of the folder or the forest from a backup; or what can be read, up to revision ${reached.revision}, ` +
        `into another broker: ${rescue}`;
  const adviceFor = ({ path, lost }: FoundDamage): string =>
    path.endsWith('.snapshot') && lost === null && isAllThere && isReplayable
      ? 'nothing is lost: move the file away, and the broker starts with what comes before it'
      : rescued;
  const contradicted = contradictions.map(({ position, what }) => ({
    ...{ path: `forests/${forest}`, offset: null, lost: null, advice: rescued },
    what: `at position ${position}: ${what}`,
  }));
  const damages = inspected.damages.map((damage) => ({ ...damage, advice: adviceFor(damage) }));
  return { ...common(inspected, forest), replayed, reached, damages: [...damages, ...contradicted] };
}

function besideReport(
  forest: string,
  { name, what, isMadeAgain }: SideDamage,
): JournalReport['damages'][number] {
  const advice = isMadeAgain
    ? 'nothing is lost: move the file away, and it is made again from the journal when somebody asks'
    : 'restore the file from a copy of the folder; without it, who made what a compaction left is told as given up. State is not touched';
  return { path: `forests/${forest}/beside/${name}`, offset: null, lost: null, what, advice };
}

async function registryReport({ inspected, journal }: StoredJournalFound): Promise<JournalReport> {
  const advice =
    'restore the file from a copy of the folder; or move the folder "registry" away: requests that made or deleted forests are then forgotten';
  const damages = inspected.damages.map((damage) => ({ ...damage, advice }));
  let replayed = 0;
  try {
    for (const { from, to } of journal.wholeRanges)
      for await (const batch of journal.read(from, to))
        for (const { payload } of batch) {
          decodeRegistryEntry(payload);
          replayed += 1;
        }
  } catch (error) {
    if (!(error instanceof CodecDamage)) throw error;
    damages.push({ path: 'registry', offset: null, lost: null, what: error.message, advice });
  }
  return { ...common(inspected, ''), replayed, reached: null, damages };
}

function common(
  { runs, files, bytes, tornBytes }: InspectedJournal,
  forest: string,
): Pick<JournalReport, 'forest' | 'files' | 'bytes' | 'positions' | 'tornBytes'> {
  return {
    forest,
    files,
    bytes,
    tornBytes,
    positions: [runs[0]?.firstPosition ?? 0, runs.at(-1)?.lastPosition ?? 0],
  };
}

/** The same of a backup in one file, with its tail. */
export async function verifyBackup(
  fileSystem: FileSystem,
  path: string,
  { onBytes, onReplayed }: VerifyProgress,
): Promise<JournalReport> {
  const bytes = (await fileSystem.stat(path))?.bytes ?? 0;
  const file = await fileSystem.open(path, 'read');
  try {
    const inspected = await inspectBackup(file, bytes, onBytes);
    return await backupReport(path, bytes, inspected, new BackupJournal(file, inspected), onReplayed);
  } finally {
    await file.close();
  }
}

async function backupReport(
  path: string,
  bytes: number,
  { states, damage, position, bytes: wholeBytes }: InspectedBackup,
  journal: BackupJournal,
  onReplayed: (entries: number) => void,
): Promise<JournalReport> {
  const about = { forest: '', files: 1, bytes };
  const [first] = states;
  if (first === undefined) {
    const advice = 'nothing of it can be restored: take another backup';
    const { offset = null, what = 'the end is missing' } = damage ?? {};
    const damages = [{ path, offset, lost: null, what, advice }];
    return { ...about, tornBytes: 0, replayed: 0, positions: [0, 0], reached: null, damages };
  }
  const { reached, contradictions, replayed, obstacles } = await verifyForest(journal, onReplayed);
  const damages: JournalReport['damages'][number][] = [];
  if (damage !== null) {
    const lost = { from: position + 1, to: null };
    const advice = `what is before can be restored, up to revision ${reached?.revision ?? 0}; take another backup`;
    damages.push({ path, ...damage, lost, advice });
  }
  const advice = 'what is before can be restored by a revision or a time; take another backup';
  for (const { position: at, what } of contradictions)
    damages.push({ path, offset: null, lost: null, what: `at position ${at}: ${what}`, advice });
  for (const from of obstacles)
    if (!states.some((state) => state.position === from)) {
      const what = `the entry ${from} needs an older past than the file has`;
      damages.push({ path, offset: null, lost: { from, to: null }, what, advice });
    }
  const tornBytes = damage === null ? bytes - wholeBytes : 0;
  return { ...about, tornBytes, replayed, positions: [first.position, position], reached, damages };
}
