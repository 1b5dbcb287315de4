/** The broker under test: a real process on a disk that fails on command, with an account of when it was there. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Code } from '@connectrpc/connect';

import { BrokerProcess } from '../support/broker-process.ts';
import { connectClients, describeRefusal } from '../support/broker.ts';
import type { TestClients } from '../support/broker.ts';
import { testTls } from '../support/tls.ts';
import type { DiskOrder } from './disk.ts';
import { nowNs } from './record.ts';
import type { Security } from './security.ts';

const disk = fileURLToPath(new URL('disk.ts', import.meta.url));
const mutate = fileURLToPath(new URL('../simulation/mutate.ts', import.meta.url));

/** A time in which the broker could not do anything; leases have their full ttl behind one that ended with a start. */
export interface Absence {
  readonly startNs: number;
  endNs: number;
  readonly kind: 'restarted' | 'stopped' | 'writes_stopped' | 'unreachable' | 'starved';
}

/** The file of a run's folder that holds what the broker wrote to standard error. */
export const brokerLog = 'broker.log';

export class TestedBroker {
  readonly #process: BrokerProcess;
  readonly #orders: string;
  readonly #log: string;
  /** All of them, in the order of their starts. */
  readonly absences: Absence[] = [];

  readonly #scheme: Security['scheme'];

  constructor(folder: string, security: Security, mutant: string | undefined) {
    this.#scheme = security.scheme;
    this.#orders = join(folder, 'disk-orders');
    this.#log = join(folder, brokerLog);
    const nodeArguments = ['--import', disk, ...(mutant === undefined ? [] : ['--import', mutate])];
    const environment = {
      HYPERLOOM_DISK_ORDERS: this.#orders,
      ...(mutant === undefined ? {} : { HYPERLOOM_MUTANT: mutant }),
    };
    const sizes = ['--snapshot-journal-bytes', '300000', '--drain-ms-max', '1000'];
    const options = [...sizes, ...security.settings];
    this.#process = new BrokerProcess(join(folder, 'data'), options, { nodeArguments, environment });
  }

  get port(): number {
    return this.#process.port;
  }

  /** With its scheme. */
  get address(): string {
    return `${this.#scheme}://${this.#process.address}`;
  }

  get isRunning(): boolean {
    return this.#process.isRunning;
  }

  /** What it wrote to standard error since it was started. */
  get errors(): string {
    return this.#process.errors;
  }

  start(): Promise<void> {
    return this.#process.start();
  }

  /** Ends it with a signal, waits, and starts it again. Returns the exit code; `null` after a signal that kills. */
  async restart(signal: 'SIGTERM' | 'SIGKILL', pauseMs: number): Promise<number | null> {
    return this.absent('restarted', async () => {
      const code = await this.#process.stop(signal);
      await sleep(pauseMs);
      this.#keepLog();
      await this.#process.start();
      return code;
    });
  }

  /** It dies as with its machine, and is started again. */
  async cutPower(seed: number, pauseMs: number): Promise<void> {
    await this.absent('restarted', async () => {
      this.order('power_cut', seed);
      await this.#ended();
      await sleep(pauseMs);
      this.#keepLog();
      await this.#process.start();
    });
  }

  async pause(ms: number): Promise<void> {
    await this.absent('stopped', async () => {
      process.kill(this.#process.pid, 'SIGSTOP');
      await sleep(ms);
      process.kill(this.#process.pid, 'SIGCONT');
    });
  }

  /** Tells the disk. */
  order(order: DiskOrder, seed = 0): void {
    writeFileSync(this.#orders, `${order} ${seed}`);
    process.kill(this.#process.pid, 'SIGUSR2');
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.#process.stop(signal);
    this.#keepLog();
  }

  /** Keeps account of a time in which leases cannot end, or their owners cannot reach it. */
  async absent<Result>(kind: Absence['kind'], work: () => Promise<Result>): Promise<Result> {
    const absence: Absence = { startNs: nowNs(), endNs: Infinity, kind };
    this.absences.push(absence);
    const result = await work();
    absence.endNs = nowNs();
    return result;
  }

  #keepLog(): void {
    appendFileSync(this.#log, this.#process.errors);
  }

  async #ended(): Promise<void> {
    while (this.#process.isRunning) await sleep(5);
  }
}

/** Of calls that must be answered: a broker that is not under fire and does not answer for so long is broken. */
export const limits = { timeoutMs: 300_000 } as const;

/** Clients without an SDK. Whoever speaks TLS here has the certificate of all tests. */
export function connectTo(address: string): TestClients {
  return connectClients(address, address.startsWith('https:') ? testTls.certificate : undefined);
}

/** Asks a broker something by a connection of its own, without an SDK. */
export async function asking<Result>(
  address: string,
  ask: (clients: TestClients) => Promise<Result>,
): Promise<Result> {
  const clients = connectTo(address);
  try {
    return await ask(clients);
  } finally {
    clients.cut();
  }
}

/** How somebody is asked: {@link asking}, or {@link insisting}. */
export type Ask = typeof asking;

/** The same where the broker may be away, or its journal: asks again until it is back. What is asked for must be the same when it is asked for twice. */
export async function insisting<Result>(
  address: string,
  ask: (clients: TestClients) => Promise<Result>,
): Promise<Result> {
  const endMs = performance.now() + limits.timeoutMs;
  for (;;) {
    try {
      return await asking(address, ask);
    } catch (error) {
      const { code, reason } = describeRefusal(error);
      // Without a reason nobody refused it: the connection broke.
      const isAway = code === Code[Code.Unavailable] || reason === '';
      if (!isAway || performance.now() > endMs) throw error;
      await sleep(50);
    }
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
