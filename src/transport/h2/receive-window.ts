import { windowBytesMax } from './frame.ts';

/**
 * One window that we grant: how much the peer may still send, and how much of what it sent is used up and may be granted
 * again. Grants gather until they are worth a frame: half of the window.
 */
export class ReceiveWindow {
  readonly #bytes: number;
  #left: number;
  #owed = 0;

  constructor(bytes: number) {
    this.#bytes = Math.min(bytes, windowBytesMax);
    this.#left = this.#bytes;
  }

  /** False when the peer sends more than it was granted. */
  take(bytes: number): boolean {
    this.#left -= bytes;
    return this.#left >= 0;
  }

  /** Notes that `bytes` were used up. Tells by how much the window is to be updated now, which may be nothing. */
  give(bytes: number): number {
    this.#owed += bytes;
    if (this.#owed * 2 < this.#bytes) return 0;
    const update = this.#owed;
    this.#owed = 0;
    this.#left += update;
    return update;
  }
}
