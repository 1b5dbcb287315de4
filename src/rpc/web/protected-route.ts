/** Plain HTTP for those who may have it. Who is not let in is told how to come in, as RFC 6750 wants. */
import type { Caller } from '../../access/caller.ts';
import type { Door } from '../access/door.ts';
import { certificateOf } from '../http2/client-certificate.ts';
import { RpcError } from '../transport.ts';
import type { WebRequest, WebResponse } from './web-options.ts';

/** Serves a request of somebody who is known. */
export type Serve = (request: WebRequest, response: WebResponse, caller: Caller) => void;

export interface ProtectedOptions {
  readonly door: Door;
  /** Where the metadata of the protected resource are, for the challenge; empty for none. */
  readonly metadataUrl: (request: WebRequest) => string;
  readonly onError: (error: unknown) => void;
}

/** Finds out who asks, then serves. `serve` may refuse with an `RpcError`. */
export function serveProtected(
  request: WebRequest,
  response: WebResponse,
  { door, metadataUrl, onError }: ProtectedOptions,
  serve: Serve,
): void {
  const refuse = (error: unknown): void => {
    if (!(error instanceof RpcError)) onError(error);
    if (response.headersSent) response.destroy();
    else tellRefusal(response, error, metadataUrl(request));
  };
  const { remoteAddress = 'unknown', remotePort = 0 } = request.socket;
  const visitor = {
    method: (request.url ?? '').split('?', 1)[0] ?? '',
    authorization: request.headers.authorization,
    certificate: certificateOf(request.socket),
    peer: `${remoteAddress}:${remotePort}`,
  };
  try {
    const caller = door(visitor);
    if (caller instanceof Promise)
      caller.then((admitted) => serve(request, response, admitted)).catch(refuse);
    else serve(request, response, caller);
  } catch (error) {
    refuse(error);
  }
}

const statuses: Readonly<Partial<Record<RpcError['code'], number>>> = {
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  UNAVAILABLE: 503,
};

function tellRefusal(response: WebResponse, error: unknown, metadataUrl: string): void {
  const status = error instanceof RpcError ? (statuses[error.code] ?? 500) : 500;
  const text =
    error instanceof RpcError ? error.message : 'the broker failed to serve this; its log says why';
  const headers: Record<string, string> = {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  };
  if (status === 401) headers['www-authenticate'] = challenge(error, metadataUrl);
  response.writeHead(status, headers);
  response.end(`${text}\n`);
}

/** Says that a token is wanted and, to those who have sent one, that it is none that is taken. */
function challenge(error: unknown, metadataUrl: string): string {
  const isMissing = error instanceof RpcError && /wants to know who calls/.test(error.message);
  const parts = [
    isMissing ? '' : 'error="invalid_token"',
    metadataUrl === '' ? '' : `resource_metadata="${metadataUrl}"`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'Bearer' : `Bearer ${parts.join(', ')}`;
}
