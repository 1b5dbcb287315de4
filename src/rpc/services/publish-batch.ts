/**
 * Several diffs in one message of a publish stream, and several outcomes in one answer, for clients to which a message costs more
 * than a diff (in Python fifty times more). A message with `more` is taken apart here, and outcomes are put together, so that the
 * stream itself knows nothing of it. Outcomes that come in one turn of the event loop travel together.
 */
import { publishesPerMessageMax } from '../../base/limits.ts';
import type { PublishStreamResponse } from '../../gen/hyperloom/v1/context_service_pb.ts';
import { reject } from '../../state/outcome.ts';
import type { Rejection } from '../../state/outcome.ts';
import { Refused } from '../errors.ts';
import { EncodedMessage, RpcError, type Sink } from '../transport.ts';

/** Tells a client that the broker takes `PublishStreamRequest.more`. */
export const publishMoreHeader = 'hyperloom-publish-more';

/** The bytes of one `PublishRequest` of several in a message. */
export class PublishSlice {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

const publishTag = (1 << 3) + 2;
const moreTag = (2 << 3) + 2;
const moreOutcomesTag = (3 << 3) + 2;

/** The diffs of a message that holds several; `null` where it holds one, or is left to those who find the words for it. */
export function slicesOf(message: Uint8Array): PublishSlice[] | null {
  const { length: total } = message;
  const slices: PublishSlice[] = [];
  for (let at = 0; at < total;) {
    if (message[at] !== (at === 0 ? publishTag : moreTag)) return null;
    let length = 0;
    at += 1;
    for (let scale = 1, byte = 128; byte > 127; scale *= 128) {
      byte = message[at++] ?? 0;
      length += (byte & 127) * scale;
    }
    if (at + length > total) return null;
    if (slices.length === 0 && at + length === total) return null;
    slices.push(new PublishSlice(message.subarray(at, at + length)));
    at += length;
  }
  checkCount(slices.length);
  return slices.length === 0 ? null : slices;
}

/** Ends a stream whose client sends more than it may in one message. */
export function checkCount(count: number): void {
  if (count <= publishesPerMessageMax) return;
  const maximum = publishesPerMessageMax;
  const description = `a message with ${count} publishes is over the limit of ${maximum}; send them in several`;
  const metadata = { limit: 'publishesPerMessageMax', maximum, actual: count };
  const violations = [{ field: 'more', description }];
  endStream(reject('LIMIT_EXCEEDED', `more: ${description}`, metadata, { violations }));
}

/** Ends a stream with a refusal that is of no one publish in it. */
export function endStream(rejection: Rejection): never {
  const { code, message, details } = new Refused(rejection);
  throw new RpcError(code, message, details);
}

/** Hands outcomes on, from `join` on those of one turn in one message. */
export class OutcomeSink implements Pick<Sink<PublishStreamResponse>, 'writeEncoded' | 'onDrain'> {
  readonly #sink: Sink<PublishStreamResponse>;
  #isJoining = false;
  #hasRoom = true;
  #held: Uint8Array[] = [];

  constructor(sink: Sink<PublishStreamResponse>) {
    this.#sink = sink;
  }

  /** The client reads several outcomes in a message. */
  join(): void {
    this.#isJoining = true;
  }

  writeEncoded(message: EncodedMessage): boolean {
    if (!this.#isJoining) return this.#sink.writeEncoded(message);
    if (this.#held.push(message.bytes) === 1) queueMicrotask(() => this.#flush());
    else if (this.#held.length === publishesPerMessageMax) this.#flush();
    return this.#hasRoom;
  }

  onDrain(callback: () => void): void {
    this.#sink.onDrain(() => {
      this.#hasRoom = true;
      callback();
    });
  }

  #flush(): void {
    const held = this.#held;
    if (held.length === 0) return;
    this.#held = [];
    this.#hasRoom = this.#sink.writeEncoded(new EncodedMessage(joined(held)));
  }
}

/** One `PublishStreamResponse` out of many with an outcome each: the first one's own fields, the others behind it as `more`. */
function joined(outcomes: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const outcome of outcomes) length += outcome.length + 6;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const outcome of outcomes) {
    if (at > 0) {
      bytes[at++] = moreOutcomesTag;
      let rest = outcome.length;
      for (; rest > 127; rest = Math.floor(rest / 128)) bytes[at++] = (rest & 127) | 128;
      bytes[at++] = rest;
    }
    bytes.set(outcome, at);
    at += outcome.length;
  }
  return bytes.subarray(0, at);
}
