import type { Backlog } from './backlog.ts';
import { type ErrorName, errorCodes, StreamError } from './error-code.ts';
import type { OutgoingHeaders } from './header-template.ts';
import { HeldBytes } from './held-bytes.ts';
import { ReceiveWindow } from './receive-window.ts';
import type { RequestHead } from './request-head.ts';
import type { Sender, SendingStream } from './sender.ts';

/** Takes the body of a request. */
export interface StreamReceiver {
  /** A view of what was read from the socket. It stays valid, and keeps up to 64 KiB alive. */
  onData(chunk: Uint8Array): void;
  /** The client has sent everything. Not called when the stream is reset. */
  onEnd(): void;
}

/** What a stream tells its connection. */
export interface StreamHost {
  readonly sender: Sender;
  /** `bytes` are kept by a stream that nobody reads from. */
  hold(bytes: number): void;
  /** They are no longer. */
  release(bytes: number): void;
  /** `bytes` were received and used up. */
  used(bytes: number): void;
  /** The stream is over. `isOurs`: we reset it, so that the peer may not know yet. */
  closed(stream: Http2Stream, isOurs: boolean): void;
}

/**
 * One request and its response. Its states (RFC 9113, section 5.1) are which of the two directions have ended: a stream
 * begins open, and is closed when both have, or when either side resets it.
 */
export class Http2Stream implements SendingStream {
  readonly id: number;
  readonly head: RequestHead;
  /** Kept by the sender. */
  sendWindow: number;
  backlog: Backlog | undefined;
  readonly #host: StreamHost;
  readonly #window: ReceiveWindow;
  #receiver: StreamReceiver | undefined;
  #held: HeldBytes | undefined;
  #onClose: ((code: number) => void) | undefined;
  #bodyBytes = 0;
  #isPaused = true;
  #isDraining = false;
  #remoteEnded = false;
  #endDelivered = false;
  #headersSent = false;
  #ending = false;
  #closed = false;

  constructor(id: number, head: RequestHead, host: StreamHost, receiveWindowBytes: number) {
    this.id = id;
    this.head = head;
    this.sendWindow = host.sender.settings.windowBytes;
    this.#host = host;
    this.#window = new ReceiveWindow(receiveWindowBytes);
  }

  /** Nothing can be sent or received any more. */
  get closed(): boolean {
    return this.#closed;
  }

  get headersSent(): boolean {
    return this.#headersSent;
  }

  /** All of the request was received, whether or not somebody read it. */
  get requestEnded(): boolean {
    return this.#remoteEnded;
  }

  /** Calls back once when the stream is over: with `NO_ERROR` (0) after a whole response, or with the code of its reset. */
  onClose(callback: (code: number) => void): void {
    this.#onClose = callback;
  }

  /** Sets who takes the body, and begins to read. Before that, and while paused, the client may send one window only. */
  receive(receiver: StreamReceiver): void {
    this.#receiver = receiver;
    this.resume();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = this.#receiver === undefined;
    this.#drain();
  }

