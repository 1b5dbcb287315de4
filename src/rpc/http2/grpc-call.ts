import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { stranger, type Caller } from '../../access/caller.ts';
import type { Timer } from '../../base/clock.ts';
import { lastWordsMsMax } from '../../base/limits.ts';
import type { Rejection } from '../../state/outcome.ts';
import { isFieldValue } from '../../transport/h2/field.ts';
import { type HeaderPair, HeaderTemplate, type OutgoingHeaders } from '../../transport/h2/header-template.ts';
import { type Call, type Metadata, RpcError, type StatusName } from '../transport.ts';
import type { CallHost, CallWatch } from './call-host.ts';
import type { CallStream, RequestHeaders } from './call-stream.ts';
import type { Connection } from './connection.ts';
import type { Expirable } from './deadline-queue.ts';
import { encodeBase64, HeaderMetadata } from './header-metadata.ts';
import { type Frames, frameOf, type ReplyContext, ReplySink } from './reply-sink.ts';
import { type RequestContext, RequestSource } from './request-source.ts';
import { errorTrailers, okTrailers } from './status.ts';

export type GrpcContentType = 'application/grpc' | 'application/grpc+proto';
const heads: Readonly<Record<GrpcContentType, HeaderTemplate>> = {
  'application/grpc': head('application/grpc'),
  'application/grpc+proto': head('application/grpc+proto'),
};
const nothing: Frames = { frames: [], bytes: 0 };
const compress = promisify(gzip);

/** What the headers of a request say about the call, checked. */
export interface CallHead {
  readonly method: string;
  readonly headers: RequestHeaders;
  readonly contentType: GrpcContentType;
  readonly encoding: 'identity' | 'gzip';
  readonly deadlineMs: number | undefined;
}

/**
 * One gRPC call on one HTTP/2 stream, from its headers to its trailers. It ends exactly once: with the service's answer
 * (`succeed`, `refuse`), by the broker's decision (`fail`), at its deadline (`expire`), or because the client went away.
 */
export class GrpcCall implements Call, Expirable, RequestContext, ReplyContext {
  readonly stream: CallStream;
  readonly method: string;
  readonly deadlineMs: number | undefined;
  readonly encoding: 'identity' | 'gzip';
  caller: Caller = stranger;
  readonly #host: CallHost;
  readonly #connection: Connection;
  readonly #head: CallHead;
  readonly #watch: CallWatch;
  readonly #startMs: number;
  #metadata: Metadata | undefined;
  #over = false;
  #cancelled = false;
  #onCancel: (() => void)[] | undefined;
  #takeBackLeave: (() => void) | undefined;
  #replyHeaders: HeaderPair[] | undefined;
  #replyTrailers: HeaderPair[] | undefined;
  #source: { close(): void } | undefined;
  #lastWords: Timer | undefined;

