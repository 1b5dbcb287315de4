/** The TypeScript driver: generated messages over `@grpc/grpc-js`, the stock gRPC client of Node; and the SDK. */
import { createRegistry, fromBinary, type DescMethod, toBinary } from '@bufbuild/protobuf';
import { sizeDelimitedDecodeStream, sizeDelimitedEncode } from '@bufbuild/protobuf/wire';
import { Client, type ClientDuplexStream, credentials, Metadata, type StatusObject } from '@grpc/grpc-js';
import { create, type Message, type MessageInitShape } from '@bufbuild/protobuf';

import { file_hyperloom_v1_context_service } from '../../../typescript/src/gen/hyperloom/v1/context_service_pb.ts';
import { file_hyperloom_v1_forest_service } from '../../../typescript/src/gen/hyperloom/v1/forest_service_pb.ts';
import { file_hyperloom_v1_lock_service } from '../../../typescript/src/gen/hyperloom/v1/lock_service_pb.ts';
import { file_hyperloom_v1_review_service } from '../../../typescript/src/gen/hyperloom/v1/review_service_pb.ts';
import { file_hyperloom_v1_schema_service } from '../../../typescript/src/gen/hyperloom/v1/schema_service_pb.ts';
import {
  DriverRequestSchema,
  DriverResponseSchema,
  type SdkCall,
  type StartCall,
} from '../../gen/hyperloom/conformance/v1/driver_pb.ts';
import { Session } from './sdk.ts';
import type { Arguments } from './sdk-arguments.ts';
import { tellError } from './sdk-results.ts';

type Stream = ClientDuplexStream<Message, Message>;

const registry = createRegistry(
  file_hyperloom_v1_context_service,
  file_hyperloom_v1_forest_service,
  file_hyperloom_v1_lock_service,
  file_hyperloom_v1_review_service,
  file_hyperloom_v1_schema_service,
);
const clients = new Map<number, Client>();
/** What each client shows with its calls. */
const shown = new Map<number, Metadata>();
const calls = new Map<bigint, { readonly method: DescMethod; readonly stream: Stream }>();

const addresses = new Map<number, string>();
const sessions = new Map<number, Session>();
const sdkCalls = new Map<bigint, AbortController>();

function say(event: MessageInitShape<typeof DriverResponseSchema>['event']): void {
  if (event === undefined) return;
  process.stdout.write(sizeDelimitedEncode(DriverResponseSchema, create(DriverResponseSchema, { event })));
}

/** Such as `hyperloom.v1.ContextService/Publish`. */
function methodOf(name: string): DescMethod {
  const [service = '', method = ''] = name.split('/');
  const found = registry.getService(service)?.methods.find((candidate) => candidate.name === method);
  if (found === undefined) throw new Error(`no method ${name}`);
  return found;
}

/** To gRPC's wire every call is a stream of messages each way; a unary call is one with a single message. */
function start({ call, client, method: name, request, timeout }: StartCall): void {
  const method = methodOf(name);
  const timeoutMs = Number(timeout?.seconds ?? 20n) * 1_000 + (timeout?.nanos ?? 0) / 1e6;
  const stream = clientOf(client).makeBidiStreamRequest<Message, Message>(
    `/${name}`,
    (message) => Buffer.from(toBinary(method.input, message)),
    (bytes) => fromBinary(method.output, bytes),
    shown.get(client) ?? new Metadata(),
    { deadline: Date.now() + timeoutMs },
  );
  calls.set(call, { method, stream });
  stream.on('data', (message: Message) => {
    say({ case: 'received', value: { call, message: toBinary(method.output, message) } });
  });
  // The status says the same, and comes last.
  stream.on('error', () => {});
  stream.on('status', (status: StatusObject) => {
    const [details] = status.metadata.get('grpc-status-details-bin');
    calls.delete(call);
    say({
      case: 'ended',
      value: {
        call,
        code: status.code,
        message: status.details,
        status: typeof details === 'object' ? details : new Uint8Array(),
      },
    });
  });
  if (request === undefined) return;
  stream.write(fromBinary(method.input, request));
  stream.end();
}

/** The call is begun before this returns, so that calls are in order. */
function startSdk({ call, client, arguments: given, ...wanted }: SdkCall): void {
  const giveUp = new AbortController();
  const session = sessions.get(client) ?? new Session(addresses.get(client) ?? '');
  sessions.set(client, session);
  sdkCalls.set(call, giveUp);
  const args = JSON.parse(new TextDecoder().decode(given)) as Arguments;
  const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  session
    .call(wanted, args, giveUp.signal)
    .then(
      (result) => say({ case: 'returned', value: { call, result: encode(result) } }),
      (error: unknown) => say({ case: 'failed', value: { call, error: encode(tellError(error)) } }),
    )
    .finally(() => sdkCalls.delete(call));
}

function clientOf(number: number): Client {
  const client = clients.get(number);
  if (client === undefined) throw new Error(`no client ${number}`);
  return client;
}

/** A call may have ended while the command was on its way: then there is nothing left to do. */
say({
  case: 'ready',
  value: { client: `TypeScript, grpc-js, Node ${process.version}`, sdk: '@hyperloom/client' },
});
for await (const { command } of sizeDelimitedDecodeStream(DriverRequestSchema, process.stdin)) {
  switch (command.case) {
    case 'connect': {
      const { client, address, token } = command.value;
      const metadata = new Metadata();
      if (token !== '') metadata.set('authorization', `Bearer ${token}`);
      shown.set(client, metadata);
      addresses.set(client, address);
      clients.set(
        client,
        new Client(address, credentials.createInsecure(), {
          'grpc.initial_reconnect_backoff_ms': 50,
          'grpc.max_receive_message_length': -1,
          'grpc.max_send_message_length': -1,
        }),
      );
      break;
    }
    case 'disconnect':
      clientOf(command.value.client).close();
      clients.delete(command.value.client);
      shown.delete(command.value.client);
      sessions.get(command.value.client)?.close();
      sessions.delete(command.value.client);
      break;
    case 'start':
      start(command.value);
      break;
    case 'send': {
      const call = calls.get(command.value.call);
      call?.stream.write(fromBinary(call.method.input, command.value.message));
      break;
    }
    case 'finish':
      calls.get(command.value.call)?.stream.end();
      break;
    case 'cancel':
      calls.get(command.value.call)?.stream.cancel();
      sdkCalls.get(command.value.call)?.abort();
      break;
    case 'sdk':
      startSdk(command.value);
      break;
    case undefined:
      throw new Error('an unknown command');
  }
}
for (const client of clients.values()) client.close();
for (const session of sessions.values()) session.close();
