/** The client for browsers: Connect over `fetch`. Publishes go one by one; everything else is as in Node, but for `restore`. */
import { createConnectTransport } from '@connectrpc/connect-web';
import { connectOver, type Client, type ClientOptions } from './client.ts';
import { tokenSource } from './token.ts';
import { WebTransport } from './web-transport.ts';

export * from './api.ts';

/** Options of `connect`. */
export interface ConnectOptions extends ClientOptions {
  /** Says who calls, where the broker wants to know: a token, or what tells the newest one at each call. Default: none. */
  readonly token?: string | (() => string | undefined) | undefined;
  /** Sent with every call. */
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
  return connectOver(
    new WebTransport(transport, options.metadata ?? {}, tokenSource(options.token)),
    options,
  );
}
