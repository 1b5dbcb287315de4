import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  Client,
  type ClientReadableStream,
  credentials,
  type ChannelCredentials,
  type ClientOptions,
  Metadata,
  type ServiceError,
  type StatusObject,
} from '@grpc/grpc-js';
import { type EchoRequest, EchoRequestSchema, type EchoResponse, EchoResponseSchema } from './gen/echo_pb.ts';

export type EchoInit = MessageInitShape<typeof EchoRequestSchema>;

const servicePath = '/hyperloom.test.v1.EchoService';
const serialize = (request: EchoRequest): Buffer => Buffer.from(toBinary(EchoRequestSchema, request));
const deserialize = (bytes: Buffer): EchoResponse => fromBinary(EchoResponseSchema, bytes);

/** How a grpc-js call ended. */
export interface Outcome {
  readonly response?: EchoResponse;
  readonly error?: ServiceError;
}

/** The echo service as grpc-js calls it. */
export class EchoClient extends Client {
  constructor(
    port: number,
    options: ClientOptions = {},
    channel: ChannelCredentials = credentials.createInsecure(),
  ) {
    super(`localhost:${port}`, channel, { 'grpc.use_local_subchannel_pool': 1, ...options });
  }

  unary(
    init: EchoInit,
    metadata = new Metadata(),
    options: { deadline?: number; method?: string } = {},
  ): Promise<Outcome> {
    const { method = 'Unary', ...callOptions } = options;
    return new Promise((resolve) => {
      const request = create(EchoRequestSchema, init);
      const path = `${servicePath}/${method}`;
      this.makeUnaryRequest(
        path,
        serialize,
        deserialize,
        request,
        metadata,
        callOptions,
        (error, response) => {
          resolve({ ...(error === null ? {} : { error }), ...(response === undefined ? {} : { response }) });
        },
      );
    });
  }

  serverStream(init: EchoInit, options: { deadline?: number } = {}): ClientReadableStream<EchoResponse> {
    const request = create(EchoRequestSchema, init);
    return this.makeServerStreamRequest(
      `${servicePath}/ServerStream`,
      serialize,
      deserialize,
      request,
      options,
    );
  }

  clientStream(inits: readonly EchoInit[]): Promise<Outcome> {
    return new Promise((resolve) => {
      const call = this.makeClientStreamRequest(
        `${servicePath}/ClientStream`,
        serialize,
        deserialize,
        (error, response) =>
          resolve({ ...(error === null ? {} : { error }), ...(response === undefined ? {} : { response }) }),
      );
      for (const init of inits) call.write(create(EchoRequestSchema, init));
      call.end();
    });
  }

  bidiStream(): ReturnType<typeof this.makeBidiStreamRequest<EchoRequest, EchoResponse>> {
    return this.makeBidiStreamRequest(`${servicePath}/BidiStream`, serialize, deserialize);
  }
}

/** All messages of a stream and the status it ended with. */
export async function collect<T>(
  stream: ClientReadableStream<T>,
): Promise<{ messages: T[]; status: StatusObject }> {
  const messages: T[] = [];
  stream.on('data', (message: T) => messages.push(message));
  stream.on('error', () => undefined);
  const status = await new Promise<StatusObject>((resolve) => stream.on('status', resolve));
  return { messages, status };
}

/** Resolves with what the first `event` of an emitter carries. */
export function first<T = unknown>(
  emitter: { once(event: string, listener: (value: T) => void): unknown },
  event: string,
): Promise<T> {
  return new Promise((resolve) => emitter.once(event, resolve));
}
