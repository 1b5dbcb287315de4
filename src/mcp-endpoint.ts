/**
 * What the first request of MCP loads. In a package this is one file with all that it imports, but for what the broker has loaded anyway
 * (`scripts/build.ts`): read one by one, a hundred and fifty modules take twice the time, and half as much memory again.
 */
import type { Transport as ConnectTransport } from '@connectrpc/connect';
import { connectOver } from '../clients/typescript/src/client.ts';
import { WebTransport } from '../clients/typescript/src/web-transport.ts';
import { Bridge, type BridgeOptions } from './mcp/bridge.ts';
import { Endpoint, type EndpointOptions } from './mcp/http/endpoint.ts';

/** The endpoint of a broker, which is reached through `transport`. */
export interface OpenEndpoint {
  readonly endpoint: Endpoint;
  readonly closeBridge: () => void;
}

export function openEndpoint(
  transport: ConnectTransport,
  options: Omit<BridgeOptions, 'open' | 'forest' | 'author'> & EndpointOptions,
): OpenEndpoint {
  const bridge = new Bridge({
    ...options,
    open: (agent) => connectOver(new WebTransport(transport, {}), { ...agent, retry: false }),
    forest: 'default',
    author: '',
  });
  return { endpoint: new Endpoint(bridge, options), closeBridge: () => bridge.close() };
}
