/** Connects from Node. */
import { connectOver, type Client, type ClientOptions } from '../client.ts';
import { systemClock } from '../time.ts';
import { parseAddress, type TlsOptions } from './address.ts';
import { NodeTransport } from './transport.ts';

/** Options of `connect`. */
export interface ConnectOptions extends ClientOptions {
  /** Uses TLS; also chosen by an `https://` address. */
  readonly tls?: boolean | TlsOptions | undefined;
  /** Sent with every call, names in lower case, such as `authorization`. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/**
 * A client of the broker at `address`: `host:port`, or a URL for `https`. Default: the environment's `HYPERLOOM_ADDRESS`, else
 * `127.0.0.1:7400`. Returns at once; the connection is made by the first call and made anew whenever it is lost.
 */
export function connect(address?: string, options: ConnectOptions = {}): Client {
  const tls = options.tls ?? false;
  const target = parseAddress(address ?? process.env['HYPERLOOM_ADDRESS'] ?? '127.0.0.1:7400', tls !== false);
  const transport = new NodeTransport({
    address: target,
    tls: typeof tls === 'object' ? tls : {},
    clock: options.clock ?? systemClock,
    metadata: options.metadata ?? {},
  });
  return connectOver(transport, options);
}
