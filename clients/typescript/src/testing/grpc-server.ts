/** A real gRPC server of another make (`@grpc/grpc-js`) whose methods a test writes: for failures that a broker does not show on demand. */
import { create, fromBinary, toBinary, type DescMethod, type DescService } from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import * as grpc from '@grpc/grpc-js';
import { StatusSchema } from '../gen/google/rpc/status_pb.ts';
import { ContextService } from '../gen/hyperloom/v1/context_service_pb.ts';
import { ForestService } from '../gen/hyperloom/v1/forest_service_pb.ts';

/** A running server. */
export interface GrpcServer extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  /** Says GOAWAY and resolves when the calls under way have ended. */
  shutDown(): Promise<void>;
  /** Cuts everything. */
  kill(): void;
}

/** Serves methods by their names, such as `Get`; everything else is UNIMPLEMENTED. */
export async function serveGrpc(
  methods: Readonly<Record<string, grpc.UntypedHandleCall>>,
  port = 0,
  credentials = grpc.ServerCredentials.createInsecure(),
): Promise<GrpcServer> {
  const server = new grpc.Server();
  for (const service of [ContextService, ForestService])
    server.addService(definitionOf(service), handlers(service, methods));
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, credentials, (error, actual) =>
      error === null ? resolve(actual) : reject(error),
    );
  });
  return {
    address: `127.0.0.1:${bound}`,
    port: bound,
    shutDown: () => new Promise((resolve) => server.tryShutdown(() => resolve())),
    kill: () => server.forceShutdown(),
    [Symbol.asyncDispose]: async () => server.forceShutdown(),
  };
}

/** A refusal with details, as a broker sends them. */
export function refusal<D extends DescMessage>(
  code: grpc.status,
  message: string,
  details: readonly { readonly schema: D; readonly message: MessageShape<D> }[] = [],
): grpc.ServiceError {
  const metadata = new grpc.Metadata();
  const packed = details.map((detail) => anyPack(detail.schema, detail.message));
  const status = create(StatusSchema, { code, message, details: packed });
  metadata.set('grpc-status-details-bin', Buffer.from(toBinary(StatusSchema, status)));
  return Object.assign(new Error(message), { code, details: message, metadata });
}

function handlers(
  service: DescService,
  methods: Readonly<Record<string, grpc.UntypedHandleCall>>,
): grpc.UntypedServiceImplementation {
  const known = service.methods.filter((method) => methods[method.name] !== undefined);
  return Object.fromEntries(
    known.map((method) => [method.name, methods[method.name] as grpc.UntypedHandleCall]),
  );
}

function definitionOf(service: DescService): grpc.ServiceDefinition {
  return Object.fromEntries(service.methods.map((method) => [method.name, definition(service, method)]));
}

function definition(service: DescService, method: DescMethod): grpc.MethodDefinition<object, object> {
  const codec = (schema: DescMessage) => ({
    serialize: (message: object) => Buffer.from(toBinary(schema, message as MessageShape<DescMessage>)),
    deserialize: (bytes: Buffer) => fromBinary(schema, bytes),
  });
  return {
    path: `/${service.typeName}/${method.name}`,
    requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
    responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
    requestSerialize: codec(method.input).serialize,
    requestDeserialize: codec(method.input).deserialize,
    responseSerialize: codec(method.output).serialize,
    responseDeserialize: codec(method.output).deserialize,
  };
}
