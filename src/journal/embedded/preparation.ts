import { temporarySuffix, writeFully, type File, type FileSystem } from './file-system.ts';
import { encodeSegmentHeader, type JournalId } from './layout.ts';
import { Segment, segmentName } from './segment.ts';

/** Space for a segment: full of zeros and synced, under a name that does not count yet. */
export interface PreparedFile {
  readonly path: string;
  readonly file: File;
  readonly fileBytes: number;
}

// Zeros are written and synced in steps, so that the syncs of records in between never wait for a whole segment.
const stepBytes = 1024 * 1024;

/**
 * Sets space aside. Real zeros rather than a sparse file: a full disk shows now and not in the middle of a batch, and a
 * sync of records later has no file size or block map to write. `isOver` ends it early.
 */
export async function prepareFile(
  fileSystem: FileSystem,
  path: string,
  fileBytes: number,
  isOver: () => boolean,
): Promise<PreparedFile> {
  const file = await fileSystem.open(path, 'create');
  try {
    const zeros = new Uint8Array(Math.min(stepBytes, fileBytes));
    for (let offset = 0; offset < fileBytes; offset += stepBytes) {
      if (isOver()) throw new Error('the journal was closed');
      await writeFully(file, zeros.subarray(0, Math.min(stepBytes, fileBytes - offset)), offset);
      await file.datasync();
    }
    return { path, file, fileBytes };
  } catch (error) {
    await discardPrepared(fileSystem, { path, file, fileBytes });
    throw error;
  }
}

/** Gives the space back. What cannot be removed now is removed when the journal is opened next. */
export async function discardPrepared(fileSystem: FileSystem, prepared: PreparedFile): Promise<void> {
  await prepared.file.close().catch(() => undefined);
  await fileSystem.unlink(prepared.path).catch(() => undefined);
}

/** Turns prepared space into the segment that starts at `firstPosition`. Durable, header and name, when it resolves. */
export async function startSegment(
  fileSystem: FileSystem,
  folder: string,
  prepared: PreparedFile,
  journalId: JournalId,
  firstPosition: number,
): Promise<Segment> {
  const { file, fileBytes } = prepared;
  await writeFully(file, encodeSegmentHeader({ journalId, firstPosition, fileBytes }), 0);
  await file.datasync();
  const path = `${folder}/${segmentName(firstPosition)}`;
  await fileSystem.rename(prepared.path, path);
  await fileSystem.syncDirectory(folder);
  return new Segment(path, firstPosition, fileBytes);
}

/** The name of the `number`-th prepared file since the journal was opened. */
export function preparedPath(folder: string, number: number): string {
  return `${folder}/next-${number}${temporarySuffix}`;
}
