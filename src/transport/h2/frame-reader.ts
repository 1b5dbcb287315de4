import { ConnectionError } from './error-code.ts';
import { frameHeaderBytes } from './frame.ts';

/** Takes frames; the payload is `bytes` from `start` to `end`, and stays valid. */
export interface FrameReceiver {
  onFrame(type: number, flags: number, streamId: number, bytes: Buffer, start: number, end: number): void;
}

/**
 * Cuts a connection's bytes into frames. Frames that lie whole in one read are delivered where they lie; one that does not
 * is gathered in a buffer of its own size, so that slow senders cost no copying over and over.
 */
export class FrameReader {
  readonly #bytesMax: number;
  readonly #receiver: FrameReceiver;
  /** The beginning of a frame, at first as much as its header. */
  #partial: Buffer | undefined;
  #filled = 0;

  /** `bytesMax`: what our SETTINGS_MAX_FRAME_SIZE says. */
  constructor(bytesMax: number, receiver: FrameReceiver) {
    this.#bytesMax = bytesMax;
    this.#receiver = receiver;
  }

  /** Throws a {@link ConnectionError} of `FRAME_SIZE_ERROR`, before the payload of a frame that is too large has come. */
  push(chunk: Buffer): void {
    let at = this.#partial === undefined ? 0 : this.#fill(chunk);
    while (chunk.length - at >= frameHeaderBytes) {
      const end = at + this.#frameBytes(chunk, at);
      if (end > chunk.length) break;
      this.#deliver(chunk, at, end);
      at = end;
    }
    if (at < chunk.length) this.#begin(chunk, at);
  }

  #begin(chunk: Buffer, at: number): void {
    const rest = chunk.length - at;
    const bytes = rest < frameHeaderBytes ? frameHeaderBytes : this.#frameBytes(chunk, at);
    this.#partial = Buffer.allocUnsafe(bytes);
    chunk.copy(this.#partial, 0, at);
    this.#filled = rest;
  }

  /** Completes the frame that was begun, if `chunk` holds enough; tells how much it took. */
  #fill(chunk: Buffer): number {
    let at = 0;
    let partial = this.#partial;
    while (partial !== undefined && at < chunk.length) {
      const taken = Math.min(partial.length - this.#filled, chunk.length - at);
      chunk.copy(partial, this.#filled, at, at + taken);
      this.#filled += taken;
      at += taken;
      if (this.#filled < partial.length) break;
      partial = this.#grown(partial);
    }
    return at;
  }

  /** `partial` is full: delivers it, or makes room for the payload when it was only the header. */
  #grown(partial: Buffer): Buffer | undefined {
    const bytes = this.#frameBytes(partial, 0);
    if (bytes > partial.length) {
      const whole = Buffer.allocUnsafe(bytes);
      partial.copy(whole);
      this.#partial = whole;
      return whole;
    }
    this.#partial = undefined;
    this.#filled = 0;
    this.#deliver(partial, 0, bytes);
    return undefined;
  }

  /** The length of the frame that begins at `at`, header included. */
  #frameBytes(bytes: Buffer, at: number): number {
    const length = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    if (length > this.#bytesMax) {
      throw new ConnectionError(
        'FRAME_SIZE_ERROR',
        `a frame of ${length} bytes; ${this.#bytesMax} are allowed`,
      );
    }
    return frameHeaderBytes + length;
  }

  #deliver(bytes: Buffer, at: number, end: number): void {
    const type = bytes[at + 3] ?? 0;
    const flags = bytes[at + 4] ?? 0;
    const streamId = bytes.readUInt32BE(at + 5) & 0x7fffffff;
    this.#receiver.onFrame(type, flags, streamId, bytes, at + frameHeaderBytes, end);
  }
}
