/**
 * A disk in memory that fails as real ones do, repeatably from one seed. It is used by the recovery tests and by the
 * simulator of the whole broker.
 *
 * - A crash of the machine (`crash`, or the n-th operation by `failAt`) loses, keeps or tears at 512-byte sectors whatever
 *   was not synced, in any combination; names that were made, renamed or removed come and go with their folder's sync.
 * - `failAt` makes the n-th operation fail with `EIO` or `ENOSPC`, or write only a part. A failed sync leaves its data
 *   where a crash may still lose it, and, as on Linux, a later sync of the same file says nothing about it.
 * - `capacityBytes` is a full disk; `flipBit` and `truncate` are damage.
 */
import type { Random } from '../../base/random.ts';
import {
  FileSystemError,
  type File,
  type FileLock,
  type FileStatus,
  type FileSystem,
  type OpenMode,
  synced,
} from './file-system.ts';
import { SimulatedFile, type CrashKeeps } from './simulated-file.ts';
import { SimulatedFolder, SimulatedFolders } from './simulated-folders.ts';

/** What a disk is asked for; reads are not counted, since they leave nothing behind. */
export interface DiskOperation {
  readonly kind: 'create' | 'write' | 'datasync' | 'rename' | 'unlink' | 'mkdir' | 'rmdir' | 'syncDirectory';
  readonly path: string;
}

export type Fault = 'crash' | 'EIO' | 'ENOSPC' | 'short';

export interface SimulatedFileSystemOptions {
  readonly random: Random;
  /** Writes that would make all files together larger than this fail with `ENOSPC`. */
  readonly capacityBytes?: number;
  /** Awaited before each counted operation: the place for latency, or to hold an operation back. */
  readonly before?: (operation: DiskOperation) => Promise<void> | void;
}

export class SimulatedFileSystem implements FileSystem {
  readonly #options: SimulatedFileSystemOptions;
  readonly #folders = new SimulatedFolders();
  readonly #locks = new Set<string>();
  #capacityBytes: number;
  #operations = 0;
  #fault: { readonly at: number; readonly kind: Fault } | undefined;
  #stopped = false;
  /** Goes up with each restart, so that handles of before no longer work. */
  #boot = 0;

  constructor(options: SimulatedFileSystemOptions) {
    this.#options = options;
    this.#capacityBytes = options.capacityBytes ?? Infinity;
  }

  /** Counted operations so far. */
  get operations(): number {
    return this.#operations;
  }

  /** True from a crash by `failAt` on, until `crash` is called. */
  get stopped(): boolean {
    return this.#stopped;
  }

  set capacityBytes(bytes: number) {
    this.#capacityBytes = bytes;
  }

  /** Bytes of all files. */
  get storedBytes(): number {
    return this.#folders.storedBytes();
  }

  /** The `at`-th counted operation from now on (1 is the next) fails as `kind` says. */
  failAt(at: number, kind: Fault): void {
    this.#fault = { at: this.#operations + at, kind };
  }

  /** The machine stops and starts again: handles and locks of before are gone, and so is what was not synced. */
  crash(keeps: CrashKeeps): void {
    this.#folders.crash(keeps, this.#options.random);
    this.restartProcess();
  }

  /** Only the process stops: nothing that was written is lost. */
  restartProcess(): void {
    this.#locks.clear();
    this.#stopped = false;
    this.#fault = undefined;
    this.#boot += 1;
  }

  flipBit(path: string, offset: number, bit: number): void {
    this.#folders.file(path).flipBit(offset, bit);
  }

  truncate(path: string, length: number): void {
    this.#folders.file(path).truncate(length);
  }

  /** Overwrites bytes behind the broker's back, durably. */
  overwrite(path: string, bytes: Uint8Array, offset: number): void {
    this.#folders.file(path).write(bytes, offset);
    this.#folders.file(path).sync();
  }

  /** A file's bytes as a process sees them. */
  bytesOf(path: string): Uint8Array {
    const file = this.#folders.file(path);
    const bytes = new Uint8Array(file.length);
    file.read(bytes, 0);
    return bytes;
  }

