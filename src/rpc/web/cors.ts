/** Cross-origin rules for browsers (https://fetch.spec.whatwg.org/#http-cors-protocol), for RPCs only. */
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { cors } from '@connectrpc/connect';

/**
 * Which origins may call besides the broker's own: a list such as `https://debug.example.org`, or `'local'` for pages
 * that this machine serves.
 */
export type OriginPolicy = 'local' | readonly string[];

type Request = IncomingMessage | Http2ServerRequest;

/** How long a browser may remember the answer to a preflight; Chromium takes no more than two hours. */
const preflightSecondsMax = 7_200;

export type CorsVerdict =
  | { readonly kind: 'same_origin' }
  | { readonly kind: 'refused'; readonly origin: string }
  | { readonly kind: 'preflight' | 'allowed'; readonly headers: OutgoingHttpHeaders };

/** What to do with a request for an RPC, by its `Origin`. */
export function judgeOrigin(request: Request, policy: OriginPolicy): CorsVerdict {
  const { origin } = request.headers;
  if (origin === undefined) return { kind: 'same_origin' };
  const preflight = request.method === 'OPTIONS' && 'access-control-request-method' in request.headers;
  const own = request.headers.host ?? request.headers[':authority'];
  if (hostOf(origin) === own && !preflight) return { kind: 'same_origin' };
  if (!isAllowed(origin, policy) && hostOf(origin) !== own) return { kind: 'refused', origin };
  const headers: OutgoingHttpHeaders = { 'access-control-allow-origin': origin, vary: 'Origin' };
  if (!preflight) {
    const exposed = [...cors.exposedHeaders, 'grpc-status-details-bin'];
    return { kind: 'allowed', headers: { ...headers, 'access-control-expose-headers': exposed.join(', ') } };
  }
  return {
    kind: 'preflight',
    headers: {
      ...headers,
      'access-control-allow-methods': cors.allowedMethods.join(', '),
      // The browser asks for what its page sets; metadata names are the page's choice.
      'access-control-allow-headers':
        request.headers['access-control-request-headers'] ?? cors.allowedHeaders.join(', '),
      'access-control-max-age': String(preflightSecondsMax),
    },
  };
}

function isAllowed(origin: string, policy: OriginPolicy): boolean {
  if (policy !== 'local') return policy.includes(origin);
  const host = hostOf(origin)?.replace(/:\d+$/, '');
  return host === 'localhost' || host === '127.0.0.1' || host === '[::1]';
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
