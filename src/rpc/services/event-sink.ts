/**
 * Several events in one message of a subscription, for clients that take them so: a message costs a client about as much as the event
 * in it. Events that come in one turn of the event loop travel together, and subscribers that are sent the same share the bytes.
 */
import { eventBatchBytesMax } from '../../base/limits.ts';
import type { SubscribeResponse } from '../../gen/hyperloom/v1/context_service_pb.ts';
import { EncodedMessage, type Sink } from '../transport.ts';

const moreTag = (4 << 3) + 2;

/** Events that were put together: what was, and the message that came of it. */
interface Batch {
  readonly events: readonly EncodedMessage[];
  readonly message: EncodedMessage;
}

/** The newest batch that begins with an event. */
const batches = new WeakMap<EncodedMessage, Batch>();

/** Hands messages on; where the client takes several events in one, those of one turn together. */
export class EventSink {
  readonly #sink: Sink<SubscribeResponse>;
  readonly #isBatching: boolean;
  #hasRoom = true;
  #held: EncodedMessage[] = [];
  #heldBytes = 0;

  constructor(sink: Sink<SubscribeResponse>, isBatching: boolean) {
    this.#sink = sink;
    this.#isBatching = isBatching;
  }

  /** Anything but an event. */
  write(message: SubscribeResponse): boolean {
    this.flush();
    return this.#sink.write(message);
  }

  /** An event, or a part of one: a `SubscribeResponse` with nothing else in it. */
  writeEvent(event: EncodedMessage): boolean {
    if (!this.#isBatching) return this.#sink.writeEncoded(event);
    const bytes = event.bytes.length;
    if (this.#heldBytes + bytes > eventBatchBytesMax) this.flush();
    if (this.#held.push(event) === 1) queueMicrotask(() => this.flush());
    this.#heldBytes += bytes;
    return this.#hasRoom;
  }

  onDrain(callback: () => void): void {
    this.#sink.onDrain(() => {
      this.#hasRoom = true;
      callback();
    });
  }

  /** Sends what is held. */
  flush(): void {
    const events = this.#held;
    if (events.length === 0) return;
    this.#held = [];
    this.#heldBytes = 0;
    this.#hasRoom = this.#sink.writeEncoded(batchOf(events));
  }
}

function batchOf(events: readonly EncodedMessage[]): EncodedMessage {
  const [first] = events;
  if (first === undefined || events.length === 1) return first ?? new EncodedMessage(undefined);
  const made = batches.get(first);
  if (made?.events.length === events.length && made.events.every((event, index) => event === events[index]))
    return made.message;
  const message = new EncodedMessage(joined(events));
  batches.set(first, { events, message });
  return message;
}

/** The first event as it is, the others behind it as `more`: the fields differ in their tags alone. */
function joined(events: readonly EncodedMessage[]): Uint8Array {
  const bytes = new Uint8Array(events.reduce((sum, event) => sum + event.bytes.length, 0));
  let at = 0;
  for (const event of events) {
    bytes.set(event.bytes, at);
    if (at > 0) bytes[at] = moreTag;
    at += event.bytes.length;
  }
  return bytes;
}
