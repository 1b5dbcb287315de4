import { ConnectionError } from './error-code.ts';
import type { Http2Limits } from './limits.ts';

/** A header block that goes on in CONTINUATION frames (RFC 9113, section 4.3). */
export class HeaderBlock {
  readonly streamId: number;
  readonly isEnd: boolean;
  /** Something else was wrong with its HEADERS frame; the block is decoded all the same, for the sake of the table. */
  readonly flaw: string | undefined;
  readonly #limits: Http2Limits;
  readonly #parts: Buffer[] = [];
  #bytes = 0;
  #continuations = 0;

  constructor(streamId: number, isEnd: boolean, flaw: string | undefined, limits: Http2Limits) {
    this.streamId = streamId;
    this.isEnd = isEnd;
    this.flaw = flaw;
    this.#limits = limits;
  }

  /** Throws a {@link ConnectionError} of `ENHANCE_YOUR_CALM` when the block grows too large, or comes in too many pieces. */
  push(part: Buffer): void {
    this.#bytes += part.length;
    this.#continuations += 1;
    const { headerBlockBytesMax, continuationsMax } = this.#limits;
    if (this.#bytes > headerBlockBytesMax || this.#continuations > continuationsMax) {
      throw new ConnectionError('ENHANCE_YOUR_CALM', 'a header block is too large, or in too many pieces');
    }
    this.#parts.push(part);
  }

  whole(): Buffer {
    return Buffer.concat(this.#parts, this.#bytes);
  }
}
