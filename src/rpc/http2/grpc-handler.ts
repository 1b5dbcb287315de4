/**
 * From the headers of an HTTP/2 request to a running gRPC call, or to the refusal that the protocol prescribes
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).
 */
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { RpcError } from '../transport.ts';
import type { CallHost } from './call-host.ts';
import type { Connection } from './connection.ts';
import { type CallHead, GrpcCall } from './grpc-call.ts';
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

  handle(connection: Connection, stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    if (headers[':method'] !== 'POST') {
      stream.on('error', () => stream.destroy());
      stream.respond({ ':status': 405, allow: 'POST' }, { endStream: true });
      stream.resume();
      return;
    }
    const timeout = headers['grpc-timeout'];
    const timeoutMs = typeof timeout === 'string' ? parseTimeout(timeout) : undefined;
    const encoding = encodings[String(headers['grpc-encoding']) as keyof typeof encodings];
    const head: CallHead = {
      method: headers[':path'] ?? '',
      headers,
      contentType:
        headers['content-type'] === 'application/grpc' ? 'application/grpc' : 'application/grpc+proto',
      encoding: encoding ?? 'identity',
      deadlineMs: timeoutMs === undefined ? undefined : this.#host.clock.monotonicMs() + timeoutMs,
    };
    const call = new GrpcCall(this.#host, connection, stream, head);
    const start = this.#methods.get(head.method);
    if (timeout !== undefined && timeoutMs === undefined) {
      call.fail(new RpcError('INVALID_ARGUMENT', `grpc-timeout is malformed: ${String(timeout)}`));
    } else if (this.#host.draining) {
      call.fail(new RpcError('UNAVAILABLE', 'the broker is about to stop; call another or again'));
    } else if (headers.te !== 'trailers') {
      call.fail(
        new RpcError('INVALID_ARGUMENT', 'te: trailers is missing; a proxy on the way may drop trailers'),
      );
    } else if (start === undefined) {
      call.fail(new RpcError('UNIMPLEMENTED', `there is no method ${head.method}`));
    } else if (encoding === undefined) {
      call.setHeader('grpc-accept-encoding', 'identity,gzip');
      const name = String(headers['grpc-encoding']);
      call.fail(new RpcError('UNIMPLEMENTED', `grpc-encoding ${name} is unknown; identity and gzip are not`));
    } else if (timeoutMs === 0) {
      call.expire();
    } else {
      start(call);
    }
  }
}

/** Refuses a stream whose connection is gone already. */
export function refuseStream(stream: ServerHttp2Stream): void {
  stream.on('error', () => stream.destroy());
  stream.close(constants.NGHTTP2_REFUSED_STREAM);
}
