import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Timer } from '../../base/clock.ts';
import { lastWordsMsMax } from '../../base/limits.ts';
import { type Call, type Metadata, RpcError } from '../transport.ts';
import type { CallHost } from './call-host.ts';
import type { Connection } from './connection.ts';
import type { Expirable } from './deadline-queue.ts';
import { encodeBase64, HeaderMetadata } from './header-metadata.ts';
import { frameOf, type ReplyContext, ReplySink } from './reply-sink.ts';
import { type RequestContext, RequestSource } from './request-source.ts';
import { errorTrailers, okTrailers, type Trailers } from './status.ts';

const withTrailers = { waitForTrailers: true, sendDate: false } as const;
const trailersOnly = { endStream: true, sendDate: false } as const;
const compress = promisify(gzip);

/** What the headers of a request say about the call, checked. */
export interface CallHead {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly contentType: string;
  readonly encoding: 'identity' | 'gzip';
  readonly deadlineMs: number | undefined;
}

/**
 * One gRPC call on one HTTP/2 stream, from its headers to its trailers. It ends exactly once: with the service's answer
 * (`succeed`, `refuse`), by the broker's decision (`fail`), at its deadline (`expire`), or because the client went away.
 */
export class GrpcCall implements Call, Expirable, RequestContext, ReplyContext {
  readonly stream: ServerHttp2Stream;
  readonly method: string;
  readonly deadlineMs: number | undefined;
  readonly encoding: 'identity' | 'gzip';
  readonly #host: CallHost;
  readonly #connection: Connection;
  readonly #head: CallHead;
  #metadata: Metadata | undefined;
  #over = false;
  #cancelled = false;
  #onCancel: (() => void)[] | undefined;
  #replyHeaders: Record<string, string | string[]> | undefined;
  #replyTrailers: Trailers | undefined;
  #trailers: Trailers = okTrailers;
  #source: { close(): void } | undefined;
  #lastWords: Timer | undefined;

  constructor(host: CallHost, connection: Connection, stream: ServerHttp2Stream, head: CallHead) {
    this.stream = stream;
    this.method = head.method;
    this.deadlineMs = head.deadlineMs;
    this.encoding = head.encoding;
    this.#host = host;
    this.#connection = connection;
    this.#head = head;
    connection.calls.add(this);
    host.deadlines.add(this);
    stream.on('error', ignoreError);
    stream.on('close', () => this.#closed());
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

  get flushQueue(): CallHost['flushQueue'] {
    return this.#host.flushQueue;
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

  setHeader(name: string, value: string | Uint8Array): void {
    addValue((this.#replyHeaders ??= {}), name, value);
  }

  setTrailer(name: string, value: string | Uint8Array): void {
    addValue((this.#replyTrailers ??= {}), name, value);
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
    if (this.stream.headersSent || this.stream.destroyed) return;
    this.#respond(undefined);
  }

  /** Ends the call well, with the one message of a call that has one. */
  succeedWith(message: Uint8Array): void {
    if (this.#over) return;
    if (message.length >= this.#host.limits.compressedReplyBytesMin && this.#acceptsGzip()) {
      void this.#succeedCompressed(message);
      return;
    }
    this.#complete(okTrailers, frameOf(message));
  }

  /** Ends a stream well, after `rest`. */
  succeed(rest: Uint8Array): void {
    if (!this.#over) this.#complete(okTrailers, rest);
  }

  /** Ends the call with what the service threw, after `rest`. */
  refuse(error: unknown, rest?: Uint8Array): void {
    if (!this.#over) this.#complete(errorTrailers(this.#host.rpcError(error, this.method)), rest);
  }

  /** Gives the call up while the service still works on it. */
  fail(error: unknown): void {
    if (this.#over) return;
    this.#complete(errorTrailers(this.#host.rpcError(error, this.method)), undefined);
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
      this.#complete(okTrailers, frameOf(compressed, 1));
    } catch (error) {
      this.refuse(error);
    }
  }

  #acceptsGzip(): boolean {
    const accepted = this.#head.headers['grpc-accept-encoding'];
    return typeof accepted === 'string' && /(?:^|[,\s])gzip(?:$|[,;\s])/.test(accepted);
  }

  #respond(encoding: 'gzip' | undefined): void {
    if (this.stream.closed) return;
    const headers: OutgoingHttpHeaders = { ':status': 200, 'content-type': this.#head.contentType };
    if (encoding !== undefined) headers['grpc-encoding'] = encoding;
    if (this.#replyHeaders !== undefined) Object.assign(headers, this.#replyHeaders);
    this.stream.on('wantTrailers', () => this.#sendTrailers());
    this.stream.respond(headers, withTrailers);
  }

  #complete(trailers: Trailers, rest: Uint8Array | undefined): void {
    this.#leave();
    const { stream } = this;
    if (stream.destroyed || stream.closed) return;
    this.#trailers = this.#replyTrailers === undefined ? trailers : { ...trailers, ...this.#replyTrailers };
    const hasRest = rest !== undefined && rest.length > 0;
    // Clients take whatever comes in one block for trailers, so headers that the service set need a block of their own.
    const alone =
      !stream.headersSent && !hasRest && trailers !== okTrailers && this.#replyHeaders === undefined;
    if (alone) {
      const head = { ':status': 200, 'content-type': this.#head.contentType };
      stream.respond({ ...head, ...this.#trailers }, trailersOnly);
    } else {
      this.open();
      if (hasRest) stream.end(rest);
      else stream.end();
    }
    if (!stream.readableEnded) this.#discardRequests();
  }

  /** The answer is complete, but the client may still be sending: what comes is dropped, and not for long. */
  #discardRequests(): void {
    this.stream.resume();
    this.#limitLastWords();
  }

  #limitLastWords(): void {
    if (this.stream.destroyed || this.#lastWords !== undefined) return;
    this.#lastWords = this.#host.clock.setTimer(lastWordsMsMax, () => {
      this.stream.close(constants.NGHTTP2_CANCEL);
    });
  }

  #sendTrailers(): void {
    if (!this.stream.destroyed && !this.stream.closed) this.stream.sendTrailers(this.#trailers);
  }

  #leave(): void {
    this.#over = true;
    this.#host.deadlines.remove(this);
    this.#source?.close();
  }

  #closed(): void {
    this.#connection.calls.delete(this);
    this.#lastWords?.cancel();
    if (this.#over) return;
    this.#leave();
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

function addValue(
  headers: Record<string, string | string[]>,
  name: string,
  value: string | Uint8Array,
): void {
  const text = typeof value === 'string' ? value : encodeBase64(value);
  const before = headers[name];
  headers[name] = before === undefined ? text : [before, text].flat();
}

/** A stream's errors are followed by its `close`, which is what we act on. */
function ignoreError(): void {}
