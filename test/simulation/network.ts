/**
 * The network between a client and the broker: it takes time, breaks connections with what is on them in either direction, and
 * tells a client of that late. What passes are the bytes of messages, as on a real wire.
 */
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import type { DescMessage, DescMethod, MessageShape } from '@bufbuild/protobuf';

import type { Random } from '../../src/base/random.ts';
import { Refused } from '../../src/rpc/errors.ts';
import { RpcError } from '../../src/rpc/transport.ts';
import type { Call, EncodedMessage, Method, Sink, Source, StatusName } from '../../src/rpc/transport.ts';
import type { Incarnation, Machine } from './machine.ts';
import type { Scheduler } from './scheduler.ts';

/** A call that ended badly. `reason` is empty where the broker did not say one. */
export class CallFailure extends Error {
  readonly code: StatusName;
  readonly reason: string;

  constructor(code: StatusName, reason: string, message: string) {
    super(message);
    this.code = code;
    this.reason = reason;
  }

  /** Whether nobody knows if the request took effect. */
  get isUnknown(): boolean {
    return this.code === 'UNAVAILABLE' || this.code === 'DEADLINE_EXCEEDED' || this.code === 'CANCELLED';
  }
}

export interface NetworkOptions {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly machine: Machine;
  /** One in how many messages breaks its connection. */
  readonly breaksOneIn: number;
  /** Told of what no client should ever see. */
  readonly onBug: (what: string) => void;
}

/** What a stream gives its client: messages in order, and one end. */
export interface StreamEvents<Response> {
  message(response: Response): void;
  end(failure: CallFailure | null): void;
}

/** A stream as its client holds it. */
export interface ClientStream<Request> {
  send(request: Request): void;
  halfClose(): void;
  cancel(): void;
}

/** Bytes on their way to one reader, beyond which the broker is asked to wait. */
const highWaterBytes = 2_000;

