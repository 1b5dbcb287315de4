/**
 * Settings of `hyperloom serve`. Each is a flag (`--tls-cert FILE`), an environment variable (`HYPERLOOM_TLS_CERT`) and a
 * line of a config file (`tls-cert = FILE`), under one name; a flag wins over a variable, a variable over the file.
 */
import {
  clientPingMsMinDefault,
  connectionAgeGraceMsDefault,
  diskFreeBytesMinDefault,
  keepaliveAnswerMsDefault,
  keepaliveMsDefault,
  snapshotJournalBytesDefault,
} from './base/limits.ts';
import {
  ConfigError,
  isLoopback,
  parseAddress,
  parseChoice,
  parseCollectorUrl,
  parseInteger,
  parsePublicUrl,
  parseShare,
  parseSwitch,
  parseTraceUrl,
} from './config-value.ts';
import type { Address } from './config-value.ts';
import { isJetStreamAddress, parseJetStreamAddress } from './journal/jetstream/address.ts';
import type { JetStreamAddress } from './journal/jetstream/address.ts';
import { parseGrants, type Grants } from './mcp/grants.ts';
import { logFormats, logLevels } from './log-settings.ts';
import type { LogFormat, LogLevel } from './log-settings.ts';

/** Everything that `serve` can be told. */
export interface Settings {
  readonly listen: Address;
  readonly journal: 'embedded' | 'memory' | 'jetstream';
  /** Where NATS is, with the journal `jetstream`. */
  readonly jetStream: JetStreamAddress | null;
  /** The data folder of the embedded journal; with `jetstream`, where what follows from it is kept. */
  readonly data: string;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  /** Journal growth after which a snapshot is written. */
  readonly snapshotJournalBytes: number;
  /** Bytes to keep free on the disk: with fewer left, clients' writes are refused. */
  readonly diskFreeBytesMin: number;
  /** How long everything goes on, but for readiness, before a drain begins. */
  readonly drainNoticeMs: number;
  /** How long running calls may go on when the broker is told to stop. */
  readonly drainMsMax: number;
  /** Connections are asked to come anew after this, give or take a tenth; 0: never. */
  readonly connectionAgeMsMax: number;
  /** How long calls and streams may go on then. */
  readonly connectionAgeGraceMs: number;
  /** A quiet connection is pinged after this. */
  readonly keepaliveMs: number;
  /** How long the answer to a ping may take. */
  readonly keepaliveAnswerMsMax: number;
  /** How often clients may ping while they are sent nothing. */
  readonly clientPingMsMin: number;
  /** Who speaks HTTP/2: the engine of our own, or `node:http2`. */
  readonly http2: 'own' | 'node';
  /** Whether what agents publish, read and are rendered is counted. */
  readonly meters: boolean;
  /** What a token out of a provider's prompt cache costs in the meters' prices, in uncached ones. */
  readonly cachedTokenPrice: number;
  /** Where the debugger leads to for an event's trace, with `{traceId}` in it; empty: nowhere. */
  readonly traceUrl: string;
  /** Where spans are sent; empty: nowhere, and none are made. */
  readonly otlpEndpoint: string;
  /** The share of calls without a trace context that begin a trace. */
  readonly traceShare: number;
  /** The tools that `/mcp` offers. */
  readonly mcpTools: Grants;
  /** PEM files; `null` for plain text. */
  readonly tls: {
    readonly certificate: string;
    readonly key: string;
    readonly clientAuthority: string | null;
    /** A client may come without a certificate, and show a token instead. */
    readonly isClientOptional: boolean;
  } | null;
  /** The files that say who may do what; `null`: nobody is asked who they are. */
  readonly access: { readonly policy: string; readonly tokens: string } | null;
  /** How clients call the broker, such as https://broker.example.com; empty: as their requests say. */
  readonly publicUrl: string;
}

/** One setting as users know it. */
export interface SettingInfo {
  readonly name: string;
  /** What stands for its value in the help; empty for a switch. */
  readonly value: string;
  readonly byDefault: string;
  readonly help: string;
}

