/**
 * What a transport hands to the services: method, metadata and message bytes, and nothing of HTTP/2. A faster transport
 * can take the place of the one on `node:http2` without the services noticing.
 */
import type { DescMessage, DescMethod, MessageShape } from '@bufbuild/protobuf';
import type { Caller } from '../access/caller.ts';
import type { Rejection } from '../state/outcome.ts';

/** Request or response metadata. Names are lower case; values of names ending in `-bin` are already decoded bytes. */
export interface Metadata {
  get(name: string): string | undefined;
  getBinary(name: string): Uint8Array | undefined;
}

/** One call as the services see it. */
export interface Call {
  /** Full method name, such as `/hyperloom.v1.ContextService/Publish`. */
  readonly method: string;
  readonly metadata: Metadata;
  /** Where the call comes from, `address:port`. For logs only. */
  readonly peer: string;
  /** Who calls, and what that principal may do. */
  readonly caller: Caller;
  /** When the caller stops waiting, in the clock's monotonic milliseconds; `undefined` when it sent no deadline. */
  readonly deadlineMs: number | undefined;
  /** True once the caller went away, its deadline passed, or the broker gave the call up. */
  readonly cancelled: boolean;
  /** Calls back once when the call is cancelled; at once if it already is. */
  onCancel(callback: () => void): void;
  /**
   * Calls back once when the connection of the call is about to end, with the broker or some time after its age; at once if it already
   * is. A stream that has no end of its own ends now, in good order and with this rejection, so that its client goes on on another
   * connection; other calls may go on for the grace.
   */
  onLeave(callback: (rejection: Rejection) => void): void;
  /**
   * Adds response metadata, sent before the first reply. Bytes only for names ending in `-bin`. Ignored once it was sent:
   * a server stream sends it at the end of the turn in which it was called, replies or not.
   */
  setHeader(name: string, value: string | Uint8Array): void;
  /** Adds response metadata that is sent with the status. */
  setTrailer(name: string, value: string | Uint8Array): void;
}

/** The sending side of a stream of `Response`s. */
export interface Sink<Response> {
  /** Queues one message. False when more than the high-water mark is queued: stop and wait for `onDrain`. */
  write(response: Response): boolean;
  /**
   * The same for a message that is already encoded. The identical `EncodedMessage` may be given to any number of sinks:
   * its bytes and frame are made once and shared.
   */
  writeEncoded(message: EncodedMessage): boolean;
  /** Bytes queued and not yet taken by the connection. */
  readonly queuedBytes: number;
  /** Calls back each time the queue falls below the low-water mark after `write` said false. */
  onDrain(callback: () => void): void;
}

/** The receiving side of a stream of `Request`s. Messages come in order, several in one tick where they arrived together. */
export interface Source<Request> {
  /** Sets the receiver; messages that came before are delivered at once. Set `onEnd` first. */
  onMessage(callback: (request: Request) => void): void;
  /** Calls back when the client half-closed. Not called when the call is cancelled. */
  onEnd(callback: () => void): void;
  /** Stops reading from the connection (flow control holds the client back) until `resume`. */
  pause(): void;
  resume(): void;
}

/** Bytes before a message in its gRPC frame: not compressed (0), and its length, big-endian. */
export const framePrefixBytes = 5;

/** A message in its encoded form, framed lazily and once. */
export class EncodedMessage {
  #bytes: Uint8Array | undefined;
  #frame: Uint8Array | undefined;

  constructor(bytes: Uint8Array | undefined) {
    this.#bytes = bytes;
  }

  /** The message that was framed already. */
  static ofFrame(frame: Uint8Array): EncodedMessage {
    const message = new EncodedMessage(undefined);
    message.#frame = frame;
    return message;
  }

  get bytes(): Uint8Array {
    this.#bytes ??= this.frame.subarray(framePrefixBytes);
    return this.#bytes;
  }

  /** The message behind its five-byte gRPC prefix (not compressed). */
  get frame(): Uint8Array {
    this.#frame ??= frameOf(this.#bytes ?? new Uint8Array(0));
    return this.#frame;
  }
}

