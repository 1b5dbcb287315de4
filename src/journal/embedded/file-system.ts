/**
 * The little that the embedded journal asks of a disk. Everything goes through it, so that the simulated disk can lose,
 * tear and damage what a real one would.
 *
 * Rules for every implementation:
 * - Errors carry a `code` such as `ENOENT`, `EIO` or `ENOSPC`.
 * - What `writeAt` wrote survives a crash of the process at once and one of the machine only after `datasync`.
 * - A created, renamed or removed name survives a crash of the machine only after `syncDirectory` of its folder.
 */

/**
 * `read` opens an existing file, `write` an existing one for both, `create` a new one for both (`EEXIST` otherwise). `durable` is `write`
 * for a file each of whose writes survives a crash of the machine once it resolves, without a `datasync` behind it.
 */
export type OpenMode = 'read' | 'write' | 'create' | 'durable';

/** An open file. */
export interface File {
  /** Reads into `target` from file offset `offset` on; returns the number of bytes, fewer only at the end of the file. */
  readAt(target: Uint8Array, offset: number): Promise<number>;
  /** Writes `source` at `offset`; returns the number of bytes written. Fewer than asked for is a failure of the disk. */
  writeAt(source: Uint8Array, offset: number): Promise<number>;
  /** Resolves when everything written to the file survives a crash of the machine. Never repeat it after it failed. */
  datasync(): Promise<void>;
  close(): Promise<void>;
}

/** What `stat` tells. */
export interface FileStatus {
  readonly kind: 'file' | 'folder';
  readonly bytes: number;
}

/** A held lock. It ends with its process at the latest. */
export interface FileLock {
  release(): Promise<void>;
}

export interface FileSystem {
  open(path: string, mode: OpenMode): Promise<File>;
  /** Replaces `to` where it is a file. */
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Names in a folder, sorted. */
  readdir(path: string): Promise<readonly string[]>;
  /** Makes one folder; its parent must exist, the folder itself may. */
  mkdir(path: string): Promise<void>;
  /** Removes an empty folder. */
  rmdir(path: string): Promise<void>;
  /** `undefined` where there is nothing. */
  stat(path: string): Promise<FileStatus | undefined>;
  syncDirectory(path: string): Promise<void>;
  /** Bytes that files on the same disk as `path` may still take. */
  freeBytes(path: string): Promise<number>;
  /** Takes the exclusive lock on the file at `path`, or answers `undefined` while somebody else holds it. */
  lock(path: string): Promise<FileLock | undefined>;
}

/** A failure that an implementation made up itself; the operating system's errors have the same shape. */
export class FileSystemError extends Error {
  override readonly name = 'FileSystemError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

/** The `code` of a file-system error, or `undefined` for any other. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** True for what setting space aside fails with where a disk has no room, or no more for this user: its last write may have been cut short. */
export function isDiskFull(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'ESHORT';
}

/** Writes all of `source`, or throws. Nothing is retried: after a short write the rest may never fit. */
export async function writeFully(file: File, source: Uint8Array, offset: number): Promise<void> {
  const written = await file.writeAt(source, offset);
  if (written !== source.length) {
    throw new FileSystemError(
      'ESHORT',
      `only ${written} of ${source.length} bytes were written at offset ${offset}`,
    );
  }
}

/** `file`, whose writes are synced before they resolve: what `durable` means on a disk that knows no such writes. */
export function synced(file: File): File {
  return {
    readAt: (target, offset) => file.readAt(target, offset),
    writeAt: async (source, offset) => {
      const written = await file.writeAt(source, offset);
      await file.datasync();
      return written;
    },
    datasync: () => file.datasync(),
    close: () => file.close(),
  };
}

/** Reads exactly `length` bytes, fewer only at the end of the file. */
export async function readBytes(file: File, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, await file.readAt(bytes, offset));
}

/** Removes a folder and everything in it. Interrupted, it can simply be run again. */
export async function removeTree(fileSystem: FileSystem, path: string): Promise<void> {
  for (const name of await fileSystem.readdir(path)) {
    const child = `${path}/${name}`;
    const status = await fileSystem.stat(child);
    if (status?.kind === 'folder') await removeTree(fileSystem, child);
    else await fileSystem.unlink(child);
  }
  await fileSystem.rmdir(path);
}

/** Removes a file that an earlier, interrupted attempt may have removed already. */
export async function unlinkIfThere(fileSystem: FileSystem, path: string): Promise<void> {
  try {
    await fileSystem.unlink(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

/** Removes the files in `folder` that a crash left half made; their names end in {@link temporarySuffix}. */
export async function removeTemporaries(fileSystem: FileSystem, folder: string): Promise<void> {
  for (const name of await fileSystem.readdir(folder)) {
    if (name.endsWith(temporarySuffix)) await fileSystem.unlink(`${folder}/${name}`);
  }
}

/** Ends the names of files that do not count until they are renamed. */
export const temporarySuffix = '.temporary';
