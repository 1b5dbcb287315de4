/** One gRPC call on an HTTP/2 stream: headers and deadline out, messages both ways, and exactly one end. */
import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { makeError, type HyperloomError } from '../errors.ts';
import type { Clock, Timer } from '../time.ts';
import type { CallLimits } from '../transport.ts';
import type { Channel } from './channel.ts';
import { FrameReader } from './frame-reader.ts';
import { connectionError, httpError, resetError, statusError } from './grpc-status.ts';

/** Takes what comes of a call. */
export interface CallReceiver {
  onMessage(bytes: Uint8Array, start: number, end: number): void;
  /** Once, last. `undefined`: status OK. Anything else is a `HyperloomError` or the reason of the aborted signal. */
  onEnd(error: unknown): void;
}

/** What a call needs. */
export interface CallOptions {
  readonly channel: Channel;
  readonly clock: Clock;
  /** Such as `/hyperloom.v1.ContextService/Get`. */
  readonly path: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly limits: CallLimits;
  readonly receiver: CallReceiver;
}

export class Call {
  readonly #options: CallOptions;
  #stream: ClientHttp2Stream | undefined;
  readonly #reader: FrameReader;
  #timer: Timer | undefined;
  #status: { readonly error: HyperloomError | undefined } | undefined;
  #streamError: unknown;
  #ended = false;

  constructor(options: CallOptions) {
    this.#options = options;
    this.#reader = new FrameReader((bytes, start, end) => {
      if (!this.#ended) options.receiver.onMessage(bytes, start, end);
    });
    const { signal, timeoutMs } = options.limits;
    if (signal?.aborted === true) {
      queueMicrotask(() => this.#end(signal.reason));
      return;
    }
    signal?.addEventListener('abort', this.#onAbort);
    if (timeoutMs !== undefined && timeoutMs !== Infinity) {
      this.#timer = options.clock.setTimer(Math.max(0, timeoutMs), () => this.#fail(lateError()));
    }
    try {
      this.#stream = this.#open(timeoutMs);
    } catch (error) {
      queueMicrotask(() => this.#end(connectionError(options.channel.origin, error)));
    }
  }

  /** Sends framed messages. They must not change afterwards. */
  write(frames: Uint8Array): void {
    if (!this.#ended) this.#stream?.write(frames);
  }

  /** Sends framed messages and no more after them. */
  finish(frames?: Uint8Array): void {
    if (!this.#ended) this.#stream?.end(frames);
  }

  /** Resolves when what was written has gone to the connection. */
  async drained(): Promise<void> {
    const stream = this.#stream;
    if (this.#ended || stream === undefined || !stream.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        stream.off('drain', finish);
        stream.off('close', finish);
        resolve();
      };
      stream.on('drain', finish);
      stream.on('close', finish);
    });
  }

  /** Holds the broker back by flow control. */
  pause(): void {
    this.#stream?.pause();
  }

  resume(): void {
    this.#stream?.resume();
  }

  /** Gives the call up without a word to the receiver. */
  cancel(): void {
    this.#release();
    this.#ended = true;
    this.#stream?.close(cancelCode);
  }

  #open(timeoutMs: number | undefined): ClientHttp2Stream {
    const { channel, path, metadata } = this.#options;
    const stream = channel.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc+proto',
      te: 'trailers',
      'user-agent': userAgent,
      ...(timeoutMs === undefined || timeoutMs === Infinity
        ? {}
        : { 'grpc-timeout': grpcTimeout(timeoutMs) }),
      ...metadata,
    });
    stream.on('response', (headers) => this.#onHeaders(headers));
    stream.on('trailers', (trailers) => {
      this.#status ??= { error: statusError(trailers) };
    });
    stream.on('data', (chunk: Uint8Array) => this.#onData(chunk));
    stream.on('error', (error: unknown) => {
      this.#streamError = error;
    });
    stream.on('end', () => this.#onAnswered(stream));
    stream.on('close', () => this.#onClose(stream));
    return stream;
  }

  #onHeaders(headers: IncomingHttpHeaders): void {
    const type = headers['content-type'] ?? '';
    if ('grpc-status' in headers) this.#status = { error: statusError(headers) };
    else if (Number(headers[':status']) !== 200 || !type.startsWith('application/grpc'))
      this.#fail(httpError(headers));
  }

  #onData(chunk: Uint8Array): void {
    try {
      this.#reader.push(chunk);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The broker has said all, its status included: what this side might still send is of no use to anyone. */
  #onAnswered(stream: ClientHttp2Stream): void {
    if (this.#status === undefined) return;
    this.#onClose(stream);
    if (!stream.writableEnded) stream.close(cancelCode);
  }

  #onClose(stream: ClientHttp2Stream): void {
    if (this.#status !== undefined) {
      const { error } = this.#status;
      const torn = error === undefined && !this.#reader.empty;
      this.#end(torn ? makeError({ code: 'INTERNAL', message: 'the stream ended within a message' }) : error);
    } else if (stream.rstCode > 0 && !(stream.session?.destroyed ?? true)) {
      this.#end(resetError(stream.rstCode, this.#streamError));
    } else {
      const { channel } = this.#options;
      this.#end(connectionError(channel.origin, channel.lastError ?? this.#streamError));
    }
  }

  readonly #onAbort = (): void => this.#fail(this.#options.limits.signal?.reason);

  #fail(error: unknown): void {
    this.#end(error);
    this.#stream?.close(cancelCode);
  }

  #end(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#release();
    this.#options.receiver.onEnd(error);
  }

  #release(): void {
    this.#timer?.cancel();
    this.#options.limits.signal?.removeEventListener('abort', this.#onAbort);
  }
}

const cancelCode = 8;
const userAgent = 'hyperloom-typescript/0.1.0';

/** At most eight digits and a unit, as gRPC says. */
function grpcTimeout(timeoutMs: number): string {
  const rounded = Math.max(1, Math.ceil(timeoutMs));
  return rounded < 100_000_000 ? `${rounded}m` : `${Math.min(99_999_999, Math.ceil(rounded / 1_000))}S`;
}

function lateError(): HyperloomError {
  return makeError({ code: 'DEADLINE_EXCEEDED', message: 'no answer before the deadline' });
}
