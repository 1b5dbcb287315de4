/**
 * From the headers of an HTTP/2 request to a running gRPC call, or to the refusal that the protocol prescribes
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).
 */
import { RpcError } from '../transport.ts';
import type { CallHost } from './call-host.ts';
import type { CallStream, RequestHeaders } from './call-stream.ts';
import type { Connection } from './connection.ts';
import { GrpcCall } from './grpc-call.ts';
import type { StartCall } from './method-table.ts';
import { parseTimeout } from './timeout.ts';

const encodings = { undefined: 'identity', identity: 'identity', gzip: 'gzip' } as const;

/** Whether a content type is binary gRPC, which is served here; gRPC with JSON and gRPC-Web are not. */
export function isGrpc(contentType: string | undefined): contentType is string {
  return (
    contentType === 'application/grpc' ||
    contentType === 'application/grpc+proto' ||
    (contentType !== undefined && /^application\/grpc(?:\+proto)?\s*(?:;|$)/i.test(contentType))
  );
}

export class GrpcHandler {
  readonly #host: CallHost;
  readonly #methods: ReadonlyMap<string, StartCall>;

  constructor(host: CallHost, methods: ReadonlyMap<string, StartCall>) {
    this.#host = host;
    this.#methods = methods;
  }

  handle(
    connection: Connection,
    stream: CallStream,
    {
      method,
      path,
      headers,
    }: { readonly method: string; readonly path: string; readonly headers: RequestHeaders },
  ): void {
    if (method !== 'POST') {
      stream.respondAndEnd([
        [':status', '405'],
        ['allow', 'POST'],
      ]);
      stream.discard();
      return;
    }
    const timeout = headers.get('grpc-timeout');
    const timeoutMs = timeout === undefined ? undefined : parseTimeout(timeout);
    const encodingName = headers.get('grpc-encoding');
    const encoding = encodings[String(encodingName) as keyof typeof encodings];
    const contentType = headers.get('content-type');
    const head = {
      method: path,
      headers,
      contentType: contentType === 'application/grpc' ? contentType : 'application/grpc+proto',
      encoding: encoding ?? 'identity',
      deadlineMs: timeoutMs === undefined ? undefined : this.#host.clock.monotonicMs() + timeoutMs,
    } as const;
    const call = new GrpcCall(this.#host, connection, stream, head);
    const start = this.#methods.get(head.method);
    if (timeout !== undefined && timeoutMs === undefined) {
      call.fail(new RpcError('INVALID_ARGUMENT', `grpc-timeout is malformed: ${timeout}`));
    } else if (headers.get('te') !== 'trailers') {
      call.fail(
        new RpcError('INVALID_ARGUMENT', 'te: trailers is missing; a proxy on the way may drop trailers'),
      );
    } else if (start === undefined) {
      call.fail(new RpcError('UNIMPLEMENTED', `there is no method ${head.method}`));
    } else if (encoding === undefined) {
      call.setHeader('grpc-accept-encoding', 'identity,gzip');
      call.fail(
        new RpcError('UNIMPLEMENTED', `grpc-encoding ${encodingName} is unknown; identity and gzip are not`),
      );
    } else if (timeoutMs === 0) {
      call.expire();
    } else {
      this.#admit(call, connection, headers, start);
    }
  }

  /** Serves the call when it is known who calls: at once for whoever was here before. */
  #admit(call: GrpcCall, connection: Connection, headers: RequestHeaders, start: StartCall): void {
    const { certificate, peer } = connection;
    const authorization = headers.get('authorization');
    try {
      const caller = this.#host.door({ method: call.method, authorization, certificate, peer });
      if (caller instanceof Promise) {
        caller.then(
          (admitted) => {
            call.caller = admitted;
            if (!call.over) start(call);
          },
          (error: unknown) => call.fail(error),
        );
      } else {
        call.caller = caller;
        start(call);
      }
    } catch (error) {
      call.fail(error);
    }
  }
}
