import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import type { ConnectRouter, HandlerContext, MethodImpl } from '@connectrpc/connect';
import type { DescMethod } from '@bufbuild/protobuf';
import { unreachable } from '../../base/assert.ts';
import type { CallHost } from '../http2/call-host.ts';
import { type Method, RpcError } from '../transport.ts';
import { connectError } from './connect-error.ts';
import { WebCall } from './web-call.ts';
import { WebSink } from './web-sink.ts';
import { WebSource } from './web-source.ts';

type AnyMessage = MessageShape<DescMessage>;

/** Registers the methods that gRPC serves with Connect's router, so that every protocol reaches the same code. */
export function addMethods(router: ConnectRouter, methods: readonly Method[], host: CallHost): void {
  for (const method of methods) {
    router.rpc(method.descriptor, implementation(method, host) as MethodImpl<DescMethod>);
  }
}

function implementation(method: Method, host: CallHost): unknown {
  switch (method.kind) {
    case 'unary':
      return (request: AnyMessage, context: HandlerContext) =>
        within(host, context, async (call) => method.handle(request, call));
    case 'server_streaming':
      return (request: AnyMessage, context: HandlerContext) =>
        streamed(host, context, method, (sink, call) => method.handle(request, sink, call));
    case 'client_streaming':
      return (requests: AsyncIterable<AnyMessage>, context: HandlerContext) =>
        within(host, context, (call, broken) => method.handle(new WebSource(requests, broken), call));
    case 'bidi_streaming':
      return (requests: AsyncIterable<AnyMessage>, context: HandlerContext) =>
        streamed(host, context, method, (sink, call, broken) =>
          method.handle(new WebSource(requests, broken), sink, call),
        );
    default:
      return unreachable(method);
  }
}

/** Runs `serve` until it settles, the caller goes away, or the request turns out to be broken, whichever comes first. */
async function within<Result>(
  host: CallHost,
  context: HandlerContext,
  serve: (call: WebCall, broken: (error: unknown) => void) => Promise<Result>,
): Promise<Result> {
  const call = new WebCall(context, host.clock);
  const broken = Promise.withResolvers<never>();
  try {
    if (host.draining)
      throw new RpcError('UNAVAILABLE', 'the broker is about to stop; call another or again');
    return await Promise.race([serve(call, broken.reject), call.aborted(), broken.promise]);
  } catch (error) {
    throw asConnectError(host, call.method, context, error);
  } finally {
    call.finish();
  }
}

async function* streamed(
  host: CallHost,
  context: HandlerContext,
  method: Method,
  serve: (sink: WebSink<DescMessage>, call: WebCall, broken: (error: unknown) => void) => Promise<void>,
): AsyncGenerator<AnyMessage> {
  const { replyBytesHighWater, replyBytesLowWater } = host.limits;
  const sink = new WebSink(method.descriptor.output, replyBytesHighWater, replyBytesLowWater);
  within(host, context, (call, broken) => serve(sink, call, broken)).then(
    () => sink.end(),
    (error: unknown) => sink.end(error),
  );
  yield* sink.messages();
}

/** Connect's own errors (deadline, cancellation, malformed requests) pass; the rest becomes what gRPC clients get. */
function asConnectError(host: CallHost, method: string, context: HandlerContext, error: unknown): Error {
  if (error instanceof Error && error.name === 'ConnectError') return error;
  if (error === context.signal.reason && error instanceof Error && error.name === 'AbortError') return error;
  return connectError(host.rpcError(error, method));
}
