import { type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import type { EncodedMessage, Sink } from '../transport.ts';

interface Item<D extends DescMessage> {
  readonly message: MessageShape<D>;
  readonly bytes: number;
}

/** A sink on one side, an iterable that Connect's handlers pull from on the other. */
export class WebSink<D extends DescMessage> implements Sink<MessageShape<D>> {
  readonly #descriptor: D;
  readonly #bytesHighWater: number;
  readonly #bytesLowWater: number;
  #items: Item<D>[] = [];
  #queuedBytes = 0;
  #full = false;
  #ended = false;
  #error: unknown;
  #onDrain: (() => void) | undefined;
  #wake: (() => void) | undefined;

  constructor(descriptor: D, bytesHighWater: number, bytesLowWater: number) {
    this.#descriptor = descriptor;
    this.#bytesHighWater = bytesHighWater;
    this.#bytesLowWater = bytesLowWater;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Encodes once more than needed, to know the size: next to what these protocols cost anyway, it does not show. */
  write(message: MessageShape<D>): boolean {
    return this.#push(message, toBinary(this.#descriptor, message).length);
  }

  writeEncoded(message: EncodedMessage): boolean {
    return this.#push(fromBinary(this.#descriptor, message.bytes), message.bytes.length);
  }

  onDrain(callback: () => void): void {
    this.#onDrain = callback;
  }

  /** Ends the iteration after what is queued: well, or by throwing `error`. */
  end(error?: unknown): void {
    this.#ended = true;
    this.#error = error;
    this.#wake?.();
  }

  async *messages(): AsyncGenerator<MessageShape<D>> {
    for (;;) {
      const items = this.#items;
      this.#items = [];
      for (const item of items) {
        yield item.message;
        this.#taken(item.bytes);
      }
      if (this.#items.length > 0) continue;
      if (this.#ended) break;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#error !== undefined) throw this.#error;
  }

  #push(message: MessageShape<D>, bytes: number): boolean {
    if (this.#ended) return false;
    this.#items.push({ message, bytes });
    this.#queuedBytes += bytes;
    this.#wake?.();
    if (this.#queuedBytes <= this.#bytesHighWater) return true;
    this.#full = true;
    return false;
  }

  #taken(bytes: number): void {
    this.#queuedBytes -= bytes;
    if (!this.#full || this.#queuedBytes >= this.#bytesLowWater) return;
    this.#full = false;
    this.#onDrain?.();
  }
}