  constructor(host: CallHost, connection: Connection, stream: CallStream, head: CallHead) {
    this.stream = stream;
    this.method = head.method;
    this.deadlineMs = head.deadlineMs;
    this.encoding = head.encoding;
    this.#host = host;
    this.#connection = connection;
    this.#head = head;
    this.#watch = host.watchOf(head.method);
    this.#startMs = host.clock.monotonicMs();
    this.#watch.began();
    connection.calls.add(this);
    host.deadlines.add(this);
    stream.onClose(() => this.#closed());
  }

  get metadata(): Metadata {
    this.#metadata ??= new HeaderMetadata(this.#head.headers);
    return this.#metadata;
  }

  get peer(): string {
    return this.#connection.peer;
  }

  get cancelled(): boolean {
    return this.#cancelled;
  }

  get over(): boolean {
    return this.#over;
  }

  get messageBytesMax(): number {
    return this.#host.limits.messageBytesMax;
  }

  get budget(): CallHost['budget'] {
    return this.#host.budget;
  }

  get turn(): CallHost['turn'] {
    return this.#host.turn;
  }

  get replyBytesHighWater(): number {
    return this.#host.limits.replyBytesHighWater;
  }

  get replyBytesLowWater(): number {
    return this.#host.limits.replyBytesLowWater;
  }

  get replyBytesQueuedMax(): number {
    return this.#host.limits.replyBytesQueuedMax;
  }

  onCancel(callback: () => void): void {
    if (this.#cancelled) callback();
    else if (!this.#over) (this.#onCancel ??= []).push(callback);
  }

  onLeave(callback: (rejection: Rejection) => void): void {
    if (!this.#over && !this.#cancelled) this.#takeBackLeave = this.#connection.leaving.onLeave(callback);
  }

  setHeader(name: string, value: string | Uint8Array): void {
    (this.#replyHeaders ??= []).push(pairOf(name, value));
  }

  setTrailer(name: string, value: string | Uint8Array): void {
    (this.#replyTrailers ??= []).push(pairOf(name, value));
  }

  /** The requests of this call, to be received once. */
  source<Request>(decode: (payload: Uint8Array) => Request): RequestSource<Request> {
    const source = new RequestSource(this, decode);
    this.#source = source;
    return source;
  }

  /** The replies of this call. */
  sink<Response>(encode: (response: Response) => Uint8Array): ReplySink<Response> {
    return new ReplySink(this, encode);
  }

  open(): void {
    if (this.stream.headersSent || this.stream.closed) return;
    this.#respond(undefined);
  }

  /** Ends the call well, with the one message of a call that has one. */
  succeedWith(message: Uint8Array): void {
    if (this.#over) return;
    if (message.length >= this.#host.limits.compressedReplyBytesMin && this.#acceptsGzip()) {
      void this.#succeedCompressed(message);
      return;
    }
    this.#complete('OK', okTrailers, framed(message));
  }

  /** Ends a stream well, after `rest`. */
  succeed(rest: Frames): void {
    if (!this.#over) this.#complete('OK', okTrailers, rest);
  }

  /** Ends the call with what the service threw, after `rest`. */
  refuse(error: unknown, rest = nothing): void {
    if (this.#over) return;
    const told = this.#host.rpcError(error, this.method);
    this.#complete(told.code, errorTrailers(told), rest);
  }

  /** Gives the call up while the service still works on it. */
  fail(error: unknown): void {
    if (this.#over) return;
    const told = this.#host.rpcError(error, this.method);
    this.#complete(told.code, errorTrailers(told), nothing);
    this.#limitLastWords();
    this.#cancel();
  }

  expire(): void {
    this.fail(new RpcError('DEADLINE_EXCEEDED', 'the deadline of the call has passed'));
  }

  async #succeedCompressed(message: Uint8Array): Promise<void> {
    try {
      const compressed = await compress(message, { level: 1 });
      if (this.#over) return;
      this.#respond('gzip');
      this.#complete('OK', okTrailers, framed(compressed, 1));
    } catch (error) {
      this.refuse(error);
    }
  }

  #acceptsGzip(): boolean {
    const accepted = this.#head.headers.get('grpc-accept-encoding');
    return accepted !== undefined && /(?:^|[,\s])gzip(?:$|[,;\s])/.test(accepted);
  }

  #respond(encoding: 'gzip' | undefined): void {
    const head = heads[this.#head.contentType];
    if (encoding === undefined && this.#replyHeaders === undefined) {
      this.stream.respond(head);
      return;
    }
    const compression: HeaderPair[] = encoding === undefined ? [] : [['grpc-encoding', encoding]];
    this.stream.respond([...head.pairs, ...compression, ...(this.#replyHeaders ?? [])]);
  }

  #complete(code: StatusName, status: OutgoingHeaders, rest: Frames): void {
    this.#leave(code);
    const { stream } = this;
    if (stream.closed) return;
    const trailers =
      this.#replyTrailers === undefined ? status : [...pairsOf(status), ...this.#replyTrailers];
    // Clients take whatever comes in one block for trailers, so headers that the service set need a block of their own.
    const alone =
      !stream.headersSent && rest.bytes === 0 && status !== okTrailers && this.#replyHeaders === undefined;
    if (alone) stream.respondAndEnd([...heads[this.#head.contentType].pairs, ...pairsOf(trailers)]);
    else {
      this.open();
      stream.end(rest.frames, rest.bytes, trailers);
    }
    if (!stream.requestEnded) this.#discardRequests();
  }

  /** The answer is complete, but the client may still be sending: what comes is dropped, and not for long. */
  #discardRequests(): void {
    this.stream.discard();
    this.#limitLastWords();
  }

  #limitLastWords(): void {
    if (this.stream.closed || this.#lastWords !== undefined) return;
    this.#lastWords = this.#host.clock.setTimer(lastWordsMsMax, () => {
      this.stream.cancel();
    });
  }

  #leave(code: StatusName): void {
    this.#over = true;
    this.#takeBackLeave?.();
    this.#watch.ended(code, this.#host.clock.monotonicMs() - this.#startMs);
    this.#host.deadlines.remove(this);
    this.#source?.close();
  }

  #closed(): void {
    this.#connection.calls.delete(this);
    this.#lastWords?.cancel();
    if (this.#over) return;
    this.#leave('CANCELLED');
    this.#cancel();
  }

  #cancel(): void {
    this.#cancelled = true;
    const callbacks = this.#onCancel ?? [];
    this.#onCancel = undefined;
    for (const callback of callbacks) {
      try {
        callback();
      } catch (error) {
        this.#host.rpcError(error, this.method);
      }
    }
  }
}

function head(contentType: GrpcContentType): HeaderTemplate {
  return new HeaderTemplate([
    [':status', '200'],
    ['content-type', contentType],
  ]);
}

function framed(message: Uint8Array, flags = 0): Frames {
  const frame = frameOf(message, flags);
  return { frames: [frame], bytes: frame.length };
}

function pairsOf(headers: OutgoingHeaders): readonly HeaderPair[] {
  return headers instanceof HeaderTemplate ? headers.pairs : headers;
}

/** Throws a `TypeError` for a value that no header may have: it is the service's mistake, and told as such. */
function pairOf(name: string, value: string | Uint8Array): HeaderPair {
  const text = typeof value === 'string' ? value.trim() : encodeBase64(value);
  if (!isFieldValue(text)) throw new TypeError(`the value of ${name} holds what no header may`);
  return [name, text];
}
