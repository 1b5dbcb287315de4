/** A call under way: messages that came, to be taken one by one, and its end. */
import type { CallEnded } from '../gen/hyperloom/conformance/v1/driver_pb.ts';
import type { CallListener } from './driver.ts';

export class RunningCall implements CallListener {
  readonly #messages: Uint8Array[] = [];
  readonly #ended = Promise.withResolvers<CallEnded>();
  #end: CallEnded | undefined;
  #wake = Promise.withResolvers<void>();
  #taken = 0;

  onMessage(message: Uint8Array): void {
    this.#messages.push(message);
    this.#wakeUp();
  }

  onEnd(end: CallEnded): void {
    this.#end = end;
    this.#ended.resolve(end);
    this.#wakeUp();
  }

  /** The next message. `undefined`: the call ended before. */
  async next(): Promise<Uint8Array | undefined> {
    while (this.#taken === this.#messages.length && this.#end === undefined) await this.#wake.promise;
    const message = this.#messages[this.#taken];
    if (message !== undefined) this.#taken += 1;
    return message;
  }

  /** How it ended. */
  ended(): Promise<CallEnded> {
    return this.#ended.promise;
  }

  /** The last message that came. */
  get last(): Uint8Array | undefined {
    return this.#messages.at(-1);
  }

  #wakeUp(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}
