/**
 * The disk of the simulated machine, with what disks do beside losing what was not synced: syncs that lie, writes that land
 * somewhere else, bits that turn over long after they were written.
 */
import type { Random } from '../../src/base/random.ts';
import { FileSystemError, synced } from '../../src/journal/embedded/file-system.ts';
import type { File, FileSystem } from '../../src/journal/embedded/file-system.ts';
import { SimulatedFileSystem } from '../../src/journal/embedded/simulated-file-system.ts';

/** A write that went elsewhere. */
export interface Misdirected {
  readonly path: string;
  readonly toPath: string;
  /**
   * Nothing whole was synced behind it when the machine stopped: where its bytes should be are zeros, and nothing on the disk tells
   * that there was ever more. That limit is stated in `layout.ts`.
   */
  isLast: boolean;
}

export interface DiskEvents {
  readonly onLyingSync: () => void;
  readonly onMisdirected: () => void;
}

export class Disk {
  readonly simulated: SimulatedFileSystem;
  readonly #random: Random;
  readonly #isLying: boolean;
  readonly #events: DiskEvents;
  /** How many more writes go where they should before one does not; `null` where all do. */
  #untilMisdirected: number | null = null;
  #misdirected: Misdirected | null = null;
  #isUndecided = false;
  /** Something whole was written behind it, and not synced yet. */
  #isFollowed = false;

  constructor(simulated: SimulatedFileSystem, random: Random, isLying: boolean, events: DiskEvents) {
    this.simulated = simulated;
    this.#random = random;
    this.#isLying = isLying;
    this.#events = events;
  }

  get misdirected(): Misdirected | null {
    return this.#misdirected;
  }

  /** The disk as one run of the broker has it. Whatever is left of a run that is over can do nothing to it. */
  fileSystemFor(isOver: () => boolean): FileSystem {
    const disk = (): SimulatedFileSystem => {
      if (isOver()) throw new FileSystemError('ECRASHED', 'this run of the broker is over');
      return this.simulated;
    };
    return {
      open: async (path, mode) => {
        // A durable write of this disk is a write and a sync: each goes wrong by itself.
        const file = this.#file(path, await disk().open(path, mode === 'durable' ? 'write' : mode));
        return mode === 'durable' ? synced(file) : file;
      },
      rename: async (from, to) => disk().rename(from, to),
      unlink: async (path) => disk().unlink(path),
      readdir: async (path) => disk().readdir(path),
      mkdir: async (path) => disk().mkdir(path),
      rmdir: async (path) => disk().rmdir(path),
      stat: async (path) => disk().stat(path),
      syncDirectory: async (path) => disk().syncDirectory(path),
      freeBytes: async (path) => disk().freeBytes(path),
      lock: async (path) => disk().lock(path),
    };
  }

