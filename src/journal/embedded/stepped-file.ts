/** A large file beside the journal, written from its beginning to its end and synced in steps. */
import { writeFully, type File } from './file-system.ts';

/** How much may be unsynced: a batch of records that comes in between waits for the disk until that is done. With four times as much it was 20 ms. */
const unsyncedBytesMax = 1024 * 1024;

export class SteppedFile {
  readonly #file: File;
  #offset = 0;
  #unsynced = 0;

  constructor(file: File) {
    this.#file = file;
  }

  async append(bytes: Uint8Array): Promise<void> {
    await writeFully(this.#file, bytes, this.#offset);
    this.#offset += bytes.length;
    this.#unsynced += bytes.length;
    if (this.#unsynced < unsyncedBytesMax) return;
    await this.#file.datasync();
    this.#unsynced = 0;
  }

  /** Syncs what is left; returns the file's size. */
  async finish(): Promise<number> {
    await this.#file.datasync();
    return this.#offset;
  }
}
