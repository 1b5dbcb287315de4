/** The broker as a child process, which can be killed and started again on the same data and port. */
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Child, Children } from './children.ts';
import { launcher } from './programs.ts';

/** Where clients look unless told otherwise. */
export const addressDefault = '127.0.0.1:7400';

export class Broker {
  readonly address: string;
  /** Where its data folder is. */
  readonly folder: string;
  /** Rejects when the process ends although nobody asked it to. */
  readonly died: Promise<never>;
  readonly #children: Children;
  #child: Child;
  #isEnding = false;
  #onDied: (error: Error) => void = () => undefined;

  private constructor(children: Children, folder: string, child: Child, address: string) {
    this.#children = children;
    this.folder = folder;
    this.address = address;
    this.died = new Promise((_, reject) => {
      this.#onDied = reject;
    });
    this.died.catch(() => undefined);
    this.#child = child;
    this.#watch(child);
  }

  /** Starts a broker on a fresh folder. */
  static async start(children: Children, port: number | undefined): Promise<Broker> {
    const folder = children.makeFolder();
    const listen = port === undefined ? await defaultOrFree() : `127.0.0.1:${port}`;
    const { child, address } = await startOn(children, folder, listen);
    return new Broker(children, folder, child, address);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Kills it as a crash would, and starts it again on the same data and port. Returns how long nobody answered. */
  async crashAndRestart(): Promise<number> {
    const startMs = performance.now();
    this.#isEnding = true;
    this.#child.kill('SIGKILL');
    const { signal } = await this.#child.ended;
    if (signal !== 'SIGKILL') throw new Error(`the broker ended by itself: ${this.#child.complaint()}`);
    this.#child = (await startOn(this.#children, this.folder, this.address)).child;
    this.#isEnding = false;
    this.#watch(this.#child);
    return performance.now() - startMs;
  }

  #watch(child: Child): void {
    void child.ended.then(({ code, signal }) => {
      if (!this.#isEnding)
        this.#onDied(new Error(`the broker ended (${code ?? signal}): ${child.complaint()}`));
    });
  }
}

async function startOn(
  children: Children,
  folder: string,
  listen: string,
): Promise<{ readonly child: Child; readonly address: string }> {
  const args = [launcher, 'serve', '--listen', listen, '--data', join(folder, 'data'), '--log-level', 'warn'];
  const child = await children.start(process.execPath, args);
  const ready = new Promise<string>((resolve) => {
    child.onLine((line) => {
      const address = /\blistening on (\S+)/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
  });
  const failed = child.ended.then(({ code, signal }) => {
    throw new Error(`the broker did not start (${code ?? signal}): ${child.complaint()}`);
  });
  return { child, address: await Promise.race([ready, failed]) };
}

/** The default address, or port 0 where something else listens there. */
function defaultOrFree(): Promise<string> {
  const [host = '', port] = addressDefault.split(':');
  return new Promise((resolve) => {
    const probe = createServer()
      .once('error', () => resolve(`${host}:0`))
      .listen(Number(port), host, () => probe.close(() => resolve(addressDefault)));
  });
}
