/** Brokers for scenarios: the one that most share, and those that a scenario has to itself for its time and may do something to. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Proxy, type ProxyKind } from '../../../test/interop/proxy.ts';
import type { DiskOrder } from '../../../test/consistency/disk.ts';
import { BrokerProcess, type Launch } from '../../../test/support/broker-process.ts';
import { testTls } from '../../../test/support/tls.ts';
import type { Schema } from '../../typescript/src/gen/hyperloom/v1/schema_pb.ts';
import { DiskFault } from '../gen/hyperloom/conformance/v1/scenario_pb.ts';
import { BrokerAccess } from './broker-access.ts';
import { eventually } from './eventually.ts';
import type { Destination } from './link.ts';
import { registerUnjudged } from './old-schema.ts';

const disk = fileURLToPath(new URL('../../../test/consistency/disk.ts', import.meta.url));

const orders: Readonly<Record<DiskFault, DiskOrder | undefined>> = {
  [DiskFault.UNSPECIFIED]: undefined,
  [DiskFault.SYNC_FAILS]: 'sync_fails',
  [DiskFault.FULL]: 'disk_is_full',
  [DiskFault.NO_ROOM]: 'no_room',
  [DiskFault.ROOM]: 'room',
};

/** What stands before brokers. */
export interface Through {
  readonly proxy: ProxyKind;
  /** On both sides of the proxy. */
  readonly isSecret: boolean;
}

/** What is special about a broker. */
export interface BrokerKind {
  /** It runs on a disk that fails when it is told to. */
  readonly diskFails?: boolean;
  readonly asksWhoCalls?: boolean;
  readonly through?: Through | undefined;
}

export class ScenarioBroker {
  /** Where it asks who calls: what it goes by. */
  readonly access: BrokerAccess | undefined;
  readonly #folder = mkdtempSync(join(tmpdir(), 'hyperloom-conformance-'));
  readonly #data = join(this.#folder, 'data');
  readonly #orders = join(this.#folder, 'disk-orders');
  readonly #process: BrokerProcess;
  readonly #through: Through | undefined;
  #proxy: Proxy | undefined;
  #stopped: Promise<unknown> | undefined;
  #hasBadDisk = false;

  constructor({ diskFails = false, asksWhoCalls = false, through }: BrokerKind) {
    this.#through = through;
    const launch: Launch = {
      nodeArguments: ['--import', disk],
      environment: { HYPERLOOM_DISK_ORDERS: this.#orders },
    };
    this.access = asksWhoCalls ? new BrokerAccess(this.#folder) : undefined;
    const settings = [
      ...(this.access?.options ?? []),
      ...(through?.isSecret === true ? this.#tlsSettings() : []),
    ];
    this.#process = new BrokerProcess(this.#data, settings, diskFails ? launch : {});
  }

  /** Whether it serves as when it was new. */
  get isWell(): boolean {
    return this.#process.isRunning && this.#stopped === undefined && !this.#hasBadDisk;
  }

  /** Where clients find it: itself, or what stands before it. */
  get destination(): Destination {
    if (this.#proxy === undefined) return { port: this.#process.port, isSecret: false };
    const isSecret = this.#through?.isSecret === true;
    return { port: isSecret ? this.#proxy.tlsPort : this.#proxy.plainPort, isSecret };
  }

  async start(): Promise<void> {
    await this.#process.start();
    if (this.#through === undefined) return;
    const { proxy: kind, isSecret } = this.#through;
    this.#proxy = await Proxy.start({ kind, broker: this.#process.port, isBrokerSecret: isSecret });
  }

  /** Asks it to stop, and does not wait. */
  stop(): void {
    this.#stopped ??= this.#process.stop('SIGTERM');
  }

  /** Ends it and starts it again. One that was asked to stop already is not asked again, which would hurry it. */
  async restart(kill: boolean, meanwhile: () => Promise<void> = async () => {}): Promise<void> {
    if (kill) await this.#process.stop('SIGKILL');
    else this.stop();
    await this.#stopped;
    this.#stopped = undefined;
    this.#hasBadDisk = false;
    await meanwhile();
    await this.#process.start();
  }

  /** Registers a schema as an earlier version of it did, whatever this one thinks of it, between a stop and a start. */
  register(forest: string, schema: Schema): Promise<void> {
    return this.restart(false, () => registerUnjudged(this.#data, forest, schema));
  }

  /** Lets its disk fail until it is started again. Resolves when the disk knows. */
  async failDisk(fault: DiskFault): Promise<void> {
    const order = orders[fault];
    if (order === undefined) throw new Error('a disk fails in one way or another: fault');
    this.#hasBadDisk = fault !== DiskFault.ROOM;
    writeFileSync(this.#orders, `${order} 0`);
    process.kill(this.#process.pid, 'SIGUSR2');
    await eventually(async () => {
      if (existsSync(this.#orders)) throw new Error('the disk has not been told to fail');
    });
  }

  /** Ends it for good and leaves nothing behind. */
  async close(): Promise<void> {
    await this.#proxy?.stop();
    await this.#process.stop('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #tlsSettings(): string[] {
    const [certificate, key] = [join(this.#folder, 'tls.crt'), join(this.#folder, 'tls.key')];
    writeFileSync(certificate, testTls.certificate);
    writeFileSync(key, testTls.key);
    return ['--tls-cert', certificate, '--tls-key', key];
  }
}

/** Runs `work` with a broker of its own. */
export async function withBroker<T>(
  kind: BrokerKind,
  work: (broker: ScenarioBroker) => Promise<T>,
): Promise<T> {
  const broker = new ScenarioBroker(kind);
  try {
    await broker.start();
    return await work(broker);
  } finally {
    await broker.close();
  }
}
