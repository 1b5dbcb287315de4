import type { OutgoingHeaders } from './header-template.ts';

/** How a stream's sending ends: with trailers, or with the last data. */
export interface Ending {
  readonly trailers: OutgoingHeaders | undefined;
}

/** What a stream has to send and may not yet, for want of a window or because the socket is full. */
export class Backlog {
  #chunks: Uint8Array[] = [];
  #offset = 0;
  #bytes = 0;
  /** Called when all of it was taken. */
  taken: (() => void) | undefined;
  ending: Ending | undefined;
  /** Whether anything was sent since somebody last looked. */
  hasMoved = true;

  get bytes(): number {
    return this.#bytes;
  }

  push(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) {
      if (chunk.length === 0) continue;
      this.#chunks.push(chunk);
      this.#bytes += chunk.length;
    }
  }

  /** Hands over exactly `bytes` bytes, at most as many as there are. */
  take(bytes: number, use: (part: Uint8Array) => void): void {
    let left = bytes;
    this.#bytes -= bytes;
    this.hasMoved = true;
    let done = 0;
    for (const chunk of this.#chunks) {
      if (left === 0) break;
      const length = Math.min(left, chunk.length - this.#offset);
      const end = this.#offset + length;
      use(length === chunk.length ? chunk : chunk.subarray(this.#offset, end));
      left -= length;
      this.#offset = end === chunk.length ? 0 : end;
      if (end === chunk.length) done += 1;
    }
    if (done > 0) this.#chunks = this.#chunks.slice(done);
  }
}
