/**
 * Mounts MCP on the broker's port. The bridge is a client like any other, but without a socket between it and the broker; it is
 * loaded with the first request, since most brokers never see one.
 */
import type { Transport as ConnectTransport } from '@connectrpc/connect';
import type { Clock } from './base/clock.ts';
import type { Random } from './base/random.ts';
import type { Grants } from './mcp/grants.ts';
import { mcpTreePage } from './mcp-tree-page.ts';
import type { OpenEndpoint } from './mcp-endpoint.ts';
import { stranger, type Caller } from './access/caller.ts';
import { mcpPrincipalsMax } from './base/limits.ts';
import { serveProtected, type ProtectedOptions } from './rpc/web/protected-route.ts';
import type { Route, WebRequest, WebResponse } from './rpc/web/web-options.ts';

export interface McpRouteOptions {
  /** The way to the broker's methods, for whoever calls. */
  readonly transport: (caller: () => Caller) => ConnectTransport;
  /** Finds out who calls. */
  readonly protection: ProtectedOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly version: string;
  /** Host names by which the broker may be called; `undefined`: by any. */
  readonly hosts: readonly string[] | undefined;
  /** The tools that callers may use. */
  readonly grants: Grants;
  readonly onError: (error: unknown) => void;
}

/** A route that has to be closed: its streams stay open for as long as their clients listen. */
export interface McpRoute {
  readonly route: Route;
  /** Lets calls end that run, for so long at most, then ends all streams. */
  close(graceMs: number): Promise<void>;
}

export const mcpPath = '/mcp';

/** The endpoint of a principal: nothing of one, no session and no subscription, is known to another. */
interface OwnEndpoint {
  /** By the newest credentials that it has shown. */
  caller: Caller;
  readonly opened: Promise<OpenEndpoint>;
}

export function mcpRoute(options: McpRouteOptions): McpRoute {
  const endpoints = new Map<string, OwnEndpoint>();
  let isClosed = false;
  const closeOne = async ({ opened }: OwnEndpoint, graceMs: number): Promise<void> => {
    const { endpoint, closeBridge } = await opened;
    await endpoint.close(graceMs);
    closeBridge();
  };
  const endpointOf = (caller: Caller): OwnEndpoint => {
    const key = JSON.stringify([caller.name, caller.fingerprint]);
    const known = endpoints.get(key);
    const own = known ?? openFor(caller, options);
    own.caller = caller;
    // The one that nobody has used for longest goes first.
    endpoints.delete(key);
    endpoints.set(key, own);
    for (const [oldest, given] of endpoints) {
      if (endpoints.size <= mcpPrincipalsMax) break;
      endpoints.delete(oldest);
      closeOne(given, 0).catch(options.onError);
    }
    return own;
  };
  return {
    route(request, response) {
      if ((request.url ?? '').split('?', 1)[0] !== mcpPath) return false;
      if (isClosed && endpoints.size === 0) refuse(response, 503, 'The broker is about to stop.\n');
      else if (request.method === 'OPTIONS') {
        // What a page asks before it calls comes without credentials, and the answer says nothing.
        serve(endpointOf(stranger).opened, request, response, options.onError);
      } else
        serveProtected(request, response, options.protection, (_request, _response, caller) => {
          // Once it is open it knows by itself what it still answers.
          serve(endpointOf(caller).opened, request, response, options.onError);
        });
      return true;
    },
    async close(graceMs) {
      isClosed = true;
      await Promise.all([...endpoints.values()].map((own) => closeOne(own, graceMs)));
    },
  };
}

function openFor(caller: Caller, options: McpRouteOptions): OwnEndpoint {
  const own: { caller: Caller; opened?: Promise<OpenEndpoint> } = { caller };
  const opened = open(() => own.caller, options);
  return Object.assign(own, { opened });
}

async function open(
  caller: () => Caller,
  { transport, clock, random, version, hosts, grants, onError }: McpRouteOptions,
): Promise<OpenEndpoint> {
  const { openEndpoint } = await import('./mcp-endpoint.ts');
  const options = {
    clock,
    random,
    version,
    hosts,
    grants,
    onError,
    treePage: mcpTreePage(),
    isCallerKnown: caller().name !== '',
    principal: caller().name,
  };
  return openEndpoint(transport(caller), options);
}

function serve(
  opened: Promise<OpenEndpoint>,
  request: WebRequest,
  response: WebResponse,
  onError: (error: unknown) => void,
): void {
  opened
    .then(({ endpoint }) => endpoint.handle(request, response))
    .catch((error: unknown) => {
      onError(error);
      if (response.headersSent) response.destroy();
      else refuse(response, 500, 'The broker failed to serve this; its log says why.\n');
    });
}

function refuse(response: WebResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(text);
}
