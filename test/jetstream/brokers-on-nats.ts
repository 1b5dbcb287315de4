/** Servers of NATS for the tests of a file, and brokers on them that end with the test which has started them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { parseJetStreamAddress } from '../../src/journal/jetstream/address.ts';
import { JetStream } from '../../src/journal/jetstream/jetstream.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import type { Launch } from '../support/broker-process.ts';
import type { TestClients } from '../support/broker.ts';
import { NatsCluster } from './nats-server.ts';
import { connectPatiently } from './patience.ts';

export interface BrokerOnNats {
  readonly broker: BrokerProcess;
  readonly clients: TestClients;
}

/** Has the newest format in force at once, where the brokers of a test are of one version. */
export const quickly: Launch = {
  nodeArguments: ['--import', fileURLToPath(new URL('quick-formats.ts', import.meta.url))],
};

/** To be made where a file begins. `name`: of its folder for data. */
export class BrokersOnNats {
  readonly #running: BrokerOnNats[] = [];
  #started = 0;
  #nats: NatsCluster | undefined;
  #folder = '';

  constructor(name: string) {
    beforeAll(async () => {
      this.#nats = await NatsCluster.start();
      this.#folder = await mkdtemp(join(tmpdir(), `hyperloom-${name}-`));
    });
    afterEach(async () => {
      for (const { broker, clients } of this.#running.splice(0)) {
        clients.cut();
        await broker.stop('SIGKILL');
      }
    });
    afterAll(async () => {
      await this.#nats?.close();
      await rm(this.#folder, { recursive: true, force: true });
    });
  }

  get nats(): NatsCluster {
    if (this.#nats === undefined) throw new Error('it is started before the first test');
    return this.#nats;
  }

  /** Where brokers have their data; it goes with them. */
  get folder(): string {
    return this.#folder;
  }

  /** Starts a broker; those with one prefix share their forests. */
  async start(prefix: string, options: readonly string[] = [], launch: Launch = {}): Promise<BrokerOnNats> {
    this.#started += 1;
    const common = ['--journal', this.nats.address(`prefix=${prefix}`), '--log-level', 'warn'];
    const data = join(this.#folder, `${prefix}-${this.#started}`);
    const broker = new BrokerProcess(data, [...common, ...options], launch);
    await broker.start();
    const started = { broker, clients: connectPatiently(`http://${broker.address}`) };
    this.#running.push(started);
    return started;
  }

  /** Kills one, and starts it again with what it has left. */
  async again(killed: BrokerOnNats): Promise<BrokerOnNats> {
    const { broker, clients } = killed;
    clients.cut();
    await broker.stop('SIGKILL');
    await broker.start();
    const started = { broker, clients: connectPatiently(`http://${broker.address}`) };
    this.#running.splice(this.#running.indexOf(killed), 1, started);
    return started;
  }

  /** Looks at what brokers with a prefix share, from outside. */
  async looking<T>(prefix: string, look: (jetStream: JetStream) => Promise<T>): Promise<T> {
    const address = parseJetStreamAddress(this.nats.address(`prefix=${prefix}`));
    const jetStream = await JetStream.connect(address, systemClock, () => undefined);
    try {
      return await look(jetStream);
    } finally {
      await jetStream.close();
    }
  }
}

/** The state of the default forest at a broker, once that has seen everything. */
export async function hashOf({ clients }: BrokerOnNats, forest = ''): Promise<string> {
  const { context, forests } = clients;
  await context.listGhosts({ forest });
  const { stateHash, stateHashPosition } = await forests.getStatus({ forest, includeStateHash: true });
  return `${stateHash} at ${stateHashPosition}`;
}
