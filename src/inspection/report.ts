/** What is told of a data folder or a backup: of each journal whether it is whole, and what to do where it is not. */
import { CodecDamage } from '../codec/damage.ts';
import { decodeRegistryEntry } from '../codec/registry.ts';
import { JournalDamage } from '../journal/journal.ts';
import type { FoundDamage, InspectedJournal } from '../journal/embedded/inspection.ts';
import { readBackup } from '../rpc/backup-format.ts';
import { decodeChunks } from '../sequencer/snapshots.ts';
import { forestHash } from '../state/state-hash.ts';
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
    yield forestReport(forest, found, await verifyForest(found.journal, onReplayed), name);
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

/** The same of a backup in one file. */
export async function verifyBackup(
  path: string,
  bytes: number,
  pieces: AsyncIterable<Uint8Array>,
): Promise<JournalReport> {
  const about = { forest: '', files: 1, bytes, tornBytes: 0, replayed: 0 };
  try {
    const state = await decodeChunks(readBackup(pieces));
    const { position, revision, timeMs } = state;
    const reached = { position, revision, timeMs, stateHash: forestHash(state) };
    return { ...about, positions: [position, position], reached, damages: [] };
  } catch (error) {
    if (!(error instanceof CodecDamage) && !(error instanceof JournalDamage)) throw error;
    const advice = 'nothing of it can be restored: take another backup';
    return {
      ...about,
      positions: [0, 0],
      reached: null,
      damages: [{ path, offset: null, lost: null, what: error.message, advice }],
    };
  }
}
