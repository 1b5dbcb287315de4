/** The transport for Node: gRPC on `node:http2`, with no more between a message and the wire than there has to be. */
import {
  fromBinary,
  toBinary,
  type DescMessage,
  type DescMethod,
  type DescMethodClientStreaming,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type MessageShape,
} from '@bufbuild/protobuf';
import { closedError } from '../closed-error.ts';
import { HyperloomError, makeError, UnavailableError } from '../errors.ts';
import { ContextService } from '../gen/hyperloom/v1/context_service_pb.ts';
import type { Clock } from '../time.ts';
import type { ByteStream, CallLimits, StreamReceiver, Transport, UnaryLimits } from '../transport.ts';
import { withToken, type TokenSource } from '../token.ts';
import { Call, type CallReceiver } from './call.ts';
import { Channel } from './channel.ts';
import type { Address, TlsOptions } from './address.ts';
import { Endpoints, type LoadBalancing } from './endpoints.ts';
import { forestMetadata, forestOf } from './forest-header.ts';
import { frame } from './frame-reader.ts';
import { receive } from './receive.ts';

/** What the transport needs. */
export interface NodeTransportOptions {
  /** At least one. */
  readonly addresses: readonly Address[];
  readonly loadBalancing: LoadBalancing;
  readonly tls: TlsOptions;
  readonly clock: Clock;
  /** Sent with every call, such as `authorization`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly token: TokenSource;
  /** The forest that most publishes of the stream are about. */
  readonly forest: string;
}

/** What is said of a call beside its request. */
interface CallScope extends UnaryLimits {
  /** The forest that it is about, if it is about one. */
  readonly forest?: unknown;
}

export class NodeTransport implements Transport {
  readonly #options: NodeTransportOptions;
  readonly #channels: readonly Channel[];
  readonly #endpoints: Endpoints<Channel>;
  #closed = false;

  constructor(options: NodeTransportOptions) {
    const { addresses, loadBalancing, tls, clock } = options;
    this.#options = options;
    this.#channels = addresses.map((address) => new Channel(address, tls, clock));
    this.#endpoints = new Endpoints(this.#channels, loadBalancing, clock);
  }

  unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageShape<I>,
    limits: UnaryLimits,
  ): Promise<MessageShape<O>> {
    return new Promise((resolve, reject) => {
      const scope = { ...limits, forest: forestOf(request) };
      const call = this.#call(method, scope, singleAnswer(method.output, resolve, reject));
      call.finish(frame(toBinary(method.input, request)));
    });
  }

  async *serverStreaming<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    request: MessageShape<I>,
    limits: CallLimits,
  ): AsyncGenerator<MessageShape<O>, void, void> {
    yield* receive(
      (bytes, start, end) => fromBinary(method.output, bytes.subarray(start, end)),
      (receiver) => {
        const call = this.#call(method, { ...limits, forest: forestOf(request) }, receiver);
        call.finish(frame(toBinary(method.input, request)));
        return call;
      },
    );
  }

  async clientStreaming<I extends DescMessage, O extends DescMessage>(
    method: DescMethodClientStreaming<I, O>,
    requests: AsyncIterable<MessageShape<I>>,
    limits: CallLimits,
  ): Promise<MessageShape<O>> {
    let over = false;
    const answer = Promise.withResolvers<MessageShape<O>>();
    const receiver = singleAnswer(method.output, answer.resolve, answer.reject);
    const call = this.#call(method, limits, {
      onMessage: (bytes, start, end) => receiver.onMessage(bytes, start, end),
      onEnd: (error) => {
        over = true;
        receiver.onEnd(error);
      },
    });
    // The broker may answer before everything is sent: the refusal must not be lost behind an unhandled rejection.
    answer.promise.catch(() => undefined);
    try {
      for await (const request of requests) {
        call.write(frame(toBinary(method.input, request)));
        await call.drained();
        if (over) break;
      }
      call.finish();
    } catch (error) {
      call.cancel();
      throw error;
    }
    return answer.promise;
  }

  readonly openPublishStream = (receiver: StreamReceiver): ByteStream => {
    return this.#call(
      ContextService.method.publishStream,
      { forest: this.#options.forest },
      {
        onMessage: (bytes, start, end) => receiver.onMessage(bytes, start, end),
        onEnd: (error) => {
          const lost = makeError({ code: 'UNAVAILABLE', message: 'the broker ended the stream' });
          receiver.onEnd(error instanceof HyperloomError ? error : lost);
        },
      },
    );
  };

  close(): void {
    this.#closed = true;
    for (const channel of this.#channels) channel.close();
  }

  #call(method: DescMethod, { forest, ...limits }: CallScope, receiver: CallReceiver): Call {
    if (this.#closed) throw closedError();
    const { clock, token } = this.#options;
    const always = withToken(this.#options.metadata, token);
    const { traceParent: traceparent } = limits;
    const traced = traceparent === undefined ? {} : { traceparent };
    const metadata = { ...forestMetadata(forest), ...always, ...traced };
    const path = `/${method.parent.typeName}/${method.name}`;
    const channel = this.#endpoints.pick();
    const watched: CallReceiver = {
      onMessage: (bytes, start, end) => receiver.onMessage(bytes, start, end),
      onEnd: (error) => {
        if (error instanceof UnavailableError) this.#endpoints.failed(channel);
        else this.#endpoints.answered(channel);
        receiver.onEnd(error);
      },
    };
    return new Call({ channel, clock, path, metadata, limits, receiver: watched });
  }
}

/** Takes the one message and the end of a call that answers once. */
function singleAnswer<O extends DescMessage>(
  schema: O,
  resolve: (message: MessageShape<O>) => void,
  reject: (error: unknown) => void,
): CallReceiver {
  let answer: MessageShape<O> | undefined;
  let broken: unknown;
  return {
    onMessage(bytes, start, end) {
      try {
        answer = fromBinary(schema, bytes.subarray(start, end));
      } catch (error) {
        broken = makeError({ code: 'INTERNAL', message: 'the answer does not decode', cause: error });
      }
    },
    onEnd(error) {
      if (error !== undefined) reject(error);
      else if (broken !== undefined) reject(broken);
      else if (answer === undefined)
        reject(makeError({ code: 'INTERNAL', message: 'the answer is missing' }));
      else resolve(answer);
    },
  };
}
