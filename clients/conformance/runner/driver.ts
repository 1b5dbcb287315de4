/** A driver as a process: commands to its standard input, what happened from its standard output. */
import { create, type JsonValue, type MessageInitShape } from '@bufbuild/protobuf';
import { sizeDelimitedDecodeStream, sizeDelimitedEncode } from '@bufbuild/protobuf/wire';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

import {
  type CallEnded,
  DriverRequestSchema,
  DriverResponseSchema,
} from '../gen/hyperloom/conformance/v1/driver_pb.ts';

/** Takes what comes of a call. */
export interface CallListener {
  onMessage(message: Uint8Array): void;
  /** Once, last. */
  onEnd(end: CallEnded): void;
}

/** What became of a call of the SDK. */
export interface SdkOutcome {
  readonly failed: boolean;
  /** What it returned; where it failed, the error. */
  readonly value: JsonValue;
}

/** A call of the SDK. */
export interface SdkCallUnderWay {
  readonly number: bigint;
  readonly outcome: Promise<SdkOutcome>;
}

/** What a driver says of itself. */
export interface Ready {
  readonly client: string;
  /** Empty: it has none. */
  readonly sdk: string;
}

type Command = Exclude<MessageInitShape<typeof DriverRequestSchema>['command'], undefined>;

/** How long a driver may take to say that it is ready; some are started by a compiler. */
const readyMs = 120_000;

export class Driver {
  readonly #child: ChildProcess;
  readonly #listeners = new Map<bigint, CallListener>();
  readonly #sdkCalls = new Map<bigint, PromiseWithResolvers<SdkOutcome>>();
  readonly #ready = Promise.withResolvers<Ready>();
  #calls = 0n;
  #clients = 0;

  /** Starts a driver. `command` is a program and its arguments. */
  constructor(command: readonly [string, ...string[]], folder: string) {
    const [program, ...args] = command;
    // Who asks whether it is ready is told; it may also fail when nobody asks any more.
    this.#ready.promise.catch(() => {});
    this.#child = spawn(program, args, { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.on('error', (error) => this.#fail(error));
    // A driver that died cannot be written to; its end is told below.
    this.#child.stdin?.on('error', () => {});
    this.#listen().then(
      () => this.#fail(new Error('the driver ended')),
      (error: unknown) => this.#fail(error),
    );
  }

  /** What it says of itself. */
  ready(): Promise<Ready> {
    const late = setTimeout(() => this.#fail(new Error('the driver does not say that it is ready')), readyMs);
    return this.#ready.promise.finally(() => clearTimeout(late));
  }

  /** Makes a client that shows that token, or none, and returns its number. */
  connect(address: string, token: string): number {
    this.#clients += 1;
    this.command({ case: 'connect', value: { client: this.#clients, address, token } });
    return this.#clients;
  }

  /** Begins a call and returns its number. */
  start(
    client: number,
    call: { readonly method: string; readonly request?: Uint8Array; readonly timeoutMs: number },
    listener: CallListener,
  ): bigint {
    this.#calls += 1n;
    this.#listeners.set(this.#calls, listener);
    const seconds = Math.floor(call.timeoutMs / 1_000);
    this.command({
      case: 'start',
      value: {
        call: this.#calls,
        client,
        method: call.method,
        ...(call.request === undefined ? {} : { request: call.request }),
        timeout: { seconds: BigInt(seconds), nanos: Math.round((call.timeoutMs - seconds * 1_000) * 1e6) },
      },
    });
    return this.#calls;
  }

  /** Begins a call of the SDK. */
  startSdk(
    client: number,
    call: {
      readonly target: string;
      readonly verb: string;
      readonly args: JsonValue;
      readonly handle: string;
    },
  ): SdkCallUnderWay {
    this.#calls += 1n;
    const number = this.#calls;
    const under = Promise.withResolvers<SdkOutcome>();
    under.promise.catch(() => {});
    this.#sdkCalls.set(number, under);
    const { args, ...wanted } = call;
    const given = new TextEncoder().encode(JSON.stringify(args));
    this.command({ case: 'sdk', value: { call: number, client, arguments: given, ...wanted } });
    return { number, outcome: under.promise };
  }

  /** Tells it what to do. */
  command(command: Command): void {
    this.#child.stdin?.write(
      sizeDelimitedEncode(DriverRequestSchema, create(DriverRequestSchema, { command })),
    );
  }

  /** Ends it. */
  async close(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin?.end();
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(late);
  }

  async #listen(): Promise<void> {
    if (this.#child.stdout === null) return;
    for await (const { event } of sizeDelimitedDecodeStream(DriverResponseSchema, this.#child.stdout)) {
      if (event.case === 'ready') this.#ready.resolve(event.value);
      else if (event.case === 'returned') this.#settle(event.value.call, false, event.value.result);
      else if (event.case === 'failed') this.#settle(event.value.call, true, event.value.error);
      else if (event.case === 'received')
        this.#listeners.get(event.value.call)?.onMessage(event.value.message);
      else if (event.case === 'ended') {
        const listener = this.#listeners.get(event.value.call);
        this.#listeners.delete(event.value.call);
        listener?.onEnd(event.value);
      }
    }
  }

  #settle(call: bigint, failed: boolean, json: Uint8Array): void {
    const value = JSON.parse(new TextDecoder().decode(json)) as JsonValue;
    this.#sdkCalls.get(call)?.resolve({ failed, value });
    this.#sdkCalls.delete(call);
  }

  #fail(error: unknown): void {
    this.#ready.reject(error);
    for (const { reject } of this.#sdkCalls.values()) reject(error);
    this.#sdkCalls.clear();
    for (const listener of this.#listeners.values()) listener.onEnd(driverGone(String(error)));
    this.#listeners.clear();
  }
}

/** A code that gRPC does not have: no scenario expects it. */
function driverGone(message: string): CallEnded {
  return {
    $typeName: 'hyperloom.conformance.v1.CallEnded',
    call: 0n,
    code: -1,
    message,
    status: new Uint8Array(),
  };
}
