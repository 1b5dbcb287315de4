/** A client on plain grpc-js that reads the node /who. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type ChannelOptions, credentials, makeGenericClientConstructor } from '@grpc/grpc-js';
import {
  ContextService,
  GetRequestSchema,
  GetResponseSchema,
} from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { textOf } from './texts.ts';

const Reader = makeGenericClientConstructor(
  {
    get: {
      path: `/${ContextService.typeName}/Get`,
      requestStream: false,
      responseStream: false,
      requestSerialize: (path: string) =>
        Buffer.from(toBinary(GetRequestSchema, create(GetRequestSchema, { path }))),
      requestDeserialize: (bytes: Buffer) => fromBinary(GetRequestSchema, bytes).path,
      responseSerialize: () => Buffer.alloc(0),
      responseDeserialize: (bytes: Buffer) => textOf(fromBinary(GetResponseSchema, bytes).node?.value) ?? '',
    },
  },
  ContextService.typeName,
);

type Get = (path: string, told: (error: Error | null, answer: unknown) => void) => void;

export class GrpcJsReader {
  readonly #client: InstanceType<typeof Reader>;

  constructor(target: string, options: ChannelOptions = {}) {
    this.#client = new Reader(target, credentials.createInsecure(), options);
  }

  ask(): Promise<string> {
    return new Promise((resolve, reject) => {
      (this.#client['get'] as Get).call(this.#client, '/who', (error, answer) =>
        error === null ? resolve(String(answer)) : reject(error),
      );
    });
  }

  end(): void {
    this.#client.close();
  }
}
