/**
 * Everything that goes out on a connection: frames, header blocks, and flow control (RFC 9113, section 5.2). Data goes
 * straight into the output while windows and socket allow; only what they hold back is queued, and those streams then take
 * turns, so that none of them holds up the others.
 */
import type { Allowance } from './allowance.ts';
import { Backlog } from './backlog.ts';
import { ConnectionError, type ErrorName, errorCodes, StreamError } from './error-code.ts';
import { frameFlags, frameTypes, windowBytesInitial, windowBytesMax } from './frame.ts';
import type { OutgoingHeaders } from './header-template.ts';
import { HpackEncoder } from './hpack-encoder.ts';
import type { Http2Limits } from './limits.ts';
import { Output } from './output.ts';
import { encodeSettings, initialPeerSettings, type PeerSettings } from './peer-settings.ts';

/** A stream as its sender sees it. */
export interface SendingStream {
  readonly id: number;
  /** What the peer still grants. Negative after it has made its windows smaller. */
  sendWindow: number;
  backlog: Backlog | undefined;
  /** Everything was handed over, the end of the stream included. */
  onSent(): void;
}

export interface SenderHost {
  /** There is something to flush at the end of this turn. */
  wantFlush(): void;
  /** Gives the output to the socket. */
  flush(): void;
  /** A finished reply waits for the peer. */
  watchStalls(): void;
}

/** What the peer may do for what we send. */
interface SenderAllowances {
  readonly idleFrames: Allowance;
  /** Full again with all that we send: whoever is sent something may ask how long it took. */
  readonly pings: Allowance;
}

/** What one stream may send before it is the next one's turn. */
const turnBytes = 64 * 1024;
/**
 * Each DATA frame pays for a window update of the stream and one of the connection, and for as many again as a reader sends that
 * tells of every 4 KiB (Go's): two. Twice that, for good measure.
 */
const framesEarned = 2;
const bytesPerFrameEarned = 1_024;

export class Sender {
  readonly output = new Output();
  readonly #host: SenderHost;
  readonly #limits: Http2Limits;
  readonly #allowances: SenderAllowances;
  readonly #encoder = new HpackEncoder();
  readonly #ready = new Set<SendingStream>();
  #settings: PeerSettings = initialPeerSettings;
  #window = windowBytesInitial;
  #isSocketFull = false;

  constructor(host: SenderHost, limits: Http2Limits, allowances: SenderAllowances) {
    this.#host = host;
    this.#limits = limits;
    this.#allowances = allowances;
  }

  get settings(): PeerSettings {
    return this.#settings;
  }

  /** Header blocks of a connection stand in its output in the order in which they were encoded. */
  headers(streamId: number, headers: OutgoingHeaders, isEnd: boolean): void {
    this.#allowances.pings.give(this.#limits.pingsBurst);
    const block = this.#encoder.encode(headers);
    const bytesMax = this.#settings.frameBytesMax;
    const endFlag = isEnd ? frameFlags.END_STREAM : 0;
    if (block.length <= bytesMax) {
      this.output.frameHeader(block.length, frameTypes.HEADERS, endFlag | frameFlags.END_HEADERS, streamId);
      this.output.copy(block);
    } else {
      for (let at = 0; at < block.length; at += bytesMax) {
        const part = block.subarray(at, at + bytesMax);
        const isLast = at + bytesMax >= block.length;
        const flags = (at === 0 ? endFlag : 0) | (isLast ? frameFlags.END_HEADERS : 0);
        this.output.frameHeader(
          part.length,
          at === 0 ? frameTypes.HEADERS : frameTypes.CONTINUATION,
          flags,
          streamId,
        );
        this.output.copy(part);
      }
    }
    this.#host.wantFlush();
  }

