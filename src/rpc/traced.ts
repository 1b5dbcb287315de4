/** Puts a span around each call that somebody wants to see, and hands what is done within the span's own trace context. */
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import type { Caller } from '../access/caller.ts';
import { unreachable } from '../base/assert.ts';
import type { Rejection } from '../state/outcome.ts';
import type { Attributes, Span, Tracing } from '../tracing/tracing.ts';
import { Refused } from './errors.ts';
import { tracedBy, traceHeader } from './trace-parent.ts';
import { RpcError, statusCodes } from './transport.ts';
import type { Call, Metadata, Method, Sink, Source, StatusName } from './transport.ts';

type AnyMessage = MessageShape<DescMessage>;

/** The methods, told to `tracing`. */
export function traced(methods: readonly Method[], tracing: Tracing): readonly Method[] {
  return methods.map((method) => tracedMethod(method, tracing));
}

function tracedMethod(method: Method, tracing: Tracing): Method {
  const { name, parent } = method.descriptor;
  const attributes = { 'rpc.system': 'grpc', 'rpc.service': parent.typeName, 'rpc.method': name };
  const begin = (call: Call): Span | null =>
    tracing.begin(`${parent.typeName}/${name}`, tracedBy(call).traceParent, attributes);
  const within = <Result>(call: Call, serve: (call: Call) => Result | Promise<Result>) => {
    const span = begin(call);
    return span === null ? serve(call) : spanned(span, () => serve(new TracedCall(call, span.traceParent)));
  };
  const streamed = <Result>(call: Call, serve: (call: Call) => Promise<Result>): Promise<Result> => {
    const span = begin(call);
    if (span === null) return serve(call);
    return Promise.resolve(spanned(span, () => serve(new TracedCall(call, span.traceParent))));
  };
  switch (method.kind) {
    case 'unary': {
      const bytes = method.handleBytes?.bind(method);
      const handle = (request: AnyMessage, call: Call): AnyMessage | Promise<AnyMessage> =>
        within(call, (own) => method.handle(request, own));
      if (bytes === undefined) return { ...method, handle };
      return {
        ...method,
        handle,
        handleBytes: (request: Uint8Array, call: Call) => within(call, (own) => bytes(request, own)),
      };
    }
    case 'server_streaming':
      return {
        ...method,
        handle: (request: AnyMessage, sink: Sink<AnyMessage>, call: Call) =>
          streamed(call, (own) => method.handle(request, sink, own)),
      };
    case 'client_streaming':
      return {
        ...method,
        handle: (source: Source<AnyMessage>, call: Call) =>
          streamed(call, (own) => method.handle(source, own)),
      };
    case 'bidi_streaming': {
      const bytes = method.handleBytes?.bind(method);
      const handle: typeof method.handle = (source, sink, call) =>
        streamed(call, (own) => method.handle(source, sink, own));
      if (bytes === undefined) return { ...method, handle };
      return {
        ...method,
        handle,
        handleBytes: (source, sink, call) => streamed(call, (own) => bytes(source, sink, own)),
      };
    }
    default:
      return unreachable(method);
  }
}

/** Serves, and ends the span with what came of it. */
function spanned<Result>(span: Span, serve: () => Result | Promise<Result>): Result | Promise<Result> {
  const fail = (error: unknown): never => {
    span.end(...endOf(error));
    throw error;
  };
  let result: Result | Promise<Result>;
  try {
    result = serve();
  } catch (error) {
    return fail(error);
  }
  if (result instanceof Promise)
    return result.then((settled) => {
      span.end(wentWell);
      return settled;
    }, fail);
  span.end(wentWell);
  return result;
}

const wentWell: Attributes = { 'rpc.grpc.status_code': statusCodes.OK };
/** Others are the caller's, by OpenTelemetry's conventions for servers of gRPC. */
const ownFailures: ReadonlySet<StatusName> = new Set([
  'UNKNOWN',
  'DEADLINE_EXCEEDED',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
]);

/** Codes and reasons only: messages can name what is in values. */
function endOf(error: unknown): [Attributes, string | undefined] {
  const code = error instanceof RpcError ? error.code : 'INTERNAL';
  const reason = error instanceof Refused ? { 'hyperloom.reason': error.rejection.reason } : {};
  const attributes = { 'rpc.grpc.status_code': statusCodes[code], ...reason };
  return [attributes, ownFailures.has(code) ? code : undefined];
}

/** A call whose trace context is that of its span. */
class TracedCall implements Call {
  readonly metadata: Metadata;
  readonly #call: Call;

  constructor(call: Call, traceParent: string) {
    this.#call = call;
    const { metadata } = call;
    this.metadata = {
      get: (name) => (name === traceHeader ? traceParent : metadata.get(name)),
      getBinary: (name) => metadata.getBinary(name),
    };
  }

  get method(): string {
    return this.#call.method;
  }

  get peer(): string {
    return this.#call.peer;
  }

  get caller(): Caller {
    return this.#call.caller;
  }

  get deadlineMs(): number | undefined {
    return this.#call.deadlineMs;
  }

  get cancelled(): boolean {
    return this.#call.cancelled;
  }

  onCancel(callback: () => void): void {
    this.#call.onCancel(callback);
  }

  onLeave(callback: (rejection: Rejection) => void): void {
    this.#call.onLeave(callback);
  }

  setHeader(name: string, value: string | Uint8Array): void {
    this.#call.setHeader(name, value);
  }

  setTrailer(name: string, value: string | Uint8Array): void {
    this.#call.setTrailer(name, value);
  }
}
