/** Where a broker is. */

/** TLS beyond what the system trusts. PEM texts. */
export interface TlsOptions {
  /** Certificate authorities to trust instead of the system's. */
  readonly authority?: string | undefined;
  /** This client's own certificate and key, for mTLS. */
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  /** The name to expect in the broker's certificate. Default: the address's host. */
  readonly serverName?: string | undefined;
}

/** A parsed address. */
export interface Address {
  /** Such as `http://127.0.0.1:7400`. */
  readonly origin: string;
  readonly secure: boolean;
}

/** Parses one address or several: a list, or a text with commas between them. Throws a `TypeError`. */
export function parseAddresses(given: string | readonly string[], tls: boolean): readonly Address[] {
  const texts = typeof given === 'string' ? given.split(',') : given;
  if (texts.length === 0) throw new TypeError('no address of a broker is given');
  return texts.map((text) => parseAddress(text.trim(), tls));
}

/** Parses `host:port`, `http://host:port` or `https://host:port`; the port defaults to 7400. Throws a `TypeError`. */
export function parseAddress(address: string, tls: boolean): Address {
  const hasScheme = /^https?:\/\//.test(address);
  const url = URL.parse(hasScheme ? address : `${tls ? 'https' : 'http'}://${address}`);
  if (url === null || url.hostname === '' || url.pathname !== '/' || url.username !== '') {
    throw new TypeError(
      `"${address}" is no address of a broker: write host:port, http://host:port or https://host:port`,
    );
  }
  const port = url.port === '' && !/:\d+\/?$/.test(address) ? '7400' : url.port;
  const origin =
    port === '' ? `${url.protocol}//${url.hostname}` : `${url.protocol}//${url.hostname}:${port}`;
  return { origin, secure: url.protocol === 'https:' };
}
