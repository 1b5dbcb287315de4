/** A real broker in a process of its own, on a free port, with a data folder that is gone afterwards. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../../../src/main.ts', import.meta.url));

export class Broker implements AsyncDisposable {
  readonly #folder: string;
  #process: ChildProcess | undefined;
  #address = '';

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Starts one and resolves when it is ready. */
  static async start(): Promise<Broker> {
    const broker = new Broker(await mkdtemp(join(tmpdir(), 'hyperloom-client-')));
    await broker.restart();
    return broker;
  }

  /** Where its data lies. */
  get folder(): string {
    return this.#folder;
  }

  /** `host:port`; the same after a restart. */
  get address(): string {
    return this.#address;
  }

  /** Starts it on the same folder and port. */
  async restart(): Promise<void> {
    // Not a port that the system gives out: while it is down, a connection of somebody else could get that.
    if (this.#address === '') this.#address = `127.0.0.1:${await freePort()}`;
    const serve = ['serve', '--listen', this.#address, '--data', this.#folder];
    const child = spawn(process.execPath, [main, ...serve], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = child;
    let complaints = '';
    child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
    const ended = once(child, 'close').then(() => {
      throw new Error(`the broker ended before it was ready: ${complaints}`);
    });
    ended.catch(() => undefined);
    this.#address = await Promise.race([readAddress(child), ended]);
  }

  /** Ends it without a warning, as a crash would. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** One that nobody listens on now, below those that systems give out by themselves. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 30_000);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    await once(server.close(), 'close');
    return port;
  }
}

/** The first line tells that it is ready, and where. */
async function readAddress(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the broker has no standard output');
  const lines = createInterface(child.stdout);
  for await (const line of lines) {
    const address = /(\d+\.\d+\.\d+\.\d+:\d+)/.exec(line)?.[1];
    if (address !== undefined) {
      child.stdout.resume();
      return address;
    }
  }
  // Its output has ended, so it is ending: that error tells more.
  return new Promise(() => undefined);
}
