import { gunzip } from 'node:zlib';
import { undecodable } from '../errors.ts';
import { RpcError, type Source } from '../transport.ts';
import type { CallStream } from './call-stream.ts';
import { type ByteBudget, MessageReader } from './message-reader.ts';

/** What a source needs to know of the call it belongs to. */
export interface RequestContext {
  readonly stream: CallStream;
  readonly messageBytesMax: number;
  readonly budget: ByteBudget;
  /** What `grpc-encoding` names; messages may be compressed only with it. */
  readonly encoding: 'identity' | 'gzip';
  /** Ends the call: the request is malformed, or a receiver threw. */
  fail(error: unknown): void;
  /** True once the call is over; nothing is delivered from then on. */
  readonly over: boolean;
}

/** The request messages of one stream. It reads from the connection only while somebody receives. */
export class RequestSource<Request> implements Source<Request> {
  readonly #context: RequestContext;
  readonly #decode: (payload: Uint8Array) => Request;
  readonly #reader: MessageReader;
  #onMessage: ((request: Request) => void) | undefined;
  #onEnd: (() => void) | undefined;
  #paused = false;
  #inflating = false;
  #ended = false;

  constructor(context: RequestContext, decode: (payload: Uint8Array) => Request) {
    this.#context = context;
    this.#decode = decode;
    this.#reader = new MessageReader(context.messageBytesMax, context.budget, (payload, compressed) => {
      if (compressed) this.#inflate(payload);
      else this.#deliver(payload);
    });
  }

  onMessage(callback: (request: Request) => void): void {
    const first = this.#onMessage === undefined;
    this.#onMessage = callback;
    if (!first) return;
    const stream = this.#context.stream;
    stream.receive({
      onData: (chunk) => this.#guard(() => this.#reader.push(chunk)),
      onEnd: () => {
        this.#ended = true;
        this.#finish();
      },
    });
    if (this.#paused) stream.pause();
  }

  onEnd(callback: () => void): void {
    this.#onEnd = callback;
  }

  pause(): void {
    this.#paused = true;
    this.#hold();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#release();
  }

  /** Gives back what incomplete messages took of the budget. */
  close(): void {
    this.#reader.clear();
  }

  #hold(): void {
    this.#reader.hold();
    this.#context.stream.pause();
  }

  #release(): void {
    if (this.#paused || this.#inflating || this.#context.over) return;
    this.#guard(() => this.#reader.release());
    if (this.#paused || this.#inflating) return;
    if (this.#onMessage !== undefined) this.#context.stream.resume();
    this.#finish();
  }

  #deliver(payload: Uint8Array): void {
    if (this.#context.over) return;
    let request: Request;
    try {
      request = this.#decode(payload);
    } catch {
      return undecodable();
    }
    this.#onMessage?.(request);
  }

  /** Later messages wait for this one, so that order is kept. */
  #inflate(payload: Uint8Array): void {
    if (this.#context.encoding === 'identity') {
      throw new RpcError(
        'INTERNAL',
        'a request message is compressed, but grpc-encoding names no compression',
      );
    }
    this.#inflating = true;
    this.#hold();
    const maxOutputLength = this.#context.messageBytesMax;
    gunzip(payload, { maxOutputLength }, (error, inflated) => {
      this.#inflating = false;
      if (this.#context.over) return;
      this.#guard(() => {
        if (error !== null) throw inflateError(error, maxOutputLength);
        this.#deliver(inflated);
      });
      this.#release();
    });
  }

  #finish(): void {
    if (!this.#ended || this.#paused || this.#inflating || this.#context.over) return;
    this.#ended = false;
    if (!this.#reader.empty) {
      this.#context.fail(new RpcError('INVALID_ARGUMENT', 'the request ended in the middle of a message'));
      return;
    }
    this.#guard(() => this.#onEnd?.());
  }

  #guard(action: () => void): void {
    if (this.#context.over) return;
    try {
      action();
    } catch (error) {
      this.#context.fail(error);
    }
  }
}

function inflateError(error: Error, bytesMax: number): RpcError {
  if ('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
    return new RpcError(
      'RESOURCE_EXHAUSTED',
      `a request message is larger than the limit of ${bytesMax} bytes once decompressed`,
    );
  }
  return new RpcError('INVALID_ARGUMENT', 'a request message is no valid gzip');
}
