/** Connects from Node. */
import { connectOver, type Client, type ClientOptions } from '../client.ts';
import { systemClock } from '../time.ts';
import { tokenSource } from '../token.ts';
import { parseAddresses, type TlsOptions } from './address.ts';
import type { LoadBalancing } from './endpoints.ts';
import { NodeTransport } from './transport.ts';

/** Options of `connect`. */
export interface ConnectOptions extends ClientOptions {
  /** Uses TLS; also chosen by an `https://` address. */
  readonly tls?: boolean | TlsOptions | undefined;
  /**
   * Says who calls, where the broker wants to know: a token, or what tells the newest one at each call. Default: the environment's
   * `HYPERLOOM_TOKEN`, else none. Over a network that is not trusted it needs TLS.
   */
  readonly token?: string | (() => string | undefined) | undefined;
  /** Sent with every call, names in lower case. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /**
   * Over several addresses: `pick_first` (the default) stays with one broker while it can be reached, `round_robin` takes each in turn.
   * Whichever answers, reads see at least what this client has written and seen.
   */
  readonly loadBalancing?: LoadBalancing | undefined;
}

/**
 * A client of the broker at `address`: `host:port`, or a URL for `https`; several, in a list or with commas between, are replicas of one
 * broker, and stand in for one another. Default: the environment's `HYPERLOOM_ADDRESS`, else `127.0.0.1:7400`. Returns at once; the
 * connection is made by the first call and made anew whenever it is lost.
 */
export function connect(address?: string | readonly string[], options: ConnectOptions = {}): Client {
  const tls = options.tls ?? false;
  const given = address ?? process.env['HYPERLOOM_ADDRESS'] ?? '127.0.0.1:7400';
  const transport = new NodeTransport({
    addresses: parseAddresses(given, tls !== false),
    loadBalancing: options.loadBalancing ?? 'pick_first',
    tls: typeof tls === 'object' ? tls : {},
    clock: options.clock ?? systemClock,
    metadata: options.metadata ?? {},
    token: tokenSource(options.token ?? process.env['HYPERLOOM_TOKEN']),
    forest: options.forest ?? '',
  });
  return connectOver(transport, options);
}
