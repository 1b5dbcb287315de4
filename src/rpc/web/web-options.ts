/** What the web side of a port is made of. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Registry } from '@bufbuild/protobuf';
import type { CallHost } from '../http2/call-host.ts';
import type { Method } from '../transport.ts';
import type { OriginPolicy } from './cors.ts';

export type WebRequest = IncomingMessage | Http2ServerRequest;
export type WebResponse = (ServerResponse | Http2ServerResponse) & ServerResponse;
export type WebListener = (request: WebRequest, response: WebResponse) => void;

/** Serves plain HTTP requests; false leaves the request untouched for others (in the end 404). */
export type Route = (request: WebRequest, response: WebResponse) => boolean;

export interface WebHandlerOptions {
  readonly methods: readonly Method[];
  readonly host: CallHost;
  readonly routes: Route | undefined;
  readonly origins: OriginPolicy | undefined;
  /** The types that `google.protobuf.Any` may hold in JSON. */
  readonly registry: Registry | undefined;
  /** Aborted when running calls have to end. */
  readonly stopped: AbortSignal;
}
