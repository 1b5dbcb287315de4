/**
 * Packs frames behind one another into chunks, so that all publishes of a turn go out as one write without copying and each
 * can be sent again from where it lies.
 */
import { makeError } from '../errors.ts';
import { messageBytesMax } from '../limits.ts';
import type { Diff } from './diff.ts';
import { writePublishStreamRequest } from './encode.ts';
import { Writer } from './writer.ts';

const chunkBytes = 64 * 1024;
const prefixBytes = 5;

/** A frame and where it lies. */
export interface PackedFrame {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

export class FramePacker {
  readonly #writer = new Writer();
  #chunk = new Uint8Array(0);
  #at = 0;

  /** Encodes a diff behind the five bytes that gRPC puts before each message: not compressed, length. */
  pack(diff: Diff): PackedFrame {
    this.#writer.clear();
    writePublishStreamRequest(this.#writer, diff);
    const length = this.#writer.length;
    if (length > messageBytesMax) throw tooLarge(length);
    const size = length + prefixBytes;
    if (this.#at + size > this.#chunk.length) {
      this.#chunk = new Uint8Array(Math.max(chunkBytes, size));
      this.#at = 0;
    }
    const bytes = this.#chunk;
    const start = this.#at;
    bytes[start + 1] = length >>> 24;
    bytes[start + 2] = length >>> 16;
    bytes[start + 3] = length >>> 8;
    bytes[start + 4] = length;
    bytes.set(this.#writer.bytes.subarray(0, length), start + prefixBytes);
    this.#at = start + size;
    return { bytes, start, end: this.#at };
  }
}

function tooLarge(length: number): Error {
  return makeError({
    code: 'INVALID_ARGUMENT',
    reason: 'LIMIT_EXCEEDED',
    message: `the publish takes ${length} bytes; at most ${messageBytesMax} fit one message: split it or append in parts`,
    metadata: { limit: 'messageBytesMax', maximum: String(messageBytesMax), actual: String(length) },
  });
}