export const settingInfos: readonly SettingInfo[] = [
  {
    name: 'listen',
    value: 'ADDRESS',
    byDefault: '127.0.0.1:7400',
    help: 'where to listen; port 0 picks a free one',
  },
  {
    name: 'data',
    value: 'DIR',
    byDefault: './hyperloom-data',
    help: 'data folder, made where it is missing',
  },
  {
    name: 'journal',
    value: 'KIND',
    byDefault: 'embedded',
    help: 'embedded, memory (nothing survives), or nats://HOST:PORT[,HOST:PORT…][?replicas=3]: shared with other brokers (experimental)',
  },
  { name: 'log-level', value: 'LEVEL', byDefault: 'info', help: logLevels.join(', ') },
  {
    name: 'log-format',
    value: 'FORMAT',
    byDefault: 'json',
    help: 'json (an object a line), or text (for people)',
  },
  {
    name: 'snapshot-journal-bytes',
    value: 'BYTES',
    byDefault: String(snapshotJournalBytesDefault),
    help: 'journal growth after which a snapshot is written',
  },
  {
    name: 'disk-free-bytes-min',
    value: 'BYTES',
    byDefault: String(diskFreeBytesMinDefault),
    help: 'with less room on the disk writes are refused, and taken again when there is more; 0 waits until it is full',
  },
  {
    name: 'drain-notice-ms',
    value: 'MS',
    byDefault: '0',
    help: 'at a stop, how long to go on serving as not ready, until load balancers have noticed',
  },
  {
    name: 'drain-ms-max',
    value: 'MS',
    byDefault: '10000',
    help: 'how long running calls may take at a stop, after the notice',
  },
  {
    name: 'connection-age-ms-max',
    value: 'MS',
    byDefault: '0',
    help: 'age at which connections are asked to come anew, so that load spreads; 0 is never',
  },
  {
    name: 'connection-age-grace-ms',
    value: 'MS',
    byDefault: String(connectionAgeGraceMsDefault),
    help: 'how long calls and streams may go on when their connection has reached its age',
  },
  {
    name: 'keepalive-ms',
    value: 'MS',
    byDefault: String(keepaliveMsDefault),
    help: 'how often connections are pinged',
  },
  {
    name: 'keepalive-answer-ms-max',
    value: 'MS',
    byDefault: String(keepaliveAnswerMsDefault),
    help: 'how long the answer to a ping may take before the connection is dropped',
  },
  {
    name: 'client-ping-ms-min',
    value: 'MS',
    byDefault: String(clientPingMsMinDefault),
    help: 'how often clients may ping while they are sent nothing; whose pings come faster is cut off',
  },
  {
    name: 'http2',
    value: 'ENGINE',
    byDefault: 'own',
    help: "own (the broker's own HTTP/2), or node (Node's)",
  },
  {
    name: 'meters',
    value: 'SWITCH',
    byDefault: 'on',
    help: 'on, or off: count the bytes and tokens that each agent publishes and reads',
  },
  {
    name: 'cached-token-price',
    value: 'SHARE',
    byDefault: '0.1',
    help: "price of a token out of a model provider's prompt cache, where others cost 1",
  },
  {
    name: 'trace-url',
    value: 'URL',
    byDefault: '',
    help: 'where traces are shown, such as https://jaeger.example.com/trace/{traceId}; also {spanId}',
  },
  {
    name: 'otlp-endpoint',
    value: 'URL',
    byDefault: '',
    help: 'OpenTelemetry collector that takes spans over HTTP, such as http://127.0.0.1:4318 (docs/tracing.md)',
  },
  {
    name: 'trace-share',
    value: 'SHARE',
    byDefault: '0.01',
    help: 'share of the calls without a trace context that begin a trace; with --otlp-endpoint',
  },
  {
    name: 'mcp-tools',
    value: 'LIST',
    byDefault: 'all',
    help: 'tools that /mcp offers: all, read-only, or names such as read,list,append',
  },
  { name: 'tls-cert', value: 'FILE', byDefault: '', help: 'certificate chain, PEM; with --tls-key' },
  { name: 'tls-key', value: 'FILE', byDefault: '', help: 'private key, PEM' },
  {
    name: 'tls-client-ca',
    value: 'FILE',
    byDefault: '',
    help: 'only clients with a certificate of this authority',
  },
  {
    name: 'tls-client-cert',
    value: 'WHEN',
    byDefault: 'required',
    help: 'required, or optional (who shows none needs a token); with --tls-client-ca',
  },
  {
    name: 'access',
    value: 'FILE',
    byDefault: '',
    help: 'who may do what (docs/security.md); without it nobody is asked who they are',
  },
  {
    name: 'tokens',
    value: 'FILE',
    byDefault: './hyperloom-tokens.json',
    help: 'bearer tokens, as "hyperloom token" keeps them; with --access',
  },
  {
    name: 'public-url',
    value: 'URL',
    byDefault: '',
    help: 'how clients of MCP call the broker, such as https://broker.example.com',
  },
  {
    name: 'insecure-behind-mesh',
    value: '',
    byDefault: 'false',
    help: 'listen beyond loopback without TLS and --access: what stands in front of the broker keeps strangers out',
  },
];

/** The name of a setting's environment variable. */
export function variableOf(name: string): string {
  return `HYPERLOOM_${name.toUpperCase().replaceAll('-', '_')}`;
}

/** The lines of a config file: `name = value`; blank lines and those beginning with `#` say nothing. */
export function parseConfigFile(text: string, file: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const content = line.trim();
    if (content === '' || content.startsWith('#')) continue;
    const match = /^([a-z][a-z0-9-]*)\s*=\s*(.*)$/.exec(content);
    const [name, value] = [match?.[1], match?.[2]];
    const where = `${file}, line ${index + 1}`;
    if (name === undefined || value === undefined)
      throw new ConfigError(`${where}: not "name = value": ${content}`);
    if (!settingInfos.some((info) => info.name === name))
      throw new ConfigError(`${where}: unknown setting ${name}`);
    if (values.has(name)) throw new ConfigError(`${where}: ${name} is set twice`);
    values.set(name, value);
  }
  return values;
}

