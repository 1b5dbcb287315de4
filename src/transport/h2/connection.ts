import type { Duplex } from 'node:stream';
import { Allowance } from './allowance.ts';
import type { EngineClock, EngineTimer } from './clock.ts';
import { ConnectionError, type ErrorName, errorCodes } from './error-code.ts';
import type { FlushTurn, Flushable } from './flush-turn.ts';
import { clientPreface, streamIdMax, windowBytesInitial } from './frame.ts';
import { type FrameHost, FrameHandler } from './frame-handler.ts';
import { FrameReader } from './frame-reader.ts';
import type { Http2Limits } from './limits.ts';
import { ReceiveWindow } from './receive-window.ts';
import { Sender, type SenderHost } from './sender.ts';
import type { Http2Stream } from './stream.ts';
import { StreamTable } from './stream-table.ts';

/** What a connection tells its owner. What these throw is the owner's mistake, and is not caught. */
export interface ConnectionListener {
  /** A request has come. It is not read from before `receive` is called. */
  onStream(stream: Http2Stream): void;
  /** The connection is over, and so are all its streams. `error`: what the peer did wrong, or the socket said. */
  onClose(error: Error | undefined): void;
}

export interface ConnectionOptions {
  readonly clock: EngineClock;
  readonly limits: Http2Limits;
  readonly turn: FlushTurn;
  readonly listener: ConnectionListener;
}

/** Tells the pings that ask a peer whether it knows of our GOAWAY from those of the owner. */
const shutdownPing = Buffer.from('goaway?!');
const ownerPing = Buffer.from('alive?!?');
/** How often it is asked: behind its second answer comes nothing that it had queued before it heard of the GOAWAY. */
const shutdownPingsMax = 2;

/** One HTTP/2 connection on a socket that has not been read from. */
export class Http2Connection implements Flushable, FrameHost, SenderHost {
  readonly sender: Sender;
  readonly streams = new StreamTable();
  readonly limits: Http2Limits;
  readonly idleFrames: Allowance;
  readonly resets: Allowance;
  readonly pings: Allowance;
  readonly streamWindowBytes: number;
  readonly #socket: Duplex;
  readonly #clock: EngineClock;
  readonly #turn: FlushTurn;
  readonly #listener: ConnectionListener;
  readonly #reader: FrameReader;
  readonly #window: ReceiveWindow;
  /** Of the preface, what has come. */
  #prefaceBytes = 0;
  #state: 'open' | 'leaving' | 'closing' | 'closed' = 'open';
  #error: Error | undefined;
  #isFlushWanted = false;
  #isSocketFull = false;
  #isReadingStopped = false;
  #heldBytes = 0;
  /** Of the held bytes, those that the connection's window has to do without. */
  #withheldBytes = 0;
  #handshake: EngineTimer | undefined;
  #headerBlock: EngineTimer | undefined;
  #leaving: EngineTimer | undefined;
  #shutdownPings = 0;
  #stalls: EngineTimer | undefined;
  #onPong: (() => void) | undefined;

