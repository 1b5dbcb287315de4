/** A call as both of its sides see it, and the two directions of a stream. */
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';

import { anybody } from '../../src/access/caller.ts';
import type { Call, EncodedMessage, Sink, Source, StatusName } from '../../src/rpc/transport.ts';
import type { Incarnation } from './machine.ts';

/** A call that ended badly. `reason` is empty where the broker did not say one. */
export class CallFailure extends Error {
  readonly code: StatusName;
  readonly reason: string;

  constructor(code: StatusName, reason: string, message: string) {
    super(message);
    this.code = code;
    this.reason = reason;
  }

  /** Whether it has to be asked again: nobody knows if the request took effect, or the disk had no room for it. */
  get isUnknown(): boolean {
    if (this.reason === 'DISK_FULL') return true;
    return this.code === 'UNAVAILABLE' || this.code === 'DEADLINE_EXCEEDED' || this.code === 'CANCELLED';
  }
}

/** Bytes on their way to one reader, beyond which the broker is asked to wait. */
const highWaterBytes = 2_000;
/** What may be waiting already when the broker sends more: beside that, the rest of what it was at, and a bookmark. */
const queuedBytesMax = highWaterBytes + 4_000;

export class SimulatedCall implements Call {
  readonly caller = anybody;
  readonly method: string;
  readonly incarnation: Incarnation | null;
  readonly deadlineMs: number | undefined;
  readonly metadata = { get: () => undefined, getBinary: () => undefined };
  readonly peer = 'simulated:1';
  cancelled = false;
  isOver = false;
  isBroken = false;
  /** When the newest message that way arrives. */
  outMs = 0;
  inMs = 0;
  timer: { cancel(): void } | null = null;
  readonly #onFailure: (failure: CallFailure) => void;
  readonly #cancelListeners: (() => void)[] = [];
  readonly #overListeners: (() => void)[] = [];

  constructor(
    method: string,
    incarnation: Incarnation | null,
    deadlineMs: number,
    onFailure: (failure: CallFailure) => void,
  ) {
    this.method = method;
    this.incarnation = incarnation;
    this.deadlineMs = deadlineMs === Infinity ? undefined : deadlineMs;
    this.#onFailure = onFailure;
  }

  onCancel(callback: () => void): void {
    if (this.cancelled) callback();
    else this.#cancelListeners.push(callback);
  }

  /** Simulated connections have no age, and are cut when the broker stops. */
  onLeave(): void {}

  onOver(callback: () => void): void {
    this.#overListeners.push(callback);
  }

  setHeader(): void {}

  setTrailer(): void {}

  /** The broker learns that nobody waits any more. */
  cancel(): void {
    if (this.cancelled || this.incarnation === null) return;
    this.cancelled = true;
    if (!this.incarnation.isDead) for (const listener of this.#cancelListeners) listener();
  }

  /** The client has its answer. */
  finish(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.timer?.cancel();
    for (const listener of this.#overListeners) listener();
  }

  fail(failure: CallFailure): void {
    if (this.isOver) return;
    this.finish();
    this.#onFailure(failure);
  }
}

export interface SinkEvents {
  /** A message goes out; `delivered` is to be called when it has arrived. */
  readonly deliver: (bytes: Uint8Array, delivered: () => void) => void;
  /** The broker was asked to wait. */
  readonly onFull: () => void;
  /** Told of each message whether the broker keeps to what it was asked. */
  readonly onQueued: (isWithinBounds: boolean) => void;
}

export class SimulatedSink<D extends DescMessage> implements Sink<MessageShape<D>> {
  readonly #descriptor: D;
  readonly #events: SinkEvents;
  readonly #drainListeners: (() => void)[] = [];
  #isFull = false;
  queuedBytes = 0;

  constructor(descriptor: D, events: SinkEvents) {
    this.#descriptor = descriptor;
    this.#events = events;
  }

  write(response: MessageShape<D>): boolean {
    return this.#send(toBinary(this.#descriptor, response));
  }

  writeEncoded(message: EncodedMessage): boolean {
    return this.#send(message.bytes.slice());
  }

  onDrain(callback: () => void): void {
    this.#drainListeners.push(callback);
  }

  #send(bytes: Uint8Array): boolean {
    this.#events.onQueued(this.queuedBytes <= queuedBytesMax);
    this.queuedBytes += bytes.length + 5;
    this.#events.deliver(bytes, () => {
      this.queuedBytes -= bytes.length + 5;
      if (!this.#isFull || this.queuedBytes > highWaterBytes / 4) return;
      this.#isFull = false;
      for (const listener of this.#drainListeners) listener();
    });
    if (this.queuedBytes > highWaterBytes && !this.#isFull) {
      this.#isFull = true;
      this.#events.onFull();
    }
    return !this.#isFull;
  }
}

export class SimulatedSource<D extends DescMessage> implements Source<MessageShape<D>> {
  readonly #descriptor: D;
  readonly #waiting: Uint8Array[] = [];
  #onMessage: ((request: MessageShape<D>) => void) | null = null;
  #onEnd: (() => void) | null = null;
  #isPaused = false;
  #hasEnded = false;

  constructor(descriptor: D) {
    this.#descriptor = descriptor;
  }

  deliver(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.#flow();
  }

  end(): void {
    this.#hasEnded = true;
    this.#flow();
  }

  onMessage(callback: (request: MessageShape<D>) => void): void {
    this.#onMessage = callback;
    this.#flow();
  }

  onEnd(callback: () => void): void {
    this.#onEnd = callback;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#flow();
  }

  #flow(): void {
    while (!this.#isPaused && this.#onMessage !== null) {
      const bytes = this.#waiting.shift();
      if (bytes === undefined) break;
      this.#onMessage(fromBinary(this.#descriptor, bytes));
    }
    if (this.#hasEnded && this.#waiting.length === 0) {
      this.#onEnd?.();
      this.#onEnd = null;
    }
  }
}
