/**
 * Where clients of MCP find out who gives tokens for this broker: the metadata of an OAuth 2.0 protected resource (RFC 9728), at the
 * address that the specification derives from that of the resource, and at the one for the whole host.
 */
import type { Route, WebRequest } from './web-options.ts';

const wellKnown = '/.well-known/oauth-protected-resource';

export interface ResourceOptions {
  /** The resource: `/mcp`. */
  readonly path: string;
  /** How clients call the broker; empty: as the request does. */
  readonly publicUrl: string;
  /** Who issues tokens, as of now. */
  readonly issuers: () => readonly string[];
}

/** The address of a resource's metadata, as a request reaches it. */
export function metadataUrlOf(request: WebRequest, { path, publicUrl }: ResourceOptions): string {
  return `${originOf(request, publicUrl)}${wellKnown}${path}`;
}

export function resourceMetadataRoute(options: ResourceOptions): Route {
  return (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0];
    if (path !== wellKnown && path !== wellKnown + options.path) return false;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' });
      response.end();
      return true;
    }
    const body = JSON.stringify({
      resource: originOf(request, options.publicUrl) + options.path,
      resource_name: 'Hyperloom',
      authorization_servers: options.issuers(),
      bearer_methods_supported: ['header'],
    });
    // Pages of other origins look for it too; it holds nothing that is secret.
    response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-cache',
      'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff',
    });
    response.end(request.method === 'HEAD' ? undefined : body);
    return true;
  };
}

/** A host of other characters could break out of the header that tells it. */
const hostForm = /^[A-Za-z0-9.:[\]-]+$/;

function originOf(request: WebRequest, publicUrl: string): string {
  if (publicUrl !== '') return publicUrl;
  const authority = request.headers[':authority'] ?? request.headers.host;
  const host = typeof authority === 'string' && hostForm.test(authority) ? authority : 'localhost';
  const isSecret = 'encrypted' in request.socket && request.socket.encrypted;
  return `${isSecret ? 'https' : 'http'}://${host}`;
}