  /** Sends response headers; once. */
  respond(headers: OutgoingHeaders): void {
    if (this.#closed || this.#ending) return;
    this.#headersSent = true;
    this.#host.sender.headers(this.id, headers, false);
  }

  /** Sends headers that are the whole response. */
  respondAndEnd(headers: OutgoingHeaders): void {
    if (this.#closed || this.#ending) return;
    this.#headersSent = true;
    this.#ending = true;
    this.#host.sender.headers(this.id, headers, true);
    this.onSent();
  }

  /**
   * Sends `chunks`, `bytes` together, which nobody may change any more. True when they are on their way; otherwise the next
   * write has to wait until `taken` is called, which does not happen once the stream is over.
   */
  write(chunks: readonly Uint8Array[], bytes: number, taken: () => void): boolean {
    if (this.#closed || this.#ending) return true;
    return this.#host.sender.write(this, chunks, bytes, taken);
  }

  /** Sends `chunks` and the end of the response, with trailers if any. */
  end(chunks: readonly Uint8Array[], bytes: number, trailers: OutgoingHeaders | undefined): void {
    if (this.#closed || this.#ending) return;
    this.#ending = true;
    this.#host.sender.end(this, chunks, bytes, trailers);
  }

  /** Gives the stream up in both directions. */
  reset(code: ErrorName): void {
    if (this.#closed) return;
    this.#host.sender.reset(this.id, errorCodes[code]);
    this.close(errorCodes[code], true);
  }

  /** For the connection: a DATA frame of `flowBytes` with padding. Throws a {@link StreamError}. */
  receiveData(data: Uint8Array, flowBytes: number, isEnd: boolean): void {
    if (this.#remoteEnded) throw new StreamError('STREAM_CLOSED', 'data after the end of a request');
    if (!this.#window.take(flowBytes))
      throw new StreamError('FLOW_CONTROL_ERROR', 'more data than the window allows');
    this.#bodyBytes += data.length;
    const announced = this.head.contentLength;
    if (announced !== undefined && this.#bodyBytes > announced) {
      throw new StreamError('PROTOCOL_ERROR', `a body longer than its content-length of ${announced}`);
    }
    if (isEnd) this.checkLength();
    const padding = flowBytes - data.length;
    if (padding > 0) this.#use(padding);
    this.#remoteEnded = isEnd;
    if (data.length > 0) {
      if (this.#isPaused || this.#isDraining || (this.#held?.bytes ?? 0) > 0) this.#hold(data);
      else this.#deliver(data);
    }
    if (isEnd) this.#afterEnd();
  }

  /** For the connection: the request ended with its headers, or with trailers. Throws a {@link StreamError}. */
  receiveEnd(): void {
    if (this.#remoteEnded) throw new StreamError('STREAM_CLOSED', 'headers after the end of a request');
    this.checkLength();
    this.#remoteEnded = true;
    this.#afterEnd();
  }

  /** Throws a {@link StreamError} when the body is not as long as it said. */
  checkLength(): void {
    const announced = this.head.contentLength;
    if (announced === undefined || announced === this.#bodyBytes) return;
    throw new StreamError(
      'PROTOCOL_ERROR',
      `a body of ${this.#bodyBytes} bytes; content-length is ${announced}`,
    );
  }

  /** For the sender. */
  onSent(): void {
    this.#ending = true;
    if (this.#remoteEnded) this.close(errorCodes.NO_ERROR, false);
  }

  /** For the connection: whether the response was finished by its owner and waits for the peer alone. */
  get waitsForPeer(): boolean {
    return this.backlog?.ending !== undefined;
  }

  /** For the connection: the stream is over. */
  close(code: number, isOurs: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#host.sender.forget(this);
    const held = this.#held?.bytes ?? 0;
    this.#held = undefined;
    if (held > 0) this.#host.release(held);
    this.#host.closed(this, isOurs);
    this.#onClose?.(code);
  }

  #hold(data: Uint8Array): void {
    (this.#held ??= new HeldBytes()).push(data);
    this.#host.hold(data.length);
  }

  #deliver(data: Uint8Array): void {
    this.#receiver?.onData(data);
    this.#use(data.length);
  }

  #use(bytes: number): void {
    this.#host.used(bytes);
    this.#grant(bytes);
  }

  #grant(bytes: number): void {
    if (this.#closed || this.#remoteEnded) return;
    const update = this.#window.give(bytes);
    if (update > 0) this.#host.sender.windowUpdate(this.id, update);
  }

  #drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    try {
      while (!this.#isPaused && !this.#closed) {
        const chunk = this.#held?.shift();
        if (chunk === undefined) break;
        this.#host.release(chunk.length);
        this.#receiver?.onData(chunk);
        this.#grant(chunk.length);
      }
    } finally {
      this.#isDraining = false;
    }
    this.#deliverEnd();
  }

  #afterEnd(): void {
    this.#deliverEnd();
    if (this.#ending && this.backlog === undefined) this.close(errorCodes.NO_ERROR, false);
  }

  #deliverEnd(): void {
    if (!this.#remoteEnded || this.#endDelivered || this.#isPaused || this.#closed) return;
    if ((this.#held?.bytes ?? 0) > 0) return;
    this.#endDelivered = true;
    this.#receiver?.onEnd();
  }
}
