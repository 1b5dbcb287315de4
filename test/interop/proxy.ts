/**
 * Proxies in front of a broker, run by the very files that docs/deploy/proxies shows: only addresses and paths are put in, and shorter
 * times where a test asks for them.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { testTls } from '../support/tls.ts';
import { freePorts } from '../../bench/harness/ports.ts';
import { Daemon, isListening } from './program.ts';

export const proxyKinds = ['nginx', 'haproxy', 'caddy'] as const;
export type ProxyKind = (typeof proxyKinds)[number];

export interface ProxyOptions {
  readonly kind: ProxyKind;
  /** The broker's port on loopback. */
  readonly broker: number;
  /** Whether the broker has TLS, with the certificate of the tests. */
  readonly isBrokerSecret?: boolean;
  /** How long a connection or a stream may be quiet, in place of the file's hour. */
  readonly quietSeconds?: number;
}

/** What stands in a file, and what takes its place. Everything must be found. */
type Changes = readonly (readonly [string, string])[];

interface Recipe {
  readonly file: string;
  readonly command: (file: string, folder: string) => readonly [string, ...string[]];
  readonly listens: (plainPort: number, tlsPort: number) => Changes;
  /** Where its certificate and key lie. */
  readonly paths: (folder: string) => Changes;
  /** What leads to a broker with TLS. */
  readonly secret: (port: number) => Changes;
  readonly quiet: (seconds: number) => Changes;
}

const recipes: Readonly<Record<ProxyKind, Recipe>> = {
  nginx: {
    file: 'nginx.conf',
    command: (file, folder) => ['nginx', '-p', folder, '-c', file, '-e', 'stderr', '-g', 'daemon off;'],
    listens: (plainPort, tlsPort) => [
      ['listen 8080', `listen 127.0.0.1:${plainPort}`],
      ['listen 8443', `listen 127.0.0.1:${tlsPort}`],
    ],
    paths: (folder) => [['/etc/nginx/tls', folder], ...ownOfNginx(folder)],
    secret: () => [
      ['grpc_pass grpc://hyperloom;', ''],
      ['# grpc_pass grpcs://', 'grpc_pass grpcs://'],
    ],
    quiet: (seconds) => [
      ['client_body_timeout 1h', `client_body_timeout ${seconds}s`],
      ['grpc_read_timeout 1h', `grpc_read_timeout ${seconds}s`],
      ['grpc_send_timeout 1h', `grpc_send_timeout ${seconds}s`],
    ],
  },
  haproxy: {
    file: 'haproxy.cfg',
    command: (file) => ['haproxy', '-db', '-f', file],
    listens: (plainPort, tlsPort) => [
      ['bind :8080', `bind 127.0.0.1:${plainPort}`],
      ['bind :8443', `bind 127.0.0.1:${tlsPort}`],
    ],
    paths: (folder) => [['/etc/haproxy/tls', folder]],
    secret: (port) => [
      [`  server one 127.0.0.1:${port} proto h2`, '  # server'],
      [`  server one-unchecked 127.0.0.1:${port} proto h2`, '  # server'],
      [`# server one 127.0.0.1:${port} ssl`, `server one 127.0.0.1:${port} ssl`],
      [`# server one-unchecked 127.0.0.1:${port} ssl`, `server one-unchecked 127.0.0.1:${port} ssl`],
    ],
    quiet: (seconds) => [
      ['timeout client 1h', `timeout client ${seconds}s`],
      ['timeout server 1h', `timeout server ${seconds}s`],
    ],
  },
  caddy: {
    file: 'Caddyfile',
    command: (file) => ['caddy', 'run', '--adapter', 'caddyfile', '--config', file],
    listens: (plainPort, tlsPort) => [
      ['http://:8080', `http://:${plainPort}`],
      ['https://:8443', `https://:${tlsPort}`],
      ['admin off', 'admin off\n\tdefault_bind 127.0.0.1'],
    ],
    paths: (folder) => [['/etc/caddy/tls', folder]],
    secret: (port) => [
      [`reverse_proxy h2c://127.0.0.1:${port}`, `reverse_proxy https://127.0.0.1:${port}`],
      ['# transport http {', 'transport http {'],
      ['# \ttls_trusted', '\ttls_trusted'],
      ['# \tversions', '\tversions'],
      ['# }', '}'],
    ],
    // It has none for streams.
    quiet: () => [],
  },
};

/** A proxy with a broker behind it. */
export class Proxy {
  /** Speaks plain HTTP/2. */
  readonly plainPort: number;
  /** Speaks TLS, with the certificate of the tests. */
  readonly tlsPort: number;
  readonly #daemon: Daemon;
  readonly #folder: string;

  private constructor(plainPort: number, tlsPort: number, daemon: Daemon, folder: string) {
    this.plainPort = plainPort;
    this.tlsPort = tlsPort;
    this.#daemon = daemon;
    this.#folder = folder;
  }

  /** Resolves when it listens. */
  static async start(options: ProxyOptions): Promise<Proxy> {
    const recipe = recipes[options.kind];
    const folder = await mkdtemp(join(tmpdir(), `hyperloom-${options.kind}-`));
    const [plainPort = 0, tlsPort = 0] = await freePorts(2);
    await Promise.all([
      writeFile(join(folder, 'tls.crt'), testTls.certificate),
      writeFile(join(folder, 'ca.crt'), testTls.certificate),
      writeFile(join(folder, 'tls.key'), testTls.key),
      writeFile(join(folder, 'tls.pem'), testTls.certificate + testTls.key),
    ]);
    const file = join(folder, recipe.file);
    await writeFile(file, await settings(options, recipe, { folder, plainPort, tlsPort }));
    const [name, ...args] = recipe.command(file, folder);
    const daemon = new Daemon(name, args, { HOME: folder });
    await daemon.ready(async () => (await isListening(plainPort)) && (await isListening(tlsPort)));
    return new Proxy(plainPort, tlsPort, daemon, folder);
  }

  async stop(): Promise<void> {
    await this.#daemon.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function settings(
  { broker, isBrokerSecret = false, quietSeconds }: ProxyOptions,
  recipe: Recipe,
  at: { readonly folder: string; readonly plainPort: number; readonly tlsPort: number },
): Promise<string> {
  const shown = new URL(`../../docs/deploy/proxies/${recipe.file}`, import.meta.url);
  const changes: Changes = [
    ['127.0.0.1:7400', `127.0.0.1:${broker}`],
    ...recipe.listens(at.plainPort, at.tlsPort),
    ...recipe.paths(at.folder),
    ...(isBrokerSecret ? recipe.secret(broker) : []),
    ...(quietSeconds === undefined ? [] : recipe.quiet(quietSeconds)),
  ];
  let text = await readFile(fileURLToPath(shown), 'utf8');
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`${recipe.file} does not say "${from}"`);
    text = text.replaceAll(from, to);
  }
  return text;
}

/** Without them it writes where only root may. */
function ownOfNginx(folder: string): Changes {
  const names = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const lines = names.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ');
  return [
    ['worker_processes auto;', `worker_processes 1;\npid ${folder}/nginx.pid;\nerror_log stderr error;`],
    ['access_log off;', `access_log off;\n  ${lines}`],
  ];
}
