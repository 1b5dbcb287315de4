/** A broker as its own process, to be killed and started again on the same data and port. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { freePort } from '../../bench/harness/ports.ts';

const main = fileURLToPath(new URL('../../bin/hyperloom.js', import.meta.url));

/** How Node itself is started, for brokers that something was done to. */
export interface Launch {
  /** A command and its arguments that turn into what they are given to run, such as `taskset -c 0`. */
  readonly before?: readonly string[];
  readonly nodeArguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Where it listens. Default: loopback. */
  readonly host?: string;
}

export class BrokerProcess {
  readonly #data: string;
  readonly #options: readonly string[];
  readonly #launch: Launch;
  #child: ChildProcess | null = null;
  #port = 0;
  #errors = '';

  constructor(data: string, options: readonly string[] = [], launch: Launch = {}) {
    this.#data = data;
    this.#options = options;
    this.#launch = launch;
  }

  get address(): string {
    return `${this.#launch.host ?? '127.0.0.1'}:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  /** False before it was started, and once it has ended. */
  get isRunning(): boolean {
    const child = this.#child;
    return child !== null && child.exitCode === null && child.signalCode === null;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Everything that it wrote to standard error since it was started. */
  get errors(): string {
    return this.#errors;
  }

  /** Starts it and waits for its one line. Rejects with what it wrote where it ends before. */
  async start(): Promise<void> {
    // Not one that the system gives out: while it is down, a connection of somebody else could get that.
    if (this.#port === 0) this.#port = await freePort();
    const { before = [], nodeArguments = [], environment = {} } = this.#launch;
    const serve = ['serve', '--listen', this.address, '--data', this.#data, ...this.#options];
    const [command = '', ...args] = [...before, process.execPath, ...nodeArguments, main, ...serve];
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    this.#child = child;
    this.#errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString();
    });
    const line = await new Promise<string>((resolve, reject) => {
      createInterface(child.stdout).once('line', resolve);
      child.once('exit', (code) => reject(new Error(`the broker ended with ${code}: ${this.#errors}`)));
    });
    const port = /\d+\.\d+\.\d+\.\d+:(\d+)/.exec(line)?.[1];
    if (port === undefined) throw new Error(`no address in "${line}"`);
    this.#port = Number(port);
  }

  /** Resolves when it has ended by itself, with its exit code. */
  async ended(): Promise<number | null> {
    const child = this.#child;
    if (child !== null && this.isRunning) await once(child, 'exit');
    return child?.exitCode ?? null;
  }

  /** Sends a signal and waits for the end. Returns the exit code; `null` after a signal that kills. */
  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null)
      return child?.exitCode ?? null;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
    return child.exitCode;
  }
}
