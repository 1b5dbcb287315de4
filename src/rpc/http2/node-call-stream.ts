import {
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { HeaderTemplate, type OutgoingHeaders } from '../../transport/h2/header-template.ts';
import type { CallStream, RequestHeaders, RequestReceiver } from './call-stream.ts';

const withTrailers = { waitForTrailers: true, sendDate: false } as const;
const alone = { endStream: true, sendDate: false } as const;

/** A stream of `node:http2`. */
export class NodeCallStream implements CallStream {
  readonly #stream: ServerHttp2Stream;
  #trailers: OutgoingHeaders | undefined;

  constructor(stream: ServerHttp2Stream) {
    this.#stream = stream;
    stream.on('error', ignoreError);
  }

  get closed(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }

  get headersSent(): boolean {
    return this.#stream.headersSent;
  }

  get requestEnded(): boolean {
    return this.#stream.readableEnded;
  }

  onClose(callback: () => void): void {
    this.#stream.on('close', callback);
  }

  receive(receiver: RequestReceiver): void {
    this.#stream.on('end', () => receiver.onEnd());
    this.#stream.on('data', (chunk: Uint8Array) => receiver.onData(chunk));
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  discard(): void {
    this.#stream.resume();
  }

  respond(headers: OutgoingHeaders): void {
    if (this.closed) return;
    this.#stream.on('wantTrailers', () => this.#sendTrailers());
    this.#stream.respond(recordOf(headers), withTrailers);
  }

  respondAndEnd(headers: OutgoingHeaders): void {
    if (!this.closed) this.#stream.respond(recordOf(headers), alone);
  }

  write(frames: readonly Uint8Array[], bytes: number, taken: () => void): boolean {
    this.#stream.write(joined(frames, bytes), taken);
    return false;
  }

  end(frames: readonly Uint8Array[], bytes: number, trailers: OutgoingHeaders): void {
    this.#trailers = trailers;
    if (bytes > 0) this.#stream.end(joined(frames, bytes));
    else this.#stream.end();
  }

  cancel(): void {
    this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  #sendTrailers(): void {
    if (!this.closed && this.#trailers !== undefined) this.#stream.sendTrailers(recordOf(this.#trailers));
  }
}

/** Request headers as `node:http2` gives them. */
export class NodeRequestHeaders implements RequestHeaders {
  readonly #headers: IncomingHttpHeaders;

  constructor(headers: IncomingHttpHeaders) {
    this.#headers = headers;
  }

  get(name: string): string | undefined {
    const value = this.#headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }
}

const records = new WeakMap<HeaderTemplate, OutgoingHttpHeaders>();

function recordOf(headers: OutgoingHeaders): OutgoingHttpHeaders {
  if (!(headers instanceof HeaderTemplate)) return makeRecord(headers);
  const known = records.get(headers);
  if (known !== undefined) return known;
  const record = makeRecord(headers.pairs);
  records.set(headers, record);
  return record;
}

function makeRecord(pairs: HeaderTemplate['pairs']): OutgoingHttpHeaders {
  const record: Record<string, string | string[]> = {};
  for (const [name, value] of pairs) {
    const before = record[name];
    record[name] = before === undefined ? value : [before, value].flat();
  }
  return record;
}

function joined(frames: readonly Uint8Array[], bytes: number): Uint8Array {
  const [first] = frames;
  return frames.length === 1 && first !== undefined ? first : Buffer.concat(frames, bytes);
}

/** A stream's errors are followed by its `close`, which is what we act on. */
function ignoreError(): void {}