  /** Sends `chunks`, `bytes` together. True when they are on their way; otherwise `taken` is called once they are. */
  write(stream: SendingStream, chunks: readonly Uint8Array[], bytes: number, taken: () => void): boolean {
    if (this.#fits(stream, bytes)) {
      this.#data(stream, chunks, bytes, false);
      return true;
    }
    const backlog = this.#queue(stream, chunks);
    this.#pump();
    if (stream.backlog !== backlog) return true;
    backlog.taken = taken;
    return false;
  }

  /** Sends `chunks`, then `trailers` or the end of the stream. */
  end(
    stream: SendingStream,
    chunks: readonly Uint8Array[],
    bytes: number,
    trailers: OutgoingHeaders | undefined,
  ): void {
    if (this.#fits(stream, bytes)) {
      if (bytes > 0 || trailers === undefined) this.#data(stream, chunks, bytes, trailers === undefined);
      if (trailers !== undefined) this.headers(stream.id, trailers, true);
      stream.onSent();
      return;
    }
    this.#queue(stream, chunks).ending = { trailers };
    this.#host.watchStalls();
    this.#pump();
  }

  reset(streamId: number, code: number): void {
    this.output.frameHeader(4, frameTypes.RST_STREAM, 0, streamId);
    this.output.uint32(code);
    this.#host.wantFlush();
  }

  /** Our SETTINGS, and the connection's window beyond what the protocol begins with. */
  opening(): void {
    const settings = encodeSettings(this.#limits);
    this.output.frameHeader(settings.length, frameTypes.SETTINGS, 0, 0);
    this.output.copy(settings);
    const more = this.#limits.connectionWindowBytes - windowBytesInitial;
    if (more > 0) this.windowUpdate(0, more);
    this.#host.wantFlush();
  }

  windowUpdate(streamId: number, bytes: number): void {
    this.output.frameHeader(4, frameTypes.WINDOW_UPDATE, 0, streamId);
    this.output.uint32(bytes);
    this.#host.wantFlush();
  }

  ping(payload: Uint8Array, isAnswer: boolean): void {
    this.output.frameHeader(8, frameTypes.PING, isAnswer ? frameFlags.ACK : 0, 0);
    this.output.copy(payload);
    this.#host.wantFlush();
  }

  goAway(lastStreamId: number, code: ErrorName, message: string): void {
    const text = Buffer.from(message);
    this.output.frameHeader(8 + text.length, frameTypes.GOAWAY, 0, 0);
    this.output.uint32(lastStreamId);
    this.output.uint32(errorCodes[code]);
    this.output.copy(text);
    this.#host.wantFlush();
  }

  /** Takes over the peer's settings and acknowledges them. Throws a {@link ConnectionError} of `FLOW_CONTROL_ERROR`. */
  applySettings(settings: PeerSettings, streams: Iterable<SendingStream>): void {
    const difference = settings.windowBytes - this.#settings.windowBytes;
    this.#settings = settings;
    this.#encoder.allowTableBytes(settings.headerTableBytes);
    if (difference !== 0) {
      for (const stream of streams) {
        stream.sendWindow += difference;
        if (stream.sendWindow > windowBytesMax) throw tooWide();
        this.#refresh(stream);
      }
    }
    this.output.frameHeader(0, frameTypes.SETTINGS, frameFlags.ACK, 0);
    this.#host.wantFlush();
    this.#pump();
  }

  /** Throws a {@link ConnectionError} of `FLOW_CONTROL_ERROR`. */
  widen(bytes: number): void {
    this.#window += bytes;
    if (this.#window > windowBytesMax) throw tooWide();
    this.#pump();
  }

  /** Throws a {@link StreamError} of `FLOW_CONTROL_ERROR`. */
  widenStream(stream: SendingStream, bytes: number): void {
    stream.sendWindow += bytes;
    if (stream.sendWindow > windowBytesMax)
      throw new StreamError('FLOW_CONTROL_ERROR', 'the window grows too large');
    if (stream.backlog === undefined) return;
    this.#refresh(stream);
    this.#pump();
  }

  /** The socket takes no more, or takes again. */
  socketFull(isFull: boolean): void {
    this.#isSocketFull = isFull;
    if (!isFull) this.#pump();
  }

  /** Drops what a stream that is over has not sent. */
  forget(stream: SendingStream): void {
    stream.backlog = undefined;
    this.#ready.delete(stream);
  }

  #fits(stream: SendingStream, bytes: number): boolean {
    if (stream.backlog !== undefined) return false;
    if (bytes === 0) return true;
    return bytes <= stream.sendWindow && bytes <= this.#window && this.#hasRoom();
  }

  /** Whether data may go into the output. A full output is flushed first. */
  #hasRoom(): boolean {
    if (this.#isSocketFull) return false;
    if (this.output.bytes >= this.#limits.outputBytesHighWater) this.#host.flush();
    return !this.#isSocketFull;
  }

  #queue(stream: SendingStream, chunks: readonly Uint8Array[]): Backlog {
    const backlog = (stream.backlog ??= new Backlog());
    backlog.push(chunks);
    this.#refresh(stream);
    return backlog;
  }

  #refresh(stream: SendingStream): void {
    if (stream.backlog !== undefined && stream.backlog.bytes > 0 && stream.sendWindow > 0)
      this.#ready.add(stream);
    else this.#ready.delete(stream);
  }