/** Puts settings together, the first source that has one winning, and checks them. Throws {@link ConfigError}. */
export function makeSettings(sources: readonly ReadonlyMap<string, string>[]): Settings {
  const text = (name: string): string => {
    for (const source of sources) {
      const value = source.get(name);
      if (value !== undefined) return value;
    }
    return settingInfos.find((info) => info.name === name)?.byDefault ?? '';
  };
  const integer = (name: string, minimum: number, maximum: number): number =>
    parseInteger(text(name), minimum, maximum, name);
  const listen = parseAddress(text('listen'), 'listen');
  checkExposure(listen, {
    isSecret: text('tls-cert') !== '',
    isGuarded: text('access') !== '',
    isBehindMesh: parseSwitch(text('insecure-behind-mesh'), 'insecure-behind-mesh'),
  });
  if (text('data') === '') throw new ConfigError('data: name a folder');
  return {
    listen,
    ...journalOf(text('journal')),
    data: text('data'),
    logLevel: parseChoice(text('log-level'), logLevels, 'log-level'),
    logFormat: parseChoice(text('log-format'), logFormats, 'log-format'),
    snapshotJournalBytes: integer('snapshot-journal-bytes', 4_096, Number.MAX_SAFE_INTEGER),
    diskFreeBytesMin: integer('disk-free-bytes-min', 0, Number.MAX_SAFE_INTEGER),
    drainNoticeMs: integer('drain-notice-ms', 0, 600_000),
    drainMsMax: integer('drain-ms-max', 0, 3_600_000),
    connectionAgeMsMax: integer('connection-age-ms-max', 0, 7 * 86_400_000),
    connectionAgeGraceMs: integer('connection-age-grace-ms', 0, 86_400_000),
    keepaliveMs: integer('keepalive-ms', 100, 86_400_000),
    keepaliveAnswerMsMax: integer('keepalive-answer-ms-max', 100, 86_400_000),
    clientPingMsMin: integer('client-ping-ms-min', 1, 86_400_000),
    http2: parseChoice(text('http2'), ['own', 'node'], 'http2'),
    meters: parseSwitch(text('meters'), 'meters'),
    cachedTokenPrice: parseShare(text('cached-token-price'), 'cached-token-price'),
    traceUrl: parseTraceUrl(text('trace-url'), 'trace-url'),
    otlpEndpoint: parseCollectorUrl(text('otlp-endpoint'), 'otlp-endpoint'),
    traceShare: parseShare(text('trace-share'), 'trace-share'),
    mcpTools: grantsOf(text('mcp-tools')),
    tls: tlsOf(
      text('tls-cert'),
      text('tls-key'),
      text('tls-client-ca'),
      parseChoice(text('tls-client-cert'), ['required', 'optional'], 'tls-client-cert'),
    ),
    access: text('access') === '' ? null : { policy: text('access'), tokens: text('tokens') },
    publicUrl: parsePublicUrl(text('public-url'), 'public-url'),
  };
}

/** Beyond this machine whoever reaches the port could read and write everything, and everybody on the way could listen. */
function checkExposure(
  { host }: Address,
  { isSecret, isGuarded, isBehindMesh }: { isSecret: boolean; isGuarded: boolean; isBehindMesh: boolean },
): void {
  if (isLoopback(host) || isBehindMesh || (isSecret && isGuarded)) return;
  const missing = [
    isSecret ? '' : 'TLS (--tls-cert and --tls-key)',
    isGuarded ? '' : 'authentication (--access)',
  ].filter((text) => text !== '');
  throw new ConfigError(
    `listen: ${host} can be reached from other machines, and there is no ${missing.join(' and no ')}. If a mesh or proxy in ` +
      `front of the broker takes care of that, say so with --insecure-behind-mesh; otherwise listen on 127.0.0.1`,
  );
}

function journalOf(text: string): Pick<Settings, 'journal' | 'jetStream'> {
  if (!isJetStreamAddress(text))
    return { journal: parseChoice(text, ['embedded', 'memory'], 'journal'), jetStream: null };
  try {
    return { journal: 'jetstream', jetStream: parseJetStreamAddress(text) };
  } catch (error) {
    throw new ConfigError(`journal: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function grantsOf(text: string): Grants {
  try {
    return parseGrants(text);
  } catch (error) {
    throw new ConfigError(`mcp-tools: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function tlsOf(
  certificate: string,
  key: string,
  clientAuthority: string,
  clients: 'required' | 'optional',
): Settings['tls'] {
  if ((certificate === '') !== (key === '')) throw new ConfigError('tls-cert and tls-key belong together');
  const isClientOptional = clients === 'optional';
  if (isClientOptional && clientAuthority === '')
    throw new ConfigError(
      'tls-client-cert needs tls-client-ca: the authority of the certificates that are taken',
    );
  if (certificate !== '')
    return {
      certificate,
      key,
      clientAuthority: clientAuthority === '' ? null : clientAuthority,
      isClientOptional,
    };
  if (clientAuthority !== '') throw new ConfigError('tls-client-ca needs tls-cert and tls-key');
  return null;
}
