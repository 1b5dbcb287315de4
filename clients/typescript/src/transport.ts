/**
 * What the client asks of a transport, and all it knows of one. Transports throw {@link HyperloomError}s, or the reason of
 * an aborted signal, and do not retry: that is done above them.
 */
import type {
  DescMessage,
  DescMethodClientStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  MessageShape,
} from '@bufbuild/protobuf';
import type { HyperloomError } from './errors.ts';

/** When a caller stops waiting. */
export interface CallLimits {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds from now; `undefined`: no bound. */
  readonly timeoutMs?: number | undefined;
}

/** How a single call is made. */
export interface UnaryLimits extends CallLimits {
  /** Sent as the metadata `traceparent`. */
  readonly traceParent?: string | undefined;
}

/** Takes what comes back on a publish stream. */
export interface StreamReceiver {
  /** One message: `bytes[start, end)`, valid only during the call. */
  onMessage(bytes: Uint8Array, start: number, end: number): void;
  /** The stream is over, always with the reason why, once. */
  onEnd(error: HyperloomError): void;
}

/** The sending side of a publish stream. */
export interface ByteStream {
  /** Sends messages, each behind its five-byte gRPC prefix. The bytes must not change afterwards. */
  write(frames: Uint8Array): void;
  /** Gives the stream up; `onEnd` is not called any more. */
  cancel(): void;
}

/** A way to a broker. */
export interface Transport {
  unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageShape<I>,
    limits: UnaryLimits,
  ): Promise<MessageShape<O>>;

  /** Messages are taken from the connection as they are asked for. Leaving the loop cancels the call. */
  serverStreaming<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    request: MessageShape<I>,
    limits: CallLimits,
  ): AsyncIterable<MessageShape<O>>;

  clientStreaming<I extends DescMessage, O extends DescMessage>(
    method: DescMethodClientStreaming<I, O>,
    requests: AsyncIterable<MessageShape<I>>,
    limits: CallLimits,
  ): Promise<MessageShape<O>>;

  /** Opens a `PublishStream`; `undefined` where the transport has no bidirectional streams (browsers). */
  readonly openPublishStream: ((receiver: StreamReceiver) => ByteStream) | undefined;

  /** Ends all calls with CANCELLED and closes the connection. */
  close(): void;
}
