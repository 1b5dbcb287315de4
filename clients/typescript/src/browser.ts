/** The client for browsers: Connect over `fetch`. Publishes go one by one; everything else is as in Node, but for `restore`. */
import { createConnectTransport } from '@connectrpc/connect-web';
import { connectOver, type Client, type ClientOptions } from './client.ts';
import { WebTransport } from './web-transport.ts';

export * from './api.ts';

/** Options of `connect`. */
export interface ConnectOptions extends ClientOptions {
  /** Sent with every call, such as `authorization`. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Default: the browser's own. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** A client of the broker at `baseUrl`, such as `https://broker.example.com:7400`. Default: where the page comes from. */
export function connect(baseUrl?: string, options: ConnectOptions = {}): Client {
  const transport = createConnectTransport({
    baseUrl: baseUrl ?? globalThis.location.origin,
    useBinaryFormat: true,
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  });
  return connectOver(new WebTransport(transport, options.metadata ?? {}), options);
}
