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
import type { Route, WebRequest, WebResponse } from './rpc/web/web-options.ts';

export interface McpRouteOptions {
  /** The way to the broker's methods. */
  readonly transport: () => ConnectTransport;
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

export function mcpRoute(options: McpRouteOptions): McpRoute {
  let opened: Promise<OpenEndpoint> | undefined;
  let isClosed = false;
  return {
    route(request, response) {
      if ((request.url ?? '').split('?', 1)[0] !== mcpPath) return false;
      if (isClosed && opened === undefined) refuse(response, 503, 'The broker is about to stop.\n');
      else {
        // Once it is open it knows by itself what it still answers.
        opened ??= open(options);
        serve(opened, request, response, options.onError);
      }
      return true;
    },
    async close(graceMs) {
      isClosed = true;
      const loaded = await opened;
      await loaded?.endpoint.close(graceMs);
      loaded?.closeBridge();
    },
  };
}

async function open({ transport, ...options }: McpRouteOptions): Promise<OpenEndpoint> {
  const { openEndpoint } = await import('./mcp-endpoint.ts');
  return openEndpoint(transport(), { ...options, treePage: mcpTreePage() });
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
