import type { FlushTurn, Flushable } from '../../transport/h2/flush-turn.ts';
import type { EncodedMessage, Sink } from '../transport.ts';
import { RpcError } from '../transport.ts';
import type { CallStream } from './call-stream.ts';

/** Framed messages, `bytes` together. */
export interface Frames {
  readonly frames: readonly Uint8Array[];
  readonly bytes: number;
}

/** What a sink needs to know of the call it belongs to. */
export interface ReplyContext {
  readonly stream: CallStream;
  readonly turn: FlushTurn;
  readonly replyBytesHighWater: number;
  readonly replyBytesLowWater: number;
  readonly replyBytesQueuedMax: number;
  /** Sends the response headers unless they are sent. */
  open(): void;
  fail(error: unknown): void;
  /** True once the call is over; what is written from then on is dropped. */
  readonly over: boolean;
}

/**
 * The reply messages of one stream. Frames gather until the end of the turn and leave as one buffer; while the connection
 * has not taken that one, further frames gather behind it, so that a slow reader costs few and large writes.
 */
export class ReplySink<Response> implements Sink<Response>, Flushable {
  readonly #context: ReplyContext;
  readonly #encode: (response: Response) => Uint8Array;
  #frames: Uint8Array[] = [];
  #frameBytes = 0;
  #bytesInFlight = 0;
  #scheduled = false;
  #full = false;
  #onDrain: (() => void) | undefined;
  readonly #written = (): void => this.#taken();

  constructor(context: ReplyContext, encode: (response: Response) => Uint8Array) {
    this.#context = context;
    this.#encode = encode;
  }

  get queuedBytes(): number {
    return this.#frameBytes + this.#bytesInFlight;
  }

  write(response: Response): boolean {
    return this.#push(frameOf(this.#encode(response)));
  }

  writeEncoded(message: EncodedMessage): boolean {
    return this.#push(message.frame);
  }

  onDrain(callback: () => void): void {
    this.#onDrain = callback;
  }

  /** Opens the stream at the end of this turn even if nothing was written: the client learns that it is being served. */
  schedule(): void {
    if (this.#scheduled || this.#bytesInFlight > 0) return;
    this.#scheduled = true;
    this.#context.turn.add(this);
  }

  flush(): void {
    this.#scheduled = false;
    if (this.#context.over) return;
    this.#context.open();
    if (this.#bytesInFlight > 0 || this.#frameBytes === 0) return;
    const { frames, bytes } = this.takeRest();
    this.#bytesInFlight = bytes;
    if (this.#context.stream.write(frames, bytes, this.#written)) this.#taken();
  }

  /** What was not yet given to the connection; the caller sends it, or drops it. */
  takeRest(): Frames {
    const rest = { frames: this.#frames, bytes: this.#frameBytes };
    this.#frames = [];
    this.#frameBytes = 0;
    return rest;
  }

  #push(frame: Uint8Array): boolean {
    if (this.#context.over) return false;
    this.#frames.push(frame);
    this.#frameBytes += frame.length;
    const queued = this.queuedBytes;
    if (queued > this.#context.replyBytesQueuedMax) {
      this.#context.fail(
        new RpcError(
          'RESOURCE_EXHAUSTED',
          `the client left ${queued} bytes of replies unread, and was cut off`,
        ),
      );
      return false;
    }
    this.schedule();
    if (queued <= this.#context.replyBytesHighWater) return true;
    this.#full = true;
    return false;
  }

  #taken(): void {
    this.#bytesInFlight = 0;
    if (this.#context.over) return;
    if (this.#frameBytes > 0) this.flush();
    if (!this.#full || this.queuedBytes >= this.#context.replyBytesLowWater) return;
    this.#full = false;
    try {
      this.#onDrain?.();
    } catch (error) {
      this.#context.fail(error);
    }
  }
}

/** `bytes` behind the prefix of an uncompressed (or, with `flags` 1, compressed) message. */
export function frameOf(bytes: Uint8Array, flags = 0): Uint8Array {
  const length = bytes.length;
  const frame = Buffer.allocUnsafe(length + 5);
  frame[0] = flags;
  frame.writeUInt32BE(length, 1);
  frame.set(bytes, 5);
  return frame;
}
