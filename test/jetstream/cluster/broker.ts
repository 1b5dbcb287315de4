/** One of the brokers: a real process on a machine of its own, with a disk that can be full and a clock that jumps. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { brokerLog, sleep } from '../../consistency/broker.ts';
import { BrokerProcess } from '../../support/broker-process.ts';
import { Disk } from './disk.ts';
import type { Host } from './network.ts';

/** A broker that finds no NATS at its start ends and says so; whoever runs it starts it again. NATS comes back within a minute or two. */
const startMsMax = 240_000;
const natsIsAway = /^hyperloom: NATS /m;
/** The log grows by so much in a few seconds. */
const snapshotBytes = 300_000;

const clock = fileURLToPath(new URL('clock.ts', import.meta.url));
const mutate = fileURLToPath(new URL('../../simulation/mutate.ts', import.meta.url));

export interface ClusterBrokerOptions {
  /** The run's. */
  readonly folder: string;
  /** What `--journal` is told. */
  readonly journal: string;
  readonly mutant: string | undefined;
}

export class ClusterBroker {
  readonly host: Host;
  readonly disk: Disk;
  readonly #process: BrokerProcess;
  readonly #clockOrders: string;
  readonly #log: string;

  private constructor(host: Host, disk: Disk, { folder, journal, mutant }: ClusterBrokerOptions) {
    this.host = host;
    this.disk = disk;
    this.#clockOrders = join(folder, `${host.name}-clock`);
    this.#log = join(folder, brokerLog);
    const nodeArguments = ['--import', clock, ...(mutant === undefined ? [] : ['--import', mutate])];
    const environment = {
      HYPERLOOM_CLOCK_ORDERS: this.#clockOrders,
      ...(mutant === undefined ? {} : { HYPERLOOM_MUTANT: mutant }),
    };
    const options = ['--journal', journal, '--insecure-behind-mesh', '--drain-ms-max', '1000'];
    // Brokers that share snapshots compare their states, and would find a mistake before the histories do.
    if (mutant === undefined) options.push('--snapshot-journal-bytes', String(snapshotBytes));
    this.#process = new BrokerProcess(join(disk.folder, 'data'), [...options, '--log-level', 'warn'], {
      nodeArguments,
      environment,
      before: host.before,
      host: host.address,
    });
  }

  /** On a disk of its own, which is empty; it is not started yet. */
  static async make(host: Host, options: ClusterBrokerOptions): Promise<ClusterBroker> {
    const folder = join(options.folder, host.name);
    mkdirSync(folder, { recursive: true });
    return new ClusterBroker(host, await Disk.mount(folder), options);
  }

  /** Host and port. */
  get target(): string {
    return this.#process.address;
  }

  get address(): string {
    return `http://${this.target}`;
  }

  get isRunning(): boolean {
    return this.#process.isRunning;
  }

  /** What it wrote to standard error since it was started. */
  get errors(): string {
    return this.#process.errors;
  }

  /** Waits for NATS, if need be. */
  async start(): Promise<void> {
    const endMs = performance.now() + startMsMax;
    for (;;) {
      try {
        return await this.#process.start();
      } catch (error) {
        if (!natsIsAway.test(this.#process.errors) || performance.now() > endMs) throw error;
        await sleep(100);
      }
    }
  }

  /** Ends it with a signal, waits, and starts it again. Returns the exit code; `null` after a signal that kills. */
  async restart(signal: 'SIGTERM' | 'SIGKILL', pauseMs: number): Promise<number | null> {
    const code = await this.stop(signal);
    await sleep(pauseMs);
    await this.start();
    return code;
  }

  async pause(ms: number): Promise<void> {
    process.kill(this.#process.pid, 'SIGSTOP');
    await sleep(ms);
    process.kill(this.#process.pid, 'SIGCONT');
  }

  moveClock(offMs: number): void {
    writeFileSync(this.#clockOrders, String(offMs));
    process.kill(this.#process.pid, 'SIGUSR2');
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const code = await this.#process.stop(signal);
    appendFileSync(this.#log, this.#process.errors);
    return code;
  }
}