  #pump(): void {
    // Deleting and adding again while iterating puts a stream behind the others, which is its next turn.
    for (const stream of this.#ready) {
      if (this.#window <= 0 || !this.#hasRoom()) return;
      this.#ready.delete(stream);
      this.#takeTurn(stream);
      this.#refresh(stream);
    }
  }

  #takeTurn(stream: SendingStream): void {
    const backlog = stream.backlog;
    if (backlog === undefined) return;
    const bytes = Math.min(backlog.bytes, stream.sendWindow, this.#window, turnBytes);
    const isAll = bytes === backlog.bytes;
    const parts: Uint8Array[] = [];
    backlog.take(bytes, (part) => parts.push(part));
    const { ending, taken } = backlog;
    if (isAll) stream.backlog = undefined;
    this.#data(stream, parts, bytes, isAll && ending !== undefined && ending.trailers === undefined);
    if (!isAll) return;
    if (ending === undefined) {
      taken?.();
      return;
    }
    if (ending.trailers !== undefined) this.headers(stream.id, ending.trailers, true);
    stream.onSent();
  }

  /** DATA frames of `chunks`, which windows and output have room for. */
  #data(stream: SendingStream, chunks: readonly Uint8Array[], bytes: number, isEnd: boolean): void {
    stream.sendWindow -= bytes;
    this.#window -= bytes;
    const bytesMax = this.#settings.frameBytesMax;
    if (bytes <= bytesMax) this.#dataFrame(stream.id, chunks, bytes, isEnd);
    else {
      const rest = new Backlog();
      rest.push(chunks);
      while (rest.bytes > 0) {
        const length = Math.min(rest.bytes, bytesMax);
        const parts: Uint8Array[] = [];
        rest.take(length, (part) => parts.push(part));
        this.#dataFrame(stream.id, parts, length, isEnd && rest.bytes === 0);
      }
    }
    this.#host.wantFlush();
  }

  #dataFrame(streamId: number, parts: readonly Uint8Array[], bytes: number, isEnd: boolean): void {
    this.output.frameHeader(bytes, frameTypes.DATA, isEnd ? frameFlags.END_STREAM : 0, streamId);
    for (const part of parts) this.output.append(part);
    this.#allowances.idleFrames.give(framesEarned + bytes / bytesPerFrameEarned);
    this.#allowances.pings.give(this.#limits.pingsBurst);
  }
}

function tooWide(): ConnectionError {
  return new ConnectionError('FLOW_CONTROL_ERROR', 'a window grows too large');
}
