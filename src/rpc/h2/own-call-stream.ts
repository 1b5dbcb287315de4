import type { OutgoingHeaders } from '../../transport/h2/header-template.ts';
import type { Http2Stream } from '../../transport/h2/stream.ts';
import type { CallStream, RequestReceiver } from '../http2/call-stream.ts';

const ignored: RequestReceiver = { onData: () => undefined, onEnd: () => undefined };

/** A stream of our own engine. It is what a call needs already. */
export class OwnCallStream implements CallStream {
  readonly #stream: Http2Stream;

  constructor(stream: Http2Stream) {
    this.#stream = stream;
  }

  get closed(): boolean {
    return this.#stream.closed;
  }

  get headersSent(): boolean {
    return this.#stream.headersSent;
  }

  get requestEnded(): boolean {
    return this.#stream.requestEnded;
  }

  onClose(callback: () => void): void {
    this.#stream.onClose(callback);
  }

  receive(receiver: RequestReceiver): void {
    this.#stream.receive(receiver);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  discard(): void {
    this.#stream.receive(ignored);
  }

  respond(headers: OutgoingHeaders): void {
    this.#stream.respond(headers);
  }

  respondAndEnd(headers: OutgoingHeaders): void {
    this.#stream.respondAndEnd(headers);
  }

  write(frames: readonly Uint8Array[], bytes: number, taken: () => void): boolean {
    return this.#stream.write(frames, bytes, taken);
  }

  end(frames: readonly Uint8Array[], bytes: number, trailers: OutgoingHeaders): void {
    this.#stream.end(frames, bytes, trailers);
  }

  cancel(): void {
    this.#stream.reset('CANCEL');
  }
}