function frameOf(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  const frame = new Uint8Array(length + framePrefixBytes);
  // Byte by byte: a view would move a small array out of V8's heap, which costs ten times as much.
  frame[1] = length >>> 24;
  frame[2] = length >>> 16;
  frame[3] = length >>> 8;
  frame[4] = length;
  frame.set(bytes, framePrefixBytes);
  return frame;
}

type In<M extends DescMethod> = MessageShape<M['input']>;
type Out<M extends DescMethod> = MessageShape<M['output']>;

/**
 * One RPC's implementation. It throws an `RpcError` to refuse; whatever else it throws is our own mistake and reaches the
 * client as `INTERNAL` without details. Byte fields of requests may be views of a whole socket read: copy what is kept for
 * long, or each pins up to 64 KiB. `handleBytes`, where given, serves the same call on the gRPC hot path without
 * generated decoding, and must answer exactly as `handle` does. So does `encode`, in place of the generated encoding, for answers.
 */
export type Method<M extends DescMethod = DescMethod> =
  | {
      readonly kind: 'unary';
      readonly descriptor: M;
      handle(request: In<M>, call: Call): Out<M> | Promise<Out<M>>;
      encode?(response: Out<M>): Uint8Array;
      handleBytes?(request: Uint8Array, call: Call): Uint8Array | Promise<Uint8Array>;
    }
  | {
      readonly kind: 'server_streaming';
      readonly descriptor: M;
      /** The stream ends when the promise settles. */
      handle(request: In<M>, sink: Sink<Out<M>>, call: Call): Promise<void>;
    }
  | {
      readonly kind: 'client_streaming';
      readonly descriptor: M;
      handle(source: Source<In<M>>, call: Call): Promise<Out<M>>;
    }
  | {
      readonly kind: 'bidi_streaming';
      readonly descriptor: M;
      handle(source: Source<In<M>>, sink: Sink<Out<M>>, call: Call): Promise<void>;
      /** As `handle`, with undecoded requests; answers go out through `sink.writeEncoded`. */
      handleBytes?(source: Source<Uint8Array>, sink: Sink<Out<M>>, call: Call): Promise<void>;
    };

/** One method for the list that a transport takes, checked against its own types and then without them. */
export function defineMethod<M extends DescMethod>(method: Method<M>): Method {
  return method;
}

/** Numeric gRPC status codes. */
export const statusCodes = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;
export type StatusName = keyof typeof statusCodes;

/** One detail of a status: a message such as `google.rpc.ErrorInfo`. */
export interface StatusDetail<D extends DescMessage = DescMessage> {
  readonly descriptor: D;
  readonly message: MessageShape<D>;
}

/** A refusal, with the details that make it machine-readable. It has no stack: taking one costs more than most calls, and nobody looks at it. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: StatusName;
  readonly details: readonly StatusDetail[];

  constructor(code: StatusName, message: string, details: readonly StatusDetail[] = []) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
    this.code = code;
    this.details = details;
  }
}

/** Where a server listens and how. `tls` undefined: h2c and plain HTTP/1.1 on the same port. */
export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: TlsFiles;
}

/** What TLS goes by; PEM texts. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
  /** Who may sign clients' certificates. */
  readonly clientAuthority?: string;
  /** Whether a client may come without a certificate. One that it shows must be good all the same. */
  readonly isClientOptional?: boolean;
}

/** A server on one port. */
export interface Transport {
  /** Resolves with the port (a free one where 0 was asked for). */
  listen(options: ListenOptions): Promise<{ readonly host: string; readonly port: number }>;
  /** Lets clients of HTTP/1.1 leave after their next answer, and serves everybody else as before: `close` is to follow. */
  announceClose(): void;
  /**
   * Takes no more connections and sends GOAWAY. Calls that run, or were on the way, end within `graceMs`, and streams are told
   * (`Call.onLeave`); then the rest is closed.
   */
  close(graceMs: number): Promise<void>;
}
