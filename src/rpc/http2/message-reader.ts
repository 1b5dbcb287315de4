/**
 * Cuts the bytes of a stream into messages. Each is one byte of flags (bit 0: compressed), four bytes of length, big
 * endian, and the payload; neither chunks nor DATA frames have anything to do with where messages begin.
 */
import { HeldBytes } from '../../transport/h2/held-bytes.ts';
import { RpcError } from '../transport.ts';

const prefixBytes = 5;
const nothing = new Uint8Array(0);

/** How much may lie in incomplete messages, over all calls. */
export class ByteBudget {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  take(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#bytesMax) {
      throw new RpcError(
        'RESOURCE_EXHAUSTED',
        `the broker holds more than ${this.#bytesMax} bytes of incomplete requests; try again later`,
      );
    }
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }
}

type OnMessage = (payload: Uint8Array, compressed: boolean) => void;

/** `push` and `release` throw an {@link RpcError} for what is no message; the reader is of no use afterwards. */
export class MessageReader {
  readonly #bytesMax: number;
  readonly #budget: ByteBudget;
  readonly #onMessage: OnMessage;
  /** What came and makes no message yet, or came while held. */
  #kept: HeldBytes | undefined;
  /** No message can be complete before there are this many bytes. */
  #needed = prefixBytes;
  #held = false;

  constructor(bytesMax: number, budget: ByteBudget, onMessage: OnMessage) {
    this.#bytesMax = bytesMax;
    this.#budget = budget;
    this.#onMessage = onMessage;
  }

  /** True when no message has been begun and not finished. */
  get empty(): boolean {
    return this.#keptBytes === 0;
  }

  push(chunk: Uint8Array): void {
    if (this.#keptBytes === 0 && !this.#held) {
      this.#cut(chunk);
      return;
    }
    this.#keep(chunk);
    if (!this.#held && this.#keptBytes >= this.#needed) this.#cut(this.#takeAll());
  }

  /** Delivers nothing more, not even what lies there complete, until `release`. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    if (this.#keptBytes >= this.#needed) this.#cut(this.#takeAll());
  }

  /** Forgets what is incomplete. */
  clear(): void {
    this.#takeAll();
  }

  #cut(data: Uint8Array): void {
    let offset = 0;
    this.#needed = prefixBytes;
    while (data.length - offset >= prefixBytes && !this.#held) {
      const flags = data[offset] ?? 0;
      const length = readLength(data, offset + 1);
      this.#check(flags, length);
      const end = offset + prefixBytes + length;
      if (end > data.length) {
        this.#needed = end - offset;
        break;
      }
      const start = offset + prefixBytes;
      offset = end;
      this.#onMessage(data.subarray(start, end), flags === 1);
    }
    if (offset < data.length) this.#keep(offset === 0 ? data : data.subarray(offset));
  }

  #check(flags: number, length: number): void {
    if (flags > 1)
      throw new RpcError('INVALID_ARGUMENT', `message flags ${flags} are unknown; only 0 and 1 are`);
    if (length <= this.#bytesMax) return;
    throw new RpcError(
      'RESOURCE_EXHAUSTED',
      `a request message of ${length} bytes is larger than the limit of ${this.#bytesMax}`,
    );
  }

  #keep(chunk: Uint8Array): void {
    (this.#kept ??= new HeldBytes()).push(chunk);
    this.#budget.take(chunk.length);
  }

  get #keptBytes(): number {
    return this.#kept?.bytes ?? 0;
  }

  #takeAll(): Uint8Array {
    const kept = this.#kept;
    if (kept === undefined) return nothing;
    this.#kept = undefined;
    this.#budget.give(kept.bytes);
    return kept.takeAll();
  }
}

function readLength(data: Uint8Array, offset: number): number {
  return (
    (data[offset] ?? 0) * 0x1000000 +
    (((data[offset + 1] ?? 0) << 16) | ((data[offset + 2] ?? 0) << 8) | (data[offset + 3] ?? 0))
  );
}
