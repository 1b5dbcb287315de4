import type { OutgoingHeaders } from '../../transport/h2/header-template.ts';

/** The headers of a request, whatever engine read them. */
export interface RequestHeaders {
  /** The value of a header, given in lower case; several are joined with a comma. */
  get(name: string): string | undefined;
}

/** Takes the body of a request. */
export interface RequestReceiver {
  onData(chunk: Uint8Array): void;
  /** The client has sent everything. Not called when the stream is reset. */
  onEnd(): void;
}

/** One HTTP/2 stream as a gRPC call needs it, whatever engine it is of. */
export interface CallStream {
  /** Nothing can be sent any more. */
  readonly closed: boolean;
  readonly headersSent: boolean;
  /** All of the request was received. */
  readonly requestEnded: boolean;
  /** Calls back once when the stream is over in both directions. */
  onClose(callback: () => void): void;
  /** Sets who takes the body, and begins to read. */
  receive(receiver: RequestReceiver): void;
  pause(): void;
  resume(): void;
  /** Drops what the client still sends. */
  discard(): void;
  respond(headers: OutgoingHeaders): void;
  /** Sends headers that are the whole response. */
  respondAndEnd(headers: OutgoingHeaders): void;
  /**
   * Sends `frames`, `bytes` together. True when they are on their way; otherwise the next write waits until `taken` is
   * called, which does not happen once the stream is over.
   */
  write(frames: readonly Uint8Array[], bytes: number, taken: () => void): boolean;
  /** Sends the last `frames`, and `trailers`. */
  end(frames: readonly Uint8Array[], bytes: number, trailers: OutgoingHeaders): void;
  /** Gives the stream up in both directions. */
  cancel(): void;
}
