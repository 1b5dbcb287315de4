/** The service of gRPC's interop tests (https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md). */
import { create, type DescMessage, type DescService, type Message, type Registry } from '@bufbuild/protobuf';
import { systemClock } from '../../src/base/clock.ts';
import {
  type Call,
  defineMethod,
  type Method,
  RpcError,
  statusCodes,
  type StatusName,
} from '../../src/rpc/transport.ts';

interface EchoStatus {
  readonly code: number;
  readonly message: string;
}

interface SimpleRequest extends Message {
  readonly responseSize: number;
  readonly responseStatus?: EchoStatus;
}

interface OutputRequest extends Message {
  readonly responseParameters: readonly { readonly size: number; readonly intervalUs: number }[];
  readonly responseStatus?: EchoStatus;
}

interface InputRequest extends Message {
  readonly payload?: { readonly body: Uint8Array };
}

/** Methods for descriptors that are read at run time. */
export function interopMethods(registry: Registry): readonly Method[] {
  const service = registry.getService('grpc.testing.TestService');
  if (service === undefined) throw new Error('the descriptors are not those of the interop tests');
  return [
    emptyCall(service),
    unaryCall(service),
    outputCall(service),
    inputCall(service),
    duplexCall(service),
  ];
}

function emptyCall(service: DescService): Method {
  const descriptor = methodOf(service, 'emptyCall');
  return defineMethod({ kind: 'unary', descriptor, handle: () => create(descriptor.output) });
}

function unaryCall(service: DescService): Method {
  const descriptor = methodOf(service, 'unaryCall');
  return defineMethod({
    kind: 'unary',
    descriptor,
    handle(request: Message, call: Call) {
      const { responseSize, responseStatus } = request as SimpleRequest;
      echoMetadata(call);
      refuse(responseStatus);
      return reply(descriptor.output, responseSize);
    },
  });
}

function outputCall(service: DescService): Method {
  const descriptor = methodOf(service, 'streamingOutputCall');
  return defineMethod({
    kind: 'server_streaming',
    descriptor,
    async handle(request, sink) {
      for (const { size, intervalUs } of (request as unknown as OutputRequest).responseParameters) {
        await delay(intervalUs / 1_000);
        sink.write(reply(descriptor.output, size));
      }
    },
  });
}

function inputCall(service: DescService): Method {
  const descriptor = methodOf(service, 'streamingInputCall');
  return defineMethod({
    kind: 'client_streaming',
    descriptor,
    handle: (source) =>
      new Promise((resolve) => {
        let aggregatedPayloadSize = 0;
        source.onEnd(() => resolve(create(descriptor.output, { aggregatedPayloadSize })));
        source.onMessage((request) => {
          aggregatedPayloadSize += (request as unknown as InputRequest).payload?.body.length ?? 0;
        });
      }),
  });
}

function duplexCall(service: DescService): Method {
  const descriptor = methodOf(service, 'fullDuplexCall');
  return defineMethod({
    kind: 'bidi_streaming',
    descriptor,
    handle: (source, sink, call) =>
      new Promise((resolve) => {
        echoMetadata(call);
        source.onEnd(resolve);
        source.onMessage((message) => {
          const request = message as unknown as OutputRequest;
          refuse(request.responseStatus);
          for (const { size } of request.responseParameters) sink.write(reply(descriptor.output, size));
        });
      }),
  });
}

function reply(output: DescMessage, bytes: number): Message {
  return create(output, { payload: { body: new Uint8Array(bytes) } });
}

function echoMetadata(call: Call): void {
  const initial = call.metadata.get('x-grpc-test-echo-initial');
  if (initial !== undefined) call.setHeader('x-grpc-test-echo-initial', initial);
  const trailing = call.metadata.getBinary('x-grpc-test-echo-trailing-bin');
  if (trailing !== undefined) call.setTrailer('x-grpc-test-echo-trailing-bin', trailing);
}

function refuse(status: EchoStatus | undefined): void {
  if (status === undefined || status.code === 0) return;
  const code = Object.entries(statusCodes).find(([, number]) => number === status.code)?.[0] ?? 'UNKNOWN';
  throw new RpcError(code as StatusName, status.message);
}

function methodOf(service: DescService, localName: string): DescService['methods'][number] {
  const method = service.method[localName];
  if (method === undefined) throw new Error(`there is no method ${localName}`);
  return method;
}

function delay(ms: number): Promise<void> {
  return ms === 0 ? Promise.resolve() : new Promise((resolve) => void systemClock.setTimer(ms, resolve));
}
