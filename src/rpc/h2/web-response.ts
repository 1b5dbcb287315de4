import type { OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import type { HeaderPair } from '../../transport/h2/header-template.ts';
import type { Http2Stream } from '../../transport/h2/stream.ts';
import type { OwnWebRequest } from './web-request.ts';

type HeaderValue = OutgoingHttpHeaders[string];

/** Names of HTTP/1.1 that HTTP/2 does not carry. */
const connectionSpecific: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

/** A response on our own engine, for code that is written for `node:http`: what `Http2ServerResponse` offers of it. */
export class OwnWebResponse extends Writable {
  statusCode = 200;
  statusMessage = '';
  sendDate = true;
  headersSent = false;
  readonly req: OwnWebRequest;
  readonly socket: Socket;
  readonly #stream: Http2Stream;
  readonly #nowMs: () => number;
  readonly #headers = new Map<string, HeaderValue>();
  readonly #trailers: HeaderPair[] = [];

  constructor(stream: Http2Stream, request: OwnWebRequest, nowMs: () => number) {
    super({ autoDestroy: false, emitClose: false, decodeStrings: true });
    this.#stream = stream;
    this.#nowMs = nowMs;
    this.req = request;
    this.socket = request.socket;
  }

  get finished(): boolean {
    return this.writableEnded;
  }

  setHeader(name: string, value: number | string | readonly string[]): this {
    this.#headers.set(name.toLowerCase(), value as HeaderValue);
    return this;
  }

  appendHeader(name: string, value: string | readonly string[]): this {
    const before = this.#headers.get(name.toLowerCase());
    return this.setHeader(
      name,
      before === undefined ? value : [...[before].flat().map(String), ...[value].flat()],
    );
  }

  getHeader(name: string): HeaderValue {
    return this.#headers.get(name.toLowerCase());
  }

  getHeaderNames(): string[] {
    return [...this.#headers.keys()];
  }

  getHeaders(): OutgoingHttpHeaders {
    return Object.fromEntries(this.#headers);
  }

  hasHeader(name: string): boolean {
    return this.#headers.has(name.toLowerCase());
  }

  removeHeader(name: string): void {
    this.#headers.delete(name.toLowerCase());
  }

  writeHead(status: number, ...rest: readonly (string | OutgoingHttpHeaders | undefined)[]): this {
    this.statusCode = status;
    for (const headers of rest) {
      if (typeof headers !== 'object') continue;
      for (const [name, value] of Object.entries(headers)) this.#headers.set(name.toLowerCase(), value);
    }
    this.flushHeaders();
    return this;
  }

  addTrailers(trailers: OutgoingHttpHeaders): void {
    for (const [name, value] of Object.entries(trailers)) this.#trailers.push(...pairs(name, value));
  }

  flushHeaders(): void {
    if (this.headersSent) return;
    this.headersSent = true;
    const headers: HeaderPair[] = [[':status', String(this.statusCode)]];
    for (const [name, value] of this.#headers) headers.push(...pairs(name, value));
    if (this.sendDate && !this.#headers.has('date')) headers.push(['date', httpDate(this.#nowMs())]);
    this.#stream.respond(headers);
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: () => void): void {
    this.flushHeaders();
    if (this.req.method === 'HEAD' || this.#stream.closed) done();
    else if (this.#stream.write([chunk], chunk.length, done)) done();
  }

  override _final(done: () => void): void {
    this.flushHeaders();
    this.#stream.end([], 0, this.#trailers.length === 0 ? undefined : this.#trailers);
    done();
  }

  override _destroy(_error: Error | null, done: () => void): void {
    this.#stream.reset('CANCEL');
    done();
  }

  /** For the owner of the stream: it is over. */
  streamClosed(): void {
    this.emit('close');
  }
}

function pairs(name: string, value: HeaderValue): HeaderPair[] {
  const lower = name.toLowerCase();
  if (value === undefined || connectionSpecific.has(lower)) return [];
  return [value].flat().map((each) => [lower, String(each)]);
}

function httpDate(ms: number): string {
  return new Date(ms).toUTCString();
}