  constructor(socket: Duplex, { clock, limits, turn, listener }: ConnectionOptions) {
    this.#socket = socket;
    this.#clock = clock;
    this.#turn = turn;
    this.#listener = listener;
    this.limits = limits;
    this.idleFrames = new Allowance(clock, limits.idleFramesBurst, limits.idleFramesPerSecond);
    this.resets = new Allowance(clock, limits.resetsBurst, limits.resetsPerSecond);
    this.pings = new Allowance(clock, limits.pingsBurst, limits.pingsPerSecond);
    // Until it has read our SETTINGS, a client may assume the protocol's own windows.
    this.streamWindowBytes = Math.max(limits.streamWindowBytes, windowBytesInitial);
    this.#window = new ReceiveWindow(Math.max(limits.connectionWindowBytes, windowBytesInitial));
    this.sender = new Sender(this, limits, { idleFrames: this.idleFrames, pings: this.pings });
    this.#reader = new FrameReader(limits.frameBytesMax, new FrameHandler(this));
    this.#handshake = clock.setTimer(limits.handshakeMsMax, () => this.#handshakeExpired());
    this.sender.opening();
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('drain', () => this.#onDrain());
    socket.on('end', () => this.#over());
    socket.on('error', (error) => {
      this.#error ??= error;
      socket.destroy();
    });
    socket.on('close', () => this.#over());
  }

  /** True once no more requests are taken: after the last GOAWAY. */
  get isClosing(): boolean {
    return this.#state === 'closing' || this.#state === 'closed';
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** Asks the peer for a sign of life; one question at a time. */
  ping(answered: () => void): void {
    if (this.isClosed) return;
    this.#onPong = answered;
    this.sender.ping(ownerPing, false);
  }

  /**
   * Tells the peer to open no more streams, and closes the connection when those that are open have ended. Requests that
   * were on the way when it heard of it are still taken (section 6.8), and so are those that it had queued: a client may
   * answer a ping before it sends them (h2 does), but not the second one.
   */
  leave(): void {
    if (this.#state !== 'open') return;
    this.#state = 'leaving';
    this.sender.goAway(streamIdMax, 'NO_ERROR', '');
    this.sender.ping(shutdownPing, false);
    this.#shutdownPings = 1;
    this.#leaving = this.#clock.setTimer(this.limits.closingMsMax, () => this.#left());
  }

  /** Closes the connection at once, with word to the peer. */
  abort(code: ErrorName, message: string): void {
    if (this.isClosed) return;
    this.#closeWith(code, message);
  }

  /** Closes the socket without a word. */
  destroy(): void {
    this.#socket.destroy();
    this.#over();
  }

  flush(): void {
    this.#isFlushWanted = false;
    if (this.#isSocketFull || this.#socket.destroyed) return;
    const parts = this.sender.output.take();
    const [first] = parts;
    if (first === undefined) return;
    let isTaken = true;
    if (parts.length === 1) isTaken = this.#socket.write(first);
    else {
      this.#socket.cork();
      for (const part of parts) isTaken = this.#socket.write(part);
      this.#socket.uncork();
    }
    if (isTaken) return;
    this.#isSocketFull = true;
    this.sender.socketFull(true);
  }

  wantFlush(): void {
    if (this.#isFlushWanted) return;
    this.#isFlushWanted = true;
    this.#turn.add(this);
  }

  watchStalls(): void {
    this.#stalls ??= this.#clock.setTimer(this.limits.sendStallMsMax, () => this.#endStalls());
  }

  onStream(stream: Http2Stream): void {
    this.#listener.onStream(stream);
  }

  closed(stream: Http2Stream, isOurs: boolean): void {
    this.streams.close(stream.id, isOurs);
    if (this.#state === 'closing') this.#endWhenIdle();
  }

  take(bytes: number): boolean {
    return this.#window.take(bytes);
  }

  used(bytes: number): void {
    const update = this.#window.give(bytes);
    if (update > 0 && !this.isClosed) this.sender.windowUpdate(0, update);
  }

  hold(bytes: number): void {
    this.#heldBytes += bytes;
    if (this.#heldBytes > this.limits.heldBytesMax) this.#withheldBytes += bytes;
    else this.used(bytes);
  }

  release(bytes: number): void {
    this.#heldBytes -= bytes;
    const given = Math.min(this.#withheldBytes, bytes);
    this.#withheldBytes -= given;
    if (given > 0) this.used(given);
  }

  onSettings(isAnswer: boolean): void {
    if (!isAnswer) return;
    this.#handshake?.cancel();
    this.#handshake = undefined;
  }

  onPong(payload: Buffer): void {
    if (payload.equals(shutdownPing)) this.#onShutdownPong();
    else if (payload.equals(ownerPing)) {
      const answered = this.#onPong;
      this.#onPong = undefined;
      answered?.();
    }
  }

  #onShutdownPong(): void {
    if (this.#state !== 'leaving') return;
    if (this.#shutdownPings === shutdownPingsMax) {
      this.#left();
      return;
    }
    this.#shutdownPings += 1;
    this.sender.ping(shutdownPing, false);
  }

  onGoAway(): void {
    if (this.isClosing) return;
    this.#state = 'closing';
    this.#endWhenIdle();
  }

  onHeaderBlock(isOpen: boolean): void {
    this.#headerBlock?.cancel();
    this.#headerBlock = undefined;
    if (!isOpen) return;
    this.#headerBlock = this.#clock.setTimer(this.limits.headerBlockMsMax, () => {
      this.#fail(new ConnectionError('ENHANCE_YOUR_CALM', 'a header block is not finished in time'));
    });
  }

  #onData(chunk: Buffer): void {
    if (this.isClosed) return;
    try {
      const rest = this.#prefaceBytes < clientPreface.length ? this.#checkPreface(chunk) : chunk;
      if (rest.length > 0) this.#reader.push(rest);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      this.#fail(error);
      return;
    }
    if (this.#isSocketFull && this.sender.output.bytes > this.limits.outputBytesMax) {
      // The peer makes us say more than it reads. It has to read first.
      this.#isReadingStopped = true;
      this.#socket.pause();
    }
  }

  #checkPreface(chunk: Buffer): Buffer {
    const length = Math.min(chunk.length, clientPreface.length - this.#prefaceBytes);
    const expected = clientPreface.subarray(this.#prefaceBytes, this.#prefaceBytes + length);
    if (!chunk.subarray(0, length).equals(expected)) {
      throw new ConnectionError('PROTOCOL_ERROR', 'this is no preface of HTTP/2');
    }
    this.#prefaceBytes += length;
    return chunk.subarray(length);
  }

  #onDrain(): void {
    this.#isSocketFull = false;
    this.sender.socketFull(false);
    this.flush();
    if (!this.#isReadingStopped || this.#isSocketFull) return;
    this.#isReadingStopped = false;
    this.#socket.resume();
  }

  #handshakeExpired(): void {
    this.#fail(new ConnectionError('SETTINGS_TIMEOUT', 'SETTINGS were not exchanged in time'));
  }

  /** The peer knows that we leave, or had the time to learn it. */
  #left(): void {
    if (this.#state !== 'leaving') return;
    this.#leaving?.cancel();
    this.#state = 'closing';
    this.sender.goAway(this.streams.lastId, 'NO_ERROR', '');
    this.#endWhenIdle();
  }

  #endWhenIdle(): void {
    if (this.streams.open.size > 0) return;
    this.#endSocket();
    this.#over();
  }

  #fail(error: ConnectionError): void {
    if (this.isClosed) return;
    this.#error ??= error;
    this.#closeWith(error.code, error.message);
  }

  #closeWith(code: ErrorName, message: string): void {
    this.sender.goAway(this.streams.lastId, code, message);
    this.#endSocket();
    this.#over(errorCodes[code]);
  }

  /** Lets the peer read what is on the way: closing with unread bytes would make the system take it back. */
  #endSocket(): void {
    this.#isSocketFull = false;
    this.flush();
    this.#socket.end();
    this.#socket.resume();
    const timer = this.#clock.setTimer(this.limits.closingMsMax, () => this.#socket.destroy());
    this.#socket.on('close', () => timer.cancel());
  }

  /** Nothing more is read or written; every stream ends. */
  #over(code: number = errorCodes.CANCEL): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    for (const timer of [this.#handshake, this.#headerBlock, this.#leaving, this.#stalls]) timer?.cancel();
    for (const stream of [...this.streams.open.values()]) stream.close(code, false);
    this.#listener.onClose(this.#error);
  }

  /** Finished replies that the peer has not taken a byte of since the last look are given up. */
  #endStalls(): void {
    this.#stalls = undefined;
    for (const stream of [...this.streams.open.values()]) {
      if (!stream.waitsForPeer || stream.backlog === undefined) continue;
      if (!stream.backlog.hasMoved) stream.reset('CANCEL');
      else {
        stream.backlog.hasMoved = false;
        this.watchStalls();
      }
    }
  }
}
