import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { Http2Stream } from '../../transport/h2/stream.ts';

/**
 * A request on our own engine, for code that is written for `node:http`: what `Http2ServerRequest` offers of it. `close` comes
 * when the stream is over, not when the request was read.
 */
export class OwnWebRequest extends Readable {
  readonly httpVersion = '2.0';
  readonly httpVersionMajor = 2;
  readonly httpVersionMinor = 0;
  readonly method: string;
  url: string;
  readonly scheme: string;
  readonly authority: string;
  /** With pseudo-headers, and several values of one name joined as `node:http2` joins them. */
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly trailers: IncomingHttpHeaders = {};
  readonly socket: Socket;
  /** How the stream ended: a code of HTTP/2. */
  readonly stream: { rstCode: number | undefined } = { rstCode: undefined };
  /** All of the body was received. */
  complete = false;
  aborted = false;
  readonly #stream: Http2Stream;

  constructor(stream: Http2Stream, socket: Socket) {
    super({ autoDestroy: false, emitClose: false });
    const { head } = stream;
    this.#stream = stream;
    this.socket = socket;
    this.method = head.method;
    this.url = head.path;
    this.scheme = head.scheme;
    this.authority = head.authority ?? head.get('host') ?? '';
    this.headers = nodeHeaders(stream);
    this.rawHeaders = head.fields.flatMap(({ name, value }) => [name, value]);
    stream.receive({
      onData: (chunk) => {
        if (!this.push(chunk)) stream.pause();
      },
      onEnd: () => {
        this.complete = true;
        this.push(null);
      },
    });
  }

  override _read(): void {
    this.#stream.resume();
  }

  /** Whoever stops reading early still wants to answer: what the client goes on to send is dropped. */
  override _destroy(_error: Error | null, done: () => void): void {
    this.discard();
    done();
  }

  discard(): void {
    this.#stream.receive({ onData: () => undefined, onEnd: () => undefined });
  }

  /** For the owner of the stream: it is over. */
  streamClosed(code: number): void {
    this.stream.rstCode = code;
    if (!this.complete) {
      this.aborted = true;
      this.emit('aborted');
      this.push(null);
    }
    this.emit('close');
  }
}

function nodeHeaders({ head }: Http2Stream): IncomingHttpHeaders {
  const headers: Record<string, string | string[] | undefined> = Object.create(null) as Record<
    string,
    string
  >;
  headers[':method'] = head.method;
  headers[':path'] = head.path;
  headers[':scheme'] = head.scheme;
  if (head.authority !== undefined) headers[':authority'] = head.authority;
  for (const { name, value } of head.fields) {
    const before = headers[name];
    if (name === 'set-cookie') headers[name] = [before ?? [], value].flat();
    else if (before === undefined) headers[name] = value;
    else headers[name] = [before, value].flat().join(name === 'cookie' ? '; ' : ', ');
  }
  return headers;
}
