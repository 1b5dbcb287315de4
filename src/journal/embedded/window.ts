import type { File } from './file-system.ts';

/** A part of a file in memory. The memory is used again for the next part. */
export class Window {
  readonly #file: File;
  readonly #fileEnd: number;
  #buffer: Uint8Array;
  #view: DataView;
  #base = 0;
  #length = 0;

  /** `fileEnd` is where reading stops, whatever else the file holds. */
  constructor(file: File, fileEnd: number, bytes: number) {
    this.#file = file;
    this.#fileEnd = fileEnd;
    this.#buffer = new Uint8Array(bytes);
    this.#view = new DataView(this.#buffer.buffer);
  }

  /** The memory; only the first {@link length} bytes count. */
  get bytes(): Uint8Array {
    return this.#buffer;
  }

  get view(): DataView {
    return this.#view;
  }

  get length(): number {
    return this.#length;
  }

  /** The file offset of the first byte. */
  get base(): number {
    return this.#base;
  }

  /** True when nothing of the file is left behind it. */
  get reachesEnd(): boolean {
    return this.#base + this.#length >= this.#fileEnd;
  }

  /** Reads from `offset` on: as much as fits, and at least `bytesMin` where the file has them. */
  async fill(offset: number, bytesMin = 0): Promise<void> {
    const left = this.#fileEnd - offset;
    if (Math.min(left, bytesMin) > this.#buffer.length) {
      this.#buffer = new Uint8Array(Math.min(left, bytesMin));
      this.#view = new DataView(this.#buffer.buffer);
    }
    this.#base = offset;
    this.#length = await this.#file.readAt(
      this.#buffer.subarray(0, Math.min(left, this.#buffer.length)),
      offset,
    );
  }
}
