/** A backup of a forest as it was at some moment, made out of a data folder or of a backup with a tail: a point in time to go back to. */
import { CodecDamage } from '../codec/damage.ts';
import { encodeSnapshot } from '../codec/snapshot-encoder.ts';
import { freezeForest } from '../codec/snapshot-source.ts';
import { UsageError } from '../cli/failure.ts';
import type { EndOfBackup, PastOfFile, PastOfFolder } from '../cli/surroundings.ts';
import { DataFolderInUse } from '../journal/embedded/data-folder.ts';
import { readBytes, type File, type FileSystem } from '../journal/embedded/file-system.ts';
import { nodeFileSystem } from '../journal/embedded/node-file-system.ts';
import { JournalDamage } from '../journal/journal.ts';
import { writeBackup } from '../rpc/backup-format.ts';
import type { ForestState } from '../state/forest.ts';
import { inspectBackup, type InspectedBackup } from './backup-file.ts';
import { BackupJournal } from './backup-journal.ts';
import { MomentGone, stateAt, type Moment } from './state-at.ts';
import { withStoredFolder } from './stored-folder.ts';

export async function* backupOfFolder(
  folder: string,
  past: PastOfFolder,
  fileSystem: FileSystem = nodeFileSystem,
): AsyncGenerator<Uint8Array> {
  const state = await expectedOf(folder, () =>
    withStoredFolder(fileSystem, folder, async (stored) => {
      const names = await stored.forests();
      if (!names.includes(past.forest))
        throw new UsageError(
          `${folder} has no forest ${past.forest}; it has ${names.join(', ')}: see --from`,
        );
      const { journal } = await stored.forest(past.forest);
      return stateAt(journal, momentOf(past));
    }),
  );
  yield* framed(state);
}

/** Of the file of a backup: its newest moment, or one that its tail leads to. Damage that a broker finds as well is left to it. */
export async function* backupOfFile(
  path: string,
  past: PastOfFile,
  fileSystem: FileSystem = nodeFileSystem,
): AsyncGenerator<Uint8Array> {
  const size = (await fileSystem.stat(path))?.bytes ?? 0;
  const file = await fileSystem.open(path, 'read');
  try {
    const inspected = await inspectBackup(file, size);
    const moment = momentOf(past);
    const [first, ...others] = inspected.states;
    const hasTail = others.length > 0 || (first !== undefined && size > first.end);
    if (first === undefined || (!hasTail && moment.kind === 'newest')) yield* piecesOf(file, size);
    else yield* framed(await expectedOf(path, () => stateAt(journalOf(file, inspected, moment), moment)));
  } finally {
    await file.close();
  }
}

/** How far the file of a backup goes, for those who go on with it. Throws a `UsageError` where it is damaged. */
export async function endOfBackup(
  path: string,
  fileSystem: FileSystem = nodeFileSystem,
): Promise<EndOfBackup> {
  const size = (await fileSystem.stat(path))?.bytes ?? 0;
  const file = await fileSystem.open(path, 'read');
  try {
    const { states, position, timeMs, bytes, damage } = await inspectBackup(file, size);
    const [first] = states;
    if (first === undefined || damage !== null)
      throw new UsageError(`${path} is damaged, and is not gone on with: see "hyperloom verify ${path}"`);
    const statePosition = states.at(-1)?.position ?? 0;
    return { position, timeMs, bytes, baseRevision: first.revision, statePosition };
  } finally {
    await file.close();
  }
}

/** What is behind damage is lost, and what is before is given to those who say which moment they want. */
function journalOf(file: File, inspected: InspectedBackup, { kind }: Moment): BackupJournal {
  const { damage, position } = inspected;
  if (damage !== null && kind === 'newest')
    throw new CodecDamage(`${damage.what}, at offset ${damage.offset}; it leads to position ${position}`);
  return new BackupJournal(file, inspected);
}

async function expectedOf(path: string, make: () => Promise<ForestState>): Promise<ForestState> {
  try {
    return await make();
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

function momentOf({ revision, timeMs }: PastOfFile): Moment {
  if (revision !== undefined) return { kind: 'revision', revision };
  if (timeMs !== undefined) return { kind: 'time', timeMs };
  return { kind: 'newest' };
}

function framed(state: ForestState): AsyncGenerator<Uint8Array> {
  return writeBackup(asyncOf(encodeSnapshot(freezeForest(state))));
}

const pieceBytes = 1024 * 1024;

async function* piecesOf(file: File, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size; at += pieceBytes)
    yield await readBytes(file, at, Math.min(pieceBytes, size - at));
}

async function* asyncOf<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}
