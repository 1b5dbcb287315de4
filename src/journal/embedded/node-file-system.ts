/** The real disk. Reads, writes and syncs run in the thread pool of Node, so the event loop never waits for them. */
import * as fs from 'node:fs';
import * as promises from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import {
  errorCode,
  type File,
  type FileLock,
  type FileStatus,
  type FileSystem,
  type OpenMode,
  synced,
} from './file-system.ts';

// Linux writes and syncs in one call; elsewhere the flag is missing, or promises less than a sync does (macOS).
const hasDurableWrites = process.platform === 'linux';
const openFlags: Readonly<Record<OpenMode, string | number>> = {
  read: 'r',
  write: 'r+',
  create: 'wx+',
  durable: hasDurableWrites ? fs.constants.O_RDWR | fs.constants.O_DSYNC : 'r+',
};

/** The file system of the machine. */
export const nodeFileSystem: FileSystem = {
  open: async (path, mode) => {
    const file = new NodeFile(await openDescriptor(path, openFlags[mode]));
    return mode === 'durable' && !hasDurableWrites ? synced(file) : file;
  },
  rename: (from, to) => promises.rename(from, to),
  unlink: (path) => promises.unlink(path),
  readdir: async (path) => (await promises.readdir(path)).sort(),
  mkdir: async (path) => {
    try {
      await promises.mkdir(path);
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
  },
  rmdir: (path) => promises.rmdir(path),
  stat,
  syncDirectory: async (path) => {
    const handle = await promises.open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  freeBytes: (path) =>
    new Promise((resolve, reject) => {
      fs.statfs(path, (error, status) => {
        if (error) reject(error);
        else resolve(status.bavail * status.bsize);
      });
    }),
  lock: async (path) => lock(path),
};

/** Callbacks on a bare descriptor: half of what a `FileHandle` costs for each operation. */
class NodeFile implements File {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  async readAt(target: Uint8Array, offset: number): Promise<number> {
    let total = 0;
    while (total < target.length) {
      const bytes = await this.#read(target, total, offset + total);
      if (bytes === 0) break;
      total += bytes;
    }
    return total;
  }

  writeAt(source: Uint8Array, offset: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.write(this.#descriptor, source, 0, source.length, offset, (error, bytes) => {
        if (error) reject(error);
        else resolve(bytes);
      });
    });
  }

  datasync(): Promise<void> {
    return settle((done) => fs.fdatasync(this.#descriptor, done));
  }

  close(): Promise<void> {
    return settle((done) => fs.close(this.#descriptor, done));
  }

  #read(target: Uint8Array, start: number, offset: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.read(this.#descriptor, target, start, target.length - start, offset, (error, bytes) => {
        if (error) reject(error);
        else resolve(bytes);
      });
    });
  }
}

function settle(start: (done: fs.NoParamCallback) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

function openDescriptor(path: string, flags: string | number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.open(path, flags, 0o600, (error, descriptor) => {
      if (error) reject(error);
      else resolve(descriptor);
    });
  });
}

async function stat(path: string): Promise<FileStatus | undefined> {
  try {
    const status = await promises.stat(path);
    return { kind: status.isDirectory() ? 'folder' : 'file', bytes: status.size };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * SQLite's exclusive transaction is a lock of the operating system: it ends with the process however that ends, leaves
 * nothing to clean up, and needs no native add-on. Nothing is ever written to the file.
 */
function lock(path: string): FileLock | undefined {
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (error instanceof Error && error.message.includes('locked')) return undefined;
    throw error;
  }
  return { release: async () => database.close() };
}
