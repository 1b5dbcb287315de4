/**
 * Cuts a stream of chunks into gRPC messages: each has five bytes before it, a flag for compression and its length. What lies
 * whole in one chunk is handed on without copying.
 */
import { makeError } from '../errors.ts';
import { answerBytesMax } from '../limits.ts';

const prefixBytes = 5;

export class FrameReader {
  readonly #onMessage: (bytes: Uint8Array, start: number, end: number) => void;
  /** Chunks of a message that is not whole yet, with its prefix. */
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  /** Length of that message with its prefix, once known. */
  #wanted = prefixBytes;

  constructor(onMessage: (bytes: Uint8Array, start: number, end: number) => void) {
    this.#onMessage = onMessage;
  }

  /** True between two messages: a stream may end here. */
  get empty(): boolean {
    return this.#partBytes === 0;
  }

  /** Takes the next chunk. Throws for compressed messages, which nobody asked for, and for ones that are too large. */
  push(chunk: Uint8Array): void {
    // Node's buffers behave differently from the plain arrays that a program may expect where values are bytes.
    let bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
    if (this.#partBytes > 0) {
      this.#parts.push(bytes);
      this.#partBytes += chunk.length;
      if (this.#partBytes < this.#wanted) return;
      bytes = this.#join();
    }
    let at = 0;
    while (bytes.length - at >= prefixBytes) {
      const end = at + prefixBytes + this.#lengthAt(bytes, at);
      if (end > bytes.length) {
        this.#wanted = end - at;
        break;
      }
      this.#onMessage(bytes, at + prefixBytes, end);
      at = end;
    }
    if (at === bytes.length) return;
    if (bytes.length - at < prefixBytes) this.#wanted = prefixBytes;
    this.#parts = [bytes.subarray(at)];
    this.#partBytes = bytes.length - at;
  }

  #lengthAt(bytes: Uint8Array, at: number): number {
    if (bytes[at] !== 0) {
      throw makeError({
        code: 'INTERNAL',
        message: 'the answer is compressed, which this client did not ask for',
      });
    }
    const length =
      byteAt(bytes, at + 1) * 2 ** 24 +
      ((byteAt(bytes, at + 2) << 16) | (byteAt(bytes, at + 3) << 8) | byteAt(bytes, at + 4));
    if (length <= answerBytesMax) return length;
    const message = `the answer takes ${length} bytes; this client takes at most ${answerBytesMax}`;
    throw makeError({ code: 'RESOURCE_EXHAUSTED', reason: 'ANSWER_TOO_LARGE', message });
  }

  #join(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#partBytes);
    let at = 0;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += part.length;
    }
    this.#parts = [];
    this.#partBytes = 0;
    return bytes;
  }
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}

/** A message behind its prefix. */
export function frame(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(message.length + prefixBytes);
  new DataView(bytes.buffer).setUint32(1, message.length);
  bytes.set(message, prefixBytes);
  return bytes;
}
