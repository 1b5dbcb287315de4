/** A backup of a forest as it was at some moment, made out of a data folder: a point in time to go back to. */
import { CodecDamage } from '../codec/damage.ts';
import { encodeSnapshot } from '../codec/snapshot-encoder.ts';
import { freezeForest } from '../codec/snapshot-source.ts';
import { UsageError } from '../cli/failure.ts';
import type { PastOfFolder } from '../cli/surroundings.ts';
import { DataFolderInUse } from '../journal/embedded/data-folder.ts';
import type { FileSystem } from '../journal/embedded/file-system.ts';
import { nodeFileSystem } from '../journal/embedded/node-file-system.ts';
import { JournalDamage } from '../journal/journal.ts';
import { writeBackup } from '../rpc/backup-format.ts';
import type { ForestState } from '../state/forest.ts';
import { MomentGone, stateAt, type Moment } from './state-at.ts';
import { withStoredFolder } from './stored-folder.ts';

export async function* backupOfFolder(
  folder: string,
  past: PastOfFolder,
  fileSystem: FileSystem = nodeFileSystem,
): AsyncGenerator<Uint8Array> {
  const state = await stateIn(fileSystem, folder, past);
  yield* writeBackup(asyncOf(encodeSnapshot(freezeForest(state))));
}

async function stateIn(fileSystem: FileSystem, path: string, past: PastOfFolder): Promise<ForestState> {
  try {
    return await withStoredFolder(fileSystem, path, async (folder) => {
      const names = await folder.forests();
      if (!names.includes(past.forest))
        throw new UsageError(`${path} has no forest ${past.forest}; it has ${names.join(', ')}: see --from`);
      const { journal } = await folder.forest(past.forest);
      return stateAt(journal, momentOf(past));
    });
  } catch (error) {
    const isExpected =
      error instanceof MomentGone ||
      error instanceof DataFolderInUse ||
      error instanceof JournalDamage ||
      error instanceof CodecDamage;
    if (!isExpected) throw error;
    throw new UsageError(`${error.message}. See "hyperloom verify ${path}"`);
  }
}

function momentOf({ revision, timeMs }: PastOfFolder): Moment {
  if (revision !== undefined) return { kind: 'revision', revision };
  if (timeMs !== undefined) return { kind: 'time', timeMs };
  return { kind: 'newest' };
}

async function* asyncOf<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}
