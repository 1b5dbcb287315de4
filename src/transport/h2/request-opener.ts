/** From a header section to a new stream, to the end of one, or to a refusal (RFC 9113, sections 5.1.1 and 8.1). */
import { ConnectionError, errorCodes, StreamError } from './error-code.ts';
import type { Allowance } from './allowance.ts';
import { HeaderTemplate } from './header-template.ts';
import type { DecodedList } from './hpack-decoder.ts';
import type { Http2Limits } from './limits.ts';
import { areTrailers, RequestHead } from './request-head.ts';
import type { Sender } from './sender.ts';
import { Http2Stream, type StreamHost } from './stream.ts';
import type { StreamTable } from './stream-table.ts';

export interface RequestHost extends StreamHost {
  readonly sender: Sender;
  readonly streams: StreamTable;
  readonly limits: Http2Limits;
  readonly resets: Allowance;
  /** True once no more requests are taken. */
  readonly isClosing: boolean;
  /** What a stream grants the client at its beginning. */
  readonly streamWindowBytes: number;
  /** A request has come, its headers complete. */
  onStream(stream: Http2Stream): void;
}

const tooLarge = new HeaderTemplate([[':status', '431']]);

export class RequestOpener {
  readonly #host: RequestHost;

  constructor(host: RequestHost) {
    this.#host = host;
  }

  /** Throws a {@link ConnectionError} or, for the stream, a {@link StreamError}. */
  onSection(streamId: number, list: DecodedList, isEnd: boolean, flaw: string | undefined): void {
    const stream = this.#host.streams.open.get(streamId);
    if (stream !== undefined) this.#trailers(stream, list, isEnd, flaw);
    else if (this.#isNew(streamId)) this.#open(streamId, list, isEnd, flaw);
  }

  #trailers(stream: Http2Stream, list: DecodedList, isEnd: boolean, flaw: string | undefined): void {
    if (stream.requestEnded) throw new StreamError('STREAM_CLOSED', 'headers after the end of a request');
    if (flaw !== undefined) throw new StreamError('PROTOCOL_ERROR', flaw);
    if (!isEnd || list.isCut || !areTrailers(list.fields)) {
      throw new StreamError('PROTOCOL_ERROR', 'malformed trailers');
    }
    stream.receiveEnd();
  }

  /** Streams are opened in the order of their odd numbers. What we have reset may be continued by a peer that does not know. */
  #isNew(streamId: number): boolean {
    if (streamId % 2 === 0) throw protocolError(`clients do not open stream ${streamId}`);
    switch (this.#host.streams.past(streamId)) {
      case 'idle':
        return true;
      case 'reset':
        return false;
      case 'ended':
        throw new ConnectionError('STREAM_CLOSED', 'HEADERS on a closed stream');
      case 'skipped':
        throw protocolError(`stream ${streamId} is opened too late`);
    }
  }

  #open(streamId: number, list: DecodedList, isEnd: boolean, flaw: string | undefined): void {
    const { streams, sender, limits } = this.#host;
    streams.lastId = streamId;
    if (this.#host.isClosing) {
      // After GOAWAY: the client knows that it has to come again.
      sender.reset(streamId, errorCodes.REFUSED_STREAM);
      streams.close(streamId, true);
      return;
    }
    if (streams.open.size >= limits.streamsMax) {
      throw new StreamError('REFUSED_STREAM', `more than ${limits.streamsMax} streams at once`);
    }
    if (flaw !== undefined) throw new StreamError('PROTOCOL_ERROR', flaw);
    if (list.isCut) {
      this.#refuseSize(streamId, isEnd);
      return;
    }
    const head = RequestHead.from(list.fields);
    if (head === undefined) throw new StreamError('PROTOCOL_ERROR', 'a malformed request');
    const stream = new Http2Stream(streamId, head, this.#host, this.#host.streamWindowBytes);
    streams.open.set(streamId, stream);
    if (isEnd) stream.checkLength();
    this.#host.onStream(stream);
    if (isEnd && !stream.closed) stream.receiveEnd();
  }

  /** Headers that are too large were not kept, so the engine has to answer itself. */
  #refuseSize(streamId: number, isEnd: boolean): void {
    const { sender, streams, resets } = this.#host;
    if (!resets.take()) throw new ConnectionError('ENHANCE_YOUR_CALM', 'too many headers that are too large');
    sender.headers(streamId, tooLarge, true);
    if (!isEnd) sender.reset(streamId, errorCodes.NO_ERROR);
    streams.close(streamId, !isEnd);
  }
}

export function protocolError(message: string): ConnectionError {
  return new ConnectionError('PROTOCOL_ERROR', message);
}
