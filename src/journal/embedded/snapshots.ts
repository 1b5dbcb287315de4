import { JournalDamage, type SnapshotInfo } from '../journal.ts';
import {
  errorCode,
  removeTemporaries,
  temporarySuffix,
  unlinkIfThere,
  type FileSystem,
} from './file-system.ts';
import { PositionsReleased } from '../positions-released.ts';
import type { JournalId } from './layout.ts';
import { checkSnapshotHeader, readChunks, writeSnapshot } from './snapshot-file.ts';

/** The snapshot files of a journal. */
export class Snapshots {
  readonly #fileSystem: FileSystem;
  readonly #folder: string;
  readonly #journalId: JournalId;
  #infos: readonly SnapshotInfo[];
  /** Positions of those to delete: where deleting failed, the next release goes on with it. */
  readonly #released = new Set<number>();
  #temporaries = 0;

  private constructor(
    fileSystem: FileSystem,
    folder: string,
    journalId: JournalId,
    infos: readonly SnapshotInfo[],
  ) {
    this.#fileSystem = fileSystem;
    this.#folder = folder;
    this.#journalId = journalId;
    this.#infos = infos;
  }

  /** Finds the snapshots in `folder` and removes what a crash left unfinished. Throws {@link JournalDamage}. */
  static async open(fileSystem: FileSystem, folder: string, journalId: JournalId): Promise<Snapshots> {
    if ((await fileSystem.stat(folder)) === undefined) {
      throw new JournalDamage(`${folder} is missing; restore it from a backup`);
    }
    await fileSystem.syncDirectory(folder);
    await removeTemporaries(fileSystem, folder);
    const infos: SnapshotInfo[] = [];
    for (const name of await fileSystem.readdir(folder)) {
      const match = /^(\d{16})\.snapshot$/.exec(name);
      if (match === null) continue;
      const position = Number(match[1]);
      const path = `${folder}/${name}`;
      const file = await fileSystem.open(path, 'read');
      try {
        await checkSnapshotHeader(file, path, journalId, position);
      } finally {
        await file.close();
      }
      infos.push({ position, bytes: (await fileSystem.stat(path))?.bytes ?? 0 });
    }
    return new Snapshots(fileSystem, folder, journalId, infos);
  }

  /** Oldest first. The array is never changed, only replaced. */
  get all(): readonly SnapshotInfo[] {
    return this.#infos;
  }

  get storedBytes(): number {
    let total = 0;
    for (const { bytes } of this.#infos) total += bytes;
    return total;
  }

  /** Stores a snapshot whole or not at all. When it fails nothing is left of it and the journal can go on. */
  async save(position: number, chunks: AsyncIterable<Uint8Array>): Promise<SnapshotInfo> {
    this.#temporaries += 1;
    const temporary = `${this.#folder}/${this.#temporaries}${temporarySuffix}`;
    const file = await this.#fileSystem.open(temporary, 'create');
    let bytes: number;
    try {
      bytes = await writeSnapshot(file, this.#journalId, position, chunks);
    } catch (error) {
      await file.close();
      await this.#fileSystem.unlink(temporary).catch(() => undefined);
      throw error;
    }
    await file.close();
    await this.#fileSystem.rename(temporary, this.#path(position));
    await this.#fileSystem.syncDirectory(this.#folder);
    this.#released.delete(position);
    const info = { position, bytes };
    const others = this.#infos.filter((other) => other.position !== position);
    this.#infos = [...others, info].sort((one, other) => one.position - other.position);
    return info;
  }

  /** The checked chunks of the snapshot at `position`. Throws {@link PositionsReleased} where it was released before it was opened. */
  async *read(position: number): AsyncGenerator<Uint8Array> {
    const path = this.#path(position);
    const info = this.#infos.find((one) => one.position === position);
    if (info === undefined) throw this.#notThere(position);
    const file = await this.#open(path, position);
    try {
      yield* readChunks(file, path, info.bytes, this.#journalId, position);
    } finally {
      await file.close();
    }
  }

  /** Deletes the snapshots below `position`. */
  async releaseBefore(position: number): Promise<void> {
    for (const info of this.#infos) if (info.position < position) this.#released.add(info.position);
    if (this.#released.size === 0) return;
    this.#infos = this.#infos.filter((info) => info.position >= position);
    for (const released of this.#released) await unlinkIfThere(this.#fileSystem, this.#path(released));
    await this.#fileSystem.syncDirectory(this.#folder);
    this.#released.clear();
  }

  #notThere(position: number): Error {
    const oldest = this.#infos[0]?.position ?? 0;
    if (position < oldest) return new PositionsReleased(position, oldest + 1);
    return new RangeError(`there is no snapshot at position ${position}`);
  }

  async #open(path: string, position: number): ReturnType<FileSystem['open']> {
    try {
      return await this.#fileSystem.open(path, 'read');
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      // Released while it was being opened: nothing is missing.
      if (!this.#infos.some((info) => info.position === position)) throw this.#notThere(position);
      throw new JournalDamage(`${path} is missing, though it was there when the broker started`);
    }
  }

  #path(position: number): string {
    return `${this.#folder}/${String(position).padStart(16, '0')}.snapshot`;
  }
}
