/**
 * Where NATS is, as `--journal` says it:
 *
 *   nats://[USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]…][?replicas=N&prefix=NAME&creds=FILE&monitor=URL[,URL…]&checks=refuse|warn]
 *
 * `tls://` in place of `nats://` asks for TLS.
 */

export interface JetStreamAddress {
  /** `host:port` of each server that is named; NATS tells of others. */
  readonly servers: readonly string[];
  readonly isSecret: boolean;
  readonly user: string;
  readonly password: string;
  /** A file with a user's credentials, as `nsc` writes them; empty: none. */
  readonly credentials: string;
  /** How many servers store each forest. */
  readonly replicas: number;
  /** What names of streams begin with. */
  readonly prefix: string;
  /** Where servers tell of themselves (their `http` port), so that the broker can see how they sync. */
  readonly monitors: readonly string[];
  /** What becomes of a server that may lose what it has acknowledged: the broker does not start, or it says so. */
  readonly checks: 'refuse' | 'warn';
}

const defaultPort = 4222;
const parameters = ['replicas', 'prefix', 'creds', 'monitor', 'checks'];

export function isJetStreamAddress(text: string): boolean {
  return /^(nats|tls):\/\//.test(text);
}

/** Throws `RangeError` with what is wrong. */
export function parseJetStreamAddress(text: string): JetStreamAddress {
  const match = /^(nats|tls):\/\/(?:([^:@/?]*)(?::([^@/?]*))?@)?([^@/?]+)\/?(?:\?(.*))?$/.exec(text);
  if (match === null) throw new RangeError('not nats://HOST:PORT[,HOST:PORT…][?replicas=3]');
  const [, scheme, user = '', password = '', hosts = '', query = ''] = match;
  const asked = new URLSearchParams(query);
  for (const name of asked.keys())
    if (!parameters.includes(name)) throw new RangeError(`${name} is none of ${parameters.join(', ')}`);
  const servers = hosts.split(',').map(serverOf);
  const replicas = asked.get('replicas') ?? (servers.length > 1 ? '3' : '1');
  if (!/^[1-5]$/.test(replicas))
    throw new RangeError(`replicas is ${replicas}; it is 1 to 5, and 3 as a rule`);
  const prefix = asked.get('prefix') ?? 'HYPERLOOM';
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(prefix))
    throw new RangeError(`prefix is ${prefix}; it has up to 32 letters, digits, _ and -`);
  const checks = asked.get('checks') ?? 'refuse';
  if (checks !== 'refuse' && checks !== 'warn')
    throw new RangeError(`checks is ${checks}; it is refuse or warn`);
  const monitors = (asked.get('monitor') ?? '').split(',').filter((url) => url !== '');
  for (const url of monitors)
    if (!/^https?:\/\//.test(url) || !URL.canParse(url))
      throw new RangeError(`monitor is ${url}; it is http://HOST:PORT`);
  return {
    servers,
    isSecret: scheme === 'tls',
    user: decodeURIComponent(user),
    password: decodeURIComponent(password),
    credentials: asked.get('creds') ?? '',
    replicas: Number(replicas),
    prefix,
    monitors,
    checks,
  };
}

function serverOf(text: string): string {
  const match = /^(\[[0-9a-fA-F:]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/.exec(text);
  const port = Number(match?.[2] ?? defaultPort);
  if (match?.[1] === undefined || port < 1 || port > 65_535) throw new RangeError(`${text} is no HOST:PORT`);
  return `${match[1]}:${port}`;
}
