/**
 * The network between a client and the broker: it takes time, breaks connections with what is on them in either direction, and
 * tells a client of that late. What passes are the bytes of messages, as on a real wire.
 */
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import type { DescMessage, DescMethod, MessageShape } from '@bufbuild/protobuf';

import type { Random } from '../../src/base/random.ts';
import { CodecDamage } from '../../src/codec/damage.ts';
import { JournalDamage } from '../../src/journal/journal.ts';
import { Refused } from '../../src/rpc/errors.ts';
import { RpcError } from '../../src/rpc/transport.ts';
import type { Call, Method } from '../../src/rpc/transport.ts';
import { CallFailure, SimulatedCall, SimulatedSink, SimulatedSource } from './call.ts';
import type { Fault } from './guarantees.ts';
import type { Machine } from './machine.ts';
import type { Scheduler } from './scheduler.ts';

export interface NetworkOptions {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly machine: Machine;
  /** One in how many messages breaks its connection. */
  readonly breaksOneIn: number;
  readonly onFault: (kind: Fault) => void;
  /** Told of what no client should ever see. */
  readonly onBug: (what: string) => void;
  /** The broker found its disk damaged while it served a call. */
  readonly onDamage: (error: Error) => void;
  /** Told of each message to a client whether the broker keeps its queue within bounds. */
  readonly onQueued: (isWithinBounds: boolean, method: string) => void;
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

/** How long a reader of a stream may stop reading. */
const stuckMsMax = 400;

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
        const implementation = implementationOf(method, call);
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
    const answer = (bytes: Uint8Array, delivered: () => void): void => {
      this.#toClient(call, () => {
        delivered();
        events.message(fromBinary(method.output, bytes) as MessageShape<M['output']>);
      });
    };
    const sink = new SimulatedSink<DescMessage>(method.output, {
      deliver: answer,
      onFull: () => this.#options.onFault('slow reader'),
      onQueued: (isWithinBounds) => this.#options.onQueued(isWithinBounds, pathOf(method)),
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
      const implementation = implementationOf(method, call);
      void serveStream(implementation, method, { bytes, source, sink, answer }, call).then(ended, refused);
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
    // A machine that has stopped in the midst of this tick says no more, though nobody has noticed yet.
    if (
      call.incarnation?.isDead === true ||
      this.#options.machine.disk.simulated.stopped ||
      this.#breaks(call)
    )
      return;
    const { random, scheduler } = this.#options;
    // Who reads a stream stops reading now and then, and what comes meanwhile has to wait.
    const isStuck = call.deadlineMs === undefined && random.below(100) === 0;
    const delayMs = isStuck ? random.below(stuckMsMax) : this.#delayMs();
    call.inMs = Math.max(call.inMs, scheduler.nowMs + delayMs);
    this.#options.scheduler.at(call.inMs, () => {
      if (!call.isOver && !call.isBroken) deliver();
    });
  }

  /** Now and then the connection breaks: nothing passes any more, and each side learns of it in its own time. */
  #breaks(call: SimulatedCall): boolean {
    const { scheduler, random, breaksOneIn, onFault } = this.#options;
    if (call.isBroken) return true;
    if (random.below(breaksOneIn) !== 0) return false;
    onFault('broken connection');
    call.isBroken = true;
    scheduler.after(random.below(20), () => call.cancel());
    scheduler.after(random.below(20), () => call.fail(unavailable('the connection broke')));
    return true;
  }

  #failureOf(error: unknown, call: SimulatedCall): CallFailure {
    if (error instanceof Refused) return new CallFailure(error.code, error.rejection.reason, error.message);
    if (error instanceof RpcError) return new CallFailure(error.code, '', error.message);
    const { onBug, onDamage } = this.#options;
    if (error instanceof JournalDamage || error instanceof CodecDamage) {
      onDamage(error);
      return unavailable('the broker stopped');
    }
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (call.incarnation?.isDead === false) onBug(`${call.method} failed with no refusal: ${what}`);
    return new CallFailure('INTERNAL', '', what);
  }

  #delayMs(): number {
    const { random, onFault } = this.#options;
    if (random.below(40) !== 0) return 0.05 + random.below(1_000) / 1_000;
    onFault('late message');
    return random.below(40);
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

interface StreamSides {
  /** The only request, where there is only one. */
  readonly bytes: Uint8Array | null;
  readonly source: SimulatedSource<DescMessage>;
  readonly sink: SimulatedSink<DescMessage>;
  readonly answer: (bytes: Uint8Array, delivered: () => void) => void;
}

async function serveStream(
  implementation: Method | undefined,
  method: DescMethod,
  { bytes, source, sink, answer }: StreamSides,
  call: Call,
): Promise<void> {
  switch (implementation?.kind) {
    case 'server_streaming':
      if (bytes === null) throw new TypeError(`${pathOf(method)} wants a request`);
      return implementation.handle(fromBinary(method.input, bytes), sink, call);
    case 'bidi_streaming':
      return implementation.handle(source, sink, call);
    case 'client_streaming': {
      const response = await implementation.handle(source, call);
      return answer(toBinary(method.output, response), () => undefined);
    }
    default:
      throw new TypeError(`${pathOf(method)} is not served as a stream`);
  }
}

function implementationOf(method: DescMethod, call: SimulatedCall): Method | undefined {
  return call.incarnation?.methods.get(pathOf(method));
}

function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

function unavailable(message: string): CallFailure {
  return new CallFailure('UNAVAILABLE', '', message);
}