  /** One of the next writes lands somewhere else. */
  misdirectSoon(): void {
    if (this.#misdirected === null) this.#untilMisdirected = this.#random.below(20);
  }

  /** So many bytes are left, until there is room again. */
  fill(bytes: number): void {
    this.simulated.capacityBytes = this.simulated.storedBytes + bytes;
  }

  makeRoom(): void {
    this.simulated.capacityBytes = Infinity;
  }

  /** From now on it is a good disk. What is damaged stays so. */
  heal(): void {
    this.#untilMisdirected = null;
    this.makeRoom();
    this.simulated.failAt(Number.MAX_SAFE_INTEGER - this.simulated.operations, 'EIO');
  }

  /** The machine stops: what was not followed by anything stays so. */
  noteCrash(): void {
    if (this.#misdirected !== null && this.#isUndecided) this.#misdirected.isLast = true;
    this.#isUndecided = false;
  }

  /** Turns one bit of a journal or a snapshot. False where there is none yet. */
  async rot(): Promise<boolean> {
    const files = (await filesBelow(this.simulated, '/')).filter((path) => /segment|snapshot/.test(path));
    const path = files[this.#random.below(Math.max(1, files.length))];
    if (path === undefined) return false;
    const bytes = this.simulated.bytesOf(path);
    // In what was written, as a rule: most of a segment is room for what is to come.
    const end = 1 + bytes.findLastIndex((byte) => byte !== 0);
    if (end === 0) return false;
    this.simulated.flipBit(path, this.#random.below(end), this.#random.below(8));
    return true;
  }

  #file(path: string, file: File): File {
    return {
      readAt: (target, offset) => file.readAt(target, offset),
      close: () => file.close(),
      writeAt: (source, offset) => this.#write(path, file, source, offset),
      datasync: async () => {
        if (this.#isLying) {
          this.#events.onLyingSync();
          return;
        }
        await file.datasync();
        if (this.#isFollowed && this.#misdirected?.path === path) this.#isUndecided = false;
      },
    };
  }

  async #write(path: string, file: File, source: Uint8Array, offset: number): Promise<number> {
    const isRoom = source.every((byte) => byte === 0);
    if (isRoom || this.#untilMisdirected === null) {
      const written = await file.writeAt(source, offset);
      // What stopped early tells no more of what was there before than a torn tail.
      if (!isRoom && this.#misdirected?.path === path && written === source.length) this.#isFollowed = true;
      return written;
    }
    this.#untilMisdirected -= 1;
    if (this.#untilMisdirected >= 0) return await file.writeAt(source, offset);
    const bytes = source.slice();
    const target = await this.#elsewhere(path, bytes.length, offset);
    if (target === null) return await file.writeAt(source, offset);
    this.#untilMisdirected = null;
    this.#misdirected = { path, toPath: target.path, isLast: false };
    this.#isUndecided = true;
    this.#events.onMisdirected();
    // Where it should be nothing is written, though the file is as long as it would be.
    const kept = new Uint8Array(bytes.length);
    await file.readAt(kept, offset);
    await file.writeAt(kept, offset);
    this.simulated.overwrite(target.path, bytes, target.offset);
    return source.length;
  }

  /** Another place for so many bytes, in this file or another one. */
  async #elsewhere(
    path: string,
    length: number,
    offset: number,
  ): Promise<{ readonly path: string; readonly offset: number } | null> {
    const all = await filesBelow(this.simulated, '/');
    const files = all.filter((each) => !each.endsWith('/LOCK'));
    const other = this.#random.below(2) === 0 ? path : (files[this.#random.below(files.length)] ?? path);
    // The file may have another name by now.
    if (!files.includes(other)) return null;
    const room = this.simulated.bytesOf(other).length - length;
    if (room < 0) return null;
    // As real ones do, it lands at the start of a sector as a rule.
    const sector = this.#random.below(Math.floor(room / 512) + 1) * 512;
    const at = this.#random.below(4) === 0 ? this.#random.below(room + 1) : sector;
    return other === path && at === offset ? null : { path: other, offset: at };
  }
}

/** All files at or below a folder. */
export async function filesBelow(disk: FileSystem, folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await disk.readdir(folder)) {
    const path = folder === '/' ? `/${name}` : `${folder}/${name}`;
    const status = await disk.stat(path);
    if (status?.kind === 'folder') found.push(...(await filesBelow(disk, path)));
    else if (status !== undefined) found.push(path);
  }
  return found;
}

/** A disk with the same files. */
export async function copyOf(disk: SimulatedFileSystem, random: Random): Promise<SimulatedFileSystem> {
  const copy = new SimulatedFileSystem({ random });
  const fill = async (folder: string): Promise<void> => {
    for (const name of await disk.readdir(folder)) {
      const path = folder === '/' ? `/${name}` : `${folder}/${name}`;
      const status = await disk.stat(path);
      if (status?.kind === 'folder') {
        await copy.mkdir(path);
        await fill(path);
      } else {
        await (await copy.open(path, 'create')).close();
        copy.overwrite(path, disk.bytesOf(path), 0);
      }
    }
    await copy.syncDirectory(folder);
  };
  await fill('/');
  return copy;
}