  async open(path: string, mode: OpenMode): Promise<File> {
    this.#check();
    if (mode === 'create') {
      if (this.#folders.find(path) !== undefined)
        throw new FileSystemError('EEXIST', `already there: ${path}`);
      await this.#mutate({ kind: 'create', path }, () => this.#folders.change([[path, new SimulatedFile()]]));
    }
    const file = this.#handle(path, this.#folders.file(path), this.#boot);
    return mode === 'durable' ? synced(file) : file;
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#mutate({ kind: 'rename', path: from }, () => {
      const node = this.#folders.find(from);
      if (node === undefined) throw new FileSystemError('ENOENT', `no such name: ${from}`);
      if (this.#folders.find(to) instanceof SimulatedFolder)
        throw new FileSystemError('EEXIST', `already there: ${to}`);
      this.#folders.change([
        [from, undefined],
        [to, node],
      ]);
    });
  }

  async unlink(path: string): Promise<void> {
    await this.#mutate({ kind: 'unlink', path }, () => {
      this.#folders.file(path);
      this.#folders.change([[path, undefined]]);
    });
  }

  async readdir(path: string): Promise<readonly string[]> {
    this.#check();
    return [...this.#folders.folder(path).names.keys()].sort();
  }

  async mkdir(path: string): Promise<void> {
    this.#check();
    if (this.#folders.find(path) instanceof SimulatedFolder) return;
    await this.#mutate({ kind: 'mkdir', path }, () => this.#folders.change([[path, new SimulatedFolder()]]));
  }

  async rmdir(path: string): Promise<void> {
    await this.#mutate({ kind: 'rmdir', path }, () => {
      if (this.#folders.folder(path).names.size > 0)
        throw new FileSystemError('ENOTEMPTY', `not empty: ${path}`);
      this.#folders.change([[path, undefined]]);
    });
  }

  async stat(path: string): Promise<FileStatus | undefined> {
    this.#check();
    const node = this.#folders.find(path);
    if (node === undefined) return undefined;
    return node instanceof SimulatedFile
      ? { kind: 'file', bytes: node.length }
      : { kind: 'folder', bytes: 0 };
  }

  async syncDirectory(path: string): Promise<void> {
    await this.#mutate({ kind: 'syncDirectory', path }, () => this.#folders.sync(path));
  }

  async freeBytes(_path: string): Promise<number> {
    this.#check();
    return Math.max(0, this.#capacityBytes - this.#folders.storedBytes());
  }

  async lock(path: string): Promise<FileLock | undefined> {
    this.#check();
    if (this.#locks.has(path)) return undefined;
    if (this.#folders.find(path) === undefined) await (await this.open(path, 'create')).close();
    this.#locks.add(path);
    return { release: async () => void this.#locks.delete(path) };
  }

  #handle(path: string, file: SimulatedFile, boot: number): File {
    return {
      readAt: async (target, offset) => {
        this.#check(boot);
        return file.read(target, offset);
      },
      writeAt: async (source, offset) => {
        this.#check(boot);
        // A write takes its bytes when it is called, as the kernel does; what becomes of the buffer later is no matter.
        const bytes = source.slice();
        return await this.#write(path, file, bytes, offset);
      },
      datasync: async () => {
        this.#check(boot);
        await this.#mutate({ kind: 'datasync', path }, (fault) => {
          if (fault === undefined) return file.sync();
          file.failSync();
          throw new FileSystemError('EIO', `injected into datasync of ${path}`);
        });
      },
      close: async () => undefined,
    };
  }

  async #write(path: string, file: SimulatedFile, bytes: Uint8Array, offset: number): Promise<number> {
    let written = bytes.length;
    await this.#mutate({ kind: 'write', path }, (fault) => {
      const growth = Math.max(0, offset + bytes.length - file.length);
      if (this.#folders.storedBytes() + growth > this.#capacityBytes)
        throw new FileSystemError('ENOSPC', path);
      if (fault === 'short') written = this.#options.random.below(bytes.length);
      file.write(bytes.subarray(0, written), offset);
    });
    return written;
  }

  /**
   * Counts an operation and lets it happen, or fail. One that a crash interrupts has happened in memory, and the crash
   * decides what is left of it; a sync has then synced nothing.
   */
  async #mutate(operation: DiskOperation, change: (fault: Fault | undefined) => void): Promise<void> {
    this.#check();
    const boot = this.#boot;
    await this.#options.before?.(operation);
    // What was under way when the machine stopped does not happen after it has started again.
    this.#check(boot);
    this.#operations += 1;
    const fault = this.#fault?.at === this.#operations ? this.#fault.kind : undefined;
    if (operation.kind !== 'datasync' && (fault === 'EIO' || fault === 'ENOSPC')) {
      throw new FileSystemError(fault, `injected into ${operation.kind} of ${operation.path}`);
    }
    if (fault !== 'crash') return change(fault);
    if (operation.kind !== 'datasync' && operation.kind !== 'syncDirectory') change(undefined);
    this.#stopped = true;
    throw crashed(operation.path);
  }

  #check(boot = this.#boot): void {
    if (this.#stopped || boot !== this.#boot) throw crashed('the machine');
  }
}

function crashed(what: string): FileSystemError {
  return new FileSystemError('ECRASHED', `the simulated machine stopped (${what})`);
}