export class Network {
  readonly #options: NetworkOptions;

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  /** One call; rejects with a {@link CallFailure}. */
  unary<M extends DescMethod>(
    method: M,
    request: MessageShape<M['input']>,
    timeoutMs: number,
  ): Promise<MessageShape<M['output']>> {
    const { scheduler } = this.#options;
    const bytes = toBinary(method.input, request);
    return new Promise((resolve, reject) => {
      const call = this.#call(method, timeoutMs, (failure) => reject(failure));
      this.#toBroker(call, () => {
        const implementation = call.incarnation?.methods.get(pathOf(method));
        if (implementation?.kind !== 'unary') throw new TypeError(`${pathOf(method)} is not served`);
        const answer = (response: Uint8Array): void =>
          this.#toClient(call, () => {
            call.finish();
            resolve(fromBinary(method.output, response) as MessageShape<M['output']>);
          });
        const refuse = (error: unknown): void =>
          this.#toClient(call, () => call.fail(this.#failureOf(error, call)));
        serveUnary(implementation, bytes, call).then(answer, refuse);
      });
      call.timer = scheduler.after(timeoutMs, () => {
        call.cancel();
        call.fail(new CallFailure('DEADLINE_EXCEEDED', '', 'the deadline passed'));
      });
    });
  }

  /** A stream of answers, and of requests where the method takes them. */
  stream<M extends DescMethod>(
    method: M,
    first: MessageShape<M['input']> | null,
    events: StreamEvents<MessageShape<M['output']>>,
  ): ClientStream<MessageShape<M['input']>> {
    const call = this.#call(method, Infinity, (failure) => events.end(failure));
    const sink = new SimulatedSink<DescMessage>(method.output, (bytes, delivered) => {
      this.#toClient(call, () => {
        delivered();
        events.message(fromBinary(method.output, bytes) as MessageShape<M['output']>);
      });
    });
    const source = new SimulatedSource<DescMessage>(method.input);
    const ended = (): void =>
      this.#toClient(call, () => {
        call.finish();
        events.end(null);
      });
    const refused = (error: unknown): void =>
      this.#toClient(call, () => call.fail(this.#failureOf(error, call)));
    const bytes = first === null ? null : toBinary(method.input, first);
    this.#toBroker(call, () => {
      const implementation = call.incarnation?.methods.get(pathOf(method));
      if (implementation?.kind === 'server_streaming' && bytes !== null) {
        Promise.resolve()
          .then(() => implementation.handle(fromBinary(method.input, bytes), sink, call))
          .then(ended, refused);
      } else if (implementation?.kind === 'bidi_streaming') {
        Promise.resolve()
          .then(() => implementation.handle(source, sink, call))
          .then(ended, refused);
      } else throw new TypeError(`${pathOf(method)} is not served as a stream`);
    });
    return {
      send: (request) => {
        const sent = toBinary(method.input, request);
        this.#toBroker(call, () => source.deliver(sent));
      },
      halfClose: () => this.#toBroker(call, () => source.end()),
      cancel: () => {
        call.finish();
        call.cancel();
      },
    };
  }

  #call(method: DescMethod, timeoutMs: number, onFailure: (failure: CallFailure) => void): SimulatedCall {
    const { scheduler, machine } = this.#options;
    const call = new SimulatedCall(pathOf(method), machine.current, scheduler.nowMs + timeoutMs, onFailure);
    const { incarnation } = call;
    if (incarnation === null) {
      scheduler.after(this.#delayMs(), () => call.fail(unavailable('nobody listens')));
      return call;
    }
    const died = (): void => {
      call.cancel();
      scheduler.after(this.#delayMs(), () => call.fail(unavailable('the connection was lost')));
    };
    incarnation.onDeath.add(died);
    call.onOver(() => incarnation.onDeath.delete(died));
    return call;
  }

  /** Messages of one call arrive in order. */
  #toBroker(call: SimulatedCall, deliver: () => void): void {
    if (this.#breaks(call)) return;
    call.outMs = Math.max(call.outMs, this.#options.scheduler.nowMs + this.#delayMs());
    this.#options.scheduler.at(call.outMs, () => {
      if (call.incarnation === null || call.incarnation.isDead || call.cancelled) return;
      deliver();
    });
  }

  #toClient(call: SimulatedCall, deliver: () => void): void {
    if (call.incarnation?.isDead === true || this.#breaks(call)) return;
    call.inMs = Math.max(call.inMs, this.#options.scheduler.nowMs + this.#delayMs());
    this.#options.scheduler.at(call.inMs, () => {
      if (!call.isOver && !call.isBroken) deliver();
    });
  }

  /** Now and then the connection breaks: nothing passes any more, and each side learns of it in its own time. */
  #breaks(call: SimulatedCall): boolean {
    const { scheduler, random, breaksOneIn } = this.#options;
    if (call.isBroken) return true;
    if (random.below(breaksOneIn) !== 0) return false;
    call.isBroken = true;
    scheduler.after(random.below(20), () => call.cancel());
    scheduler.after(random.below(20), () => call.fail(unavailable('the connection broke')));
    return true;
  }

  #failureOf(error: unknown, call: SimulatedCall): CallFailure {
    if (error instanceof Refused) return new CallFailure(error.code, error.rejection.reason, error.message);
    if (error instanceof RpcError) return new CallFailure(error.code, '', error.message);
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (call.incarnation?.isDead === false)
      this.#options.onBug(`${call.method} failed with no refusal: ${what}`);
    return new CallFailure('INTERNAL', '', what);
  }

  #delayMs(): number {
    const { random } = this.#options;
    return random.below(40) === 0 ? random.below(40) : 0.05 + random.below(1_000) / 1_000;
  }
}

async function serveUnary(
  method: Method & { kind: 'unary' },
  bytes: Uint8Array,
  call: Call,
): Promise<Uint8Array> {
  if (method.handleBytes !== undefined) return method.handleBytes(bytes, call);
  return toBinary(
    method.descriptor.output,
    await method.handle(fromBinary(method.descriptor.input, bytes), call),
  );
}

function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

function unavailable(message: string): CallFailure {
  return new CallFailure('UNAVAILABLE', '', message);
}

/** One call, as both sides see it. */
class SimulatedCall implements Call {
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

class SimulatedSink<D extends DescMessage> implements Sink<MessageShape<D>> {
  readonly #descriptor: D;
  readonly #deliver: (bytes: Uint8Array, delivered: () => void) => void;
  readonly #drainListeners: (() => void)[] = [];
  #isFull = false;
  queuedBytes = 0;

  constructor(descriptor: D, deliver: (bytes: Uint8Array, delivered: () => void) => void) {
    this.#descriptor = descriptor;
    this.#deliver = deliver;
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
    this.queuedBytes += bytes.length + 5;
    this.#deliver(bytes, () => {
      this.queuedBytes -= bytes.length + 5;
      if (!this.#isFull || this.queuedBytes > highWaterBytes / 4) return;
      this.#isFull = false;
      for (const listener of this.#drainListeners) listener();
    });
    if (this.queuedBytes > highWaterBytes) this.#isFull = true;
    return !this.#isFull;
  }
}

class SimulatedSource<D extends DescMessage> implements Source<MessageShape<D>> {
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
