/** Servers of NATS as processes: alone or as a cluster, to be killed, stopped for a while and started again on the same data. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { findTool } from '../../bench/harness/tools.ts';

export interface NatsOptions {
  /** Lines of configuration beside those that are needed. */
  readonly lines?: readonly string[];
  /** Without it files are synced now and then, as NATS does by default. */
  readonly syncs?: boolean;
}

/** One server. */
export class NatsServer {
  readonly name: string;
  readonly port: number;
  /** Where it tells of itself. */
  readonly monitorPort: number;
  readonly #configuration: string;
  #child: ChildProcess | null = null;
  #output = '';

  constructor(name: string, port: number, monitorPort: number, configuration: string) {
    this.name = name;
    this.port = port;
    this.monitorPort = monitorPort;
    this.#configuration = configuration;
  }

  /** Everything that it wrote since it was started. */
  get output(): string {
    return this.#output;
  }

  async start(): Promise<void> {
    const program = findTool('nats-server');
    if (program === undefined) throw new Error('there is no nats-server: node bench/setup.ts builds it');
    const child = spawn(program, ['--config', this.#configuration], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    this.#output = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (chunk: Buffer) => {
        this.#output += chunk.toString();
        if (this.#output.includes('Server is ready')) resolve();
      });
      child.once('exit', (code) => reject(new Error(`nats-server ended with ${code}: ${this.#output}`)));
    });
  }

  /** Sends a signal that ends it, and waits for the end. */
  async end(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    await ended;
  }

  /** Stops it as if its machine stood still, until {@link resume}. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }
}

/** Servers that belong together, with a folder for their data. */
export class NatsCluster {
  readonly servers: readonly NatsServer[];
  readonly #folder: string;

  private constructor(servers: readonly NatsServer[], folder: string) {
    this.servers = servers;
    this.#folder = folder;
  }

  static async start(count = 1, { lines = [], syncs = true }: NatsOptions = {}): Promise<NatsCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'hyperloom-nats-'));
    const ports = await freePorts(count * 3);
    const routes = ports.slice(count, 2 * count).map((port) => `nats://127.0.0.1:${port}`);
    const servers: NatsServer[] = [];
    for (const [index, port] of ports.slice(0, count).entries()) {
      const name = `n${index + 1}`;
      const file = join(folder, `${name}.conf`);
      const monitorPort = ports[2 * count + index] ?? 0;
      const jetstream = `store_dir: "${join(folder, name)}", ${syncs ? 'sync_interval: always' : ''}`;
      const cluster = `cluster { name: hyperloom, listen: "127.0.0.1:${ports[count + index]}", routes: [${routes.join(', ')}] }`;
      const all = [
        `server_name: ${name}`,
        `listen: "127.0.0.1:${port}"`,
        `http: "127.0.0.1:${monitorPort}"`,
        'max_payload: 18MB',
        `jetstream { ${jetstream} }`,
        ...(count > 1 ? [cluster] : []),
        ...lines,
      ];
      await writeFile(file, all.join('\n'));
      servers.push(new NatsServer(name, port, monitorPort, file));
    }
    const started = new NatsCluster(servers, folder);
    await Promise.all(servers.map((server) => server.start()));
    return started;
  }

  /** What `--journal` is told. */
  address(query = ''): string {
    const hosts = this.servers.map(({ port }) => `127.0.0.1:${port}`).join(',');
    return `nats://${hosts}${query === '' ? '' : `?${query}`}`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async close(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.end()));
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Ports that nobody listens on; all are held until all are known. */
async function freePorts(count: number): Promise<number[]> {
  const held = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  const ports: number[] = [];
  for (const server of held) {
    if (!server.listening) await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a port was asked for');
    ports.push(address.port);
  }
  for (const server of held) {
    server.close();
    await once(server, 'close');
  }
  return ports;
}
