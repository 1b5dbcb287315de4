import { type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { assert, unreachable } from '../../base/assert.ts';
import { undecodable } from '../errors.ts';
import { type Call, type Method, RpcError } from '../transport.ts';
import type { GrpcCall } from './grpc-call.ts';
import type { ReplySink } from './reply-sink.ts';
import type { RequestSource } from './request-source.ts';

/** Begins to serve a call whose headers have come. */
export type StartCall = (call: GrpcCall) => void;

/** The full name of a method, as it stands in `:path`. */
export function methodPath(method: Method): string {
  return `/${method.descriptor.parent.typeName}/${method.descriptor.name}`;
}

/** What serves each method, by full name. */
export function methodTable(methods: readonly Method[]): ReadonlyMap<string, StartCall> {
  const table = new Map<string, StartCall>();
  for (const method of methods) {
    const path = methodPath(method);
    assert(!table.has(path), `two implementations of ${path}`);
    assert(method.kind === method.descriptor.methodKind, `${path} is not ${method.kind}`);
    table.set(path, starter(method));
  }
  return table;
}

function starter(method: Method): StartCall {
  switch (method.kind) {
    case 'unary':
      return startUnary(method);
    case 'server_streaming':
      return startServerStream(method);
    case 'client_streaming':
      return startClientStream(method);
    case 'bidi_streaming':
      return startBidiStream(method);
    default:
      return unreachable(method);
  }
}

function startUnary(method: Method & { kind: 'unary' }): StartCall {
  const { input, output } = method.descriptor;
  const handleBytes = method.handleBytes?.bind(method);
  const encode = method.encode?.bind(method) ?? ((response) => toBinary(output, response));
  const reply = (call: GrpcCall, response: MessageShape<DescMessage>): void =>
    call.succeedWith(encode(response));
  return (call) => {
    receiveOne(call, (bytes) => {
      if (handleBytes !== undefined) {
        answer(call, handleBytes(bytes, call), (response) => call.succeedWith(response));
      } else {
        answer(call, method.handle(decode(input, bytes), call), (response) => reply(call, response));
      }
    });
  };
}

function startServerStream(method: Method & { kind: 'server_streaming' }): StartCall {
  const { input, output } = method.descriptor;
  return (call) => {
    receiveOne(call, (bytes) => {
      const request = decode(input, bytes);
      const sink = call.sink((response: MessageShape<DescMessage>) => toBinary(output, response));
      stream(call, sink, () => {
        const done = method.handle(request, sink, call);
        // Even if nothing is written yet: a subscriber wants to know that it is being served.
        sink.schedule();
        return done;
      });
    });
  };
}

function startClientStream(method: Method & { kind: 'client_streaming' }): StartCall {
  const { input, output } = method.descriptor;
  return (call) => {
    const source = call.source((bytes) => fromBinary(input, bytes));
    serve(call, () =>
      answer(call, method.handle(source, call), (response) => call.succeedWith(toBinary(output, response))),
    );
  };
}

function startBidiStream(method: Method & { kind: 'bidi_streaming' }): StartCall {
  const { input, output } = method.descriptor;
  const handleBytes = method.handleBytes?.bind(method);
  const encode = (response: MessageShape<DescMessage>): Uint8Array => toBinary(output, response);
  return (call) => {
    const sink = call.sink(encode);
    if (handleBytes !== undefined) {
      const source: RequestSource<Uint8Array> = call.source((bytes) => bytes);
      stream(call, sink, () => handleBytes(source, sink, call));
    } else {
      const source = call.source((bytes) => fromBinary(input, bytes));
      stream(call, sink, () => method.handle(source, sink, call));
    }
  };
}

/** Waits for the one request of a call that has one. More or fewer are `UNIMPLEMENTED`, as the gRPC status table has it. */
function receiveOne(call: GrpcCall, use: (request: Uint8Array) => void): void {
  let request: Uint8Array | undefined;
  const source = call.source((bytes) => bytes);
  source.onEnd(() => {
    const only = request;
    if (only === undefined) {
      call.refuse(new RpcError('UNIMPLEMENTED', `${call.method} takes exactly one request; none came`));
    } else serve(call, () => use(only));
  });
  source.onMessage((bytes) => {
    if (request !== undefined) {
      throw new RpcError('UNIMPLEMENTED', `${call.method} takes exactly one request; a second one came`);
    }
    request = bytes;
  });
}

function decode<D extends DescMessage>(descriptor: D, bytes: Uint8Array): MessageShape<D> {
  try {
    return fromBinary(descriptor, bytes);
  } catch {
    return undecodable(descriptor.typeName);
  }
}

/** Answers at once where the service did: a promise that nobody needs would cost a turn of the event loop. */
function answer<Response>(
  call: GrpcCall,
  response: Response | Promise<Response>,
  reply: (response: Response) => void,
): void {
  if (response instanceof Promise) {
    response.then(reply).catch((error: unknown) => call.refuse(error));
  } else reply(response);
}

function stream<Response>(
  call: GrpcCall & Call,
  sink: ReplySink<Response>,
  handle: () => Promise<void>,
): void {
  serve(call, () => {
    handle().then(
      () => call.succeed(sink.takeRest()),
      (error: unknown) => call.refuse(error, sink.takeRest()),
    );
  });
}

function serve(call: GrpcCall, action: () => void): void {
  try {
    action();
  } catch (error) {
    call.refuse(error);
  }
}
