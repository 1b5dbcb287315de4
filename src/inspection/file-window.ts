/** Reads a file from its beginning on, in large pieces, for those who ask for small ones. */
import { readBytes, type File } from '../journal/embedded/file-system.ts';

const windowBytes = 1024 * 1024;

export class FileWindow {
  readonly #file: File;
  readonly #size: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #offset = 0;

  constructor(file: File, size: number) {
    this.#file = file;
    this.#size = size;
  }

  /** `length` bytes from `offset` on, fewer only at the end. They are not overwritten later. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const wanted = Math.max(0, Math.min(length, this.#size - offset));
    const at = offset - this.#offset;
    if (at < 0 || at + wanted > this.#bytes.length) {
      this.#bytes = await readBytes(
        this.#file,
        offset,
        Math.min(this.#size - offset, Math.max(windowBytes, wanted)),
      );
      this.#offset = offset;
    }
    const start = offset - this.#offset;
    return this.#bytes.subarray(start, start + wanted);
  }
}
