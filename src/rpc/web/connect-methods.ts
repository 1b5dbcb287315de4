import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { ConnectError } from '@connectrpc/connect';
import type { ConnectRouter, HandlerContext, MethodImpl } from '@connectrpc/connect';
import type { DescMethod } from '@bufbuild/protobuf';
import type { Caller } from '../../access/caller.ts';
import { unreachable } from '../../base/assert.ts';
import type { CallHost } from '../http2/call-host.ts';
import { type Method, statusCodes, type StatusName } from '../transport.ts';
import { connectError } from './connect-error.ts';
import { callerKey, refusalKey, WebCall } from './web-call.ts';
import { WebSink } from './web-sink.ts';
import { WebSource } from './web-source.ts';

type AnyMessage = MessageShape<DescMessage>;

/** Registers the methods that gRPC serves with Connect's router, so that every protocol reaches the same code. */
export function addMethods(
  router: ConnectRouter,
  methods: readonly Method[],
  host: CallHost,
  callerOf: CallerOf = admitted,
): void {
  for (const method of methods) {
    const serving = { host, callerOf };
    router.rpc(method.descriptor, implementation(method, serving) as MethodImpl<DescMethod>);
  }
}

/** Says who calls, once a request was read. Throws for who may not come in. */
export type CallerOf = (context: HandlerContext) => Caller | Promise<Caller>;

/** Whom the HTTP listener has let in, or why it has not. */
function admitted({ values }: HandlerContext): Caller {
  const refusal = values.get(refusalKey);
  if (refusal !== undefined) throw refusal;
  return values.get(callerKey);
}

/** What all methods are served with. */
interface Serving {
  readonly host: CallHost;
  readonly callerOf: CallerOf;
}

function implementation(method: Method, serving: Serving): unknown {
  switch (method.kind) {
    case 'unary':
      return (request: AnyMessage, context: HandlerContext) =>
        within(serving, context, async (call) => method.handle(request, call));
    case 'server_streaming':
      return (request: AnyMessage, context: HandlerContext) =>
        streamed(serving, context, method, (sink, call) => method.handle(request, sink, call));
    case 'client_streaming':
      return (requests: AsyncIterable<AnyMessage>, context: HandlerContext) =>
        within(serving, context, (call, broken) => method.handle(new WebSource(requests, broken), call));
    case 'bidi_streaming':
      return (requests: AsyncIterable<AnyMessage>, context: HandlerContext) =>
        streamed(serving, context, method, (sink, call, broken) =>
          method.handle(new WebSource(requests, broken), sink, call),
        );
    default:
      return unreachable(method);
  }
}

/** Runs `serve` until it settles, the caller goes away, or the request turns out to be broken, whichever comes first. */
async function within<Result>(
  { host, callerOf }: Serving,
  context: HandlerContext,
  serve: (call: WebCall, broken: (error: unknown) => void) => Promise<Result>,
): Promise<Result> {
  const method = `/${context.service.typeName}/${context.method.name}`;
  const broken = Promise.withResolvers<never>();
  const watch = host.watchOf(method);
  const startMs = host.clock.monotonicMs();
  let code: StatusName = 'OK';
  let call: WebCall | undefined;
  watch.began();
  try {
    call = new WebCall(context, host.clock, await callerOf(context));
    return await Promise.race([serve(call, broken.reject), call.aborted(), broken.promise]);
  } catch (error) {
    const told = asConnectError(host, method, context, error);
    code = codeOf(told);
    throw told;
  } finally {
    watch.ended(code, host.clock.monotonicMs() - startMs);
    call?.finish();
  }
}

async function* streamed(
  serving: Serving,
  context: HandlerContext,
  method: Method,
  serve: (sink: WebSink<DescMessage>, call: WebCall, broken: (error: unknown) => void) => Promise<void>,
): AsyncGenerator<AnyMessage> {
  const { replyBytesHighWater, replyBytesLowWater } = serving.host.limits;
  const sink = new WebSink(method.descriptor.output, replyBytesHighWater, replyBytesLowWater);
  within(serving, context, (call, broken) => serve(sink, call, broken)).then(
    () => sink.end(),
    (error: unknown) => sink.end(error),
  );
  yield* sink.messages();
}

const names = new Map(Object.entries(statusCodes).map(([name, code]) => [code, name as StatusName]));

/** The code of what a client is told; without one it went away. */
function codeOf(error: Error): StatusName {
  return error instanceof ConnectError ? (names.get(error.code) ?? 'UNKNOWN') : 'CANCELLED';
}

/** Connect's own errors (deadline, cancellation, malformed requests) pass; the rest becomes what gRPC clients get. */
function asConnectError(host: CallHost, method: string, context: HandlerContext, error: unknown): Error {
  if (error instanceof Error && error.name === 'ConnectError') return error;
  if (error === context.signal.reason && error instanceof Error && error.name === 'AbortError') return error;
  return connectError(host.rpcError(error, method));
}
