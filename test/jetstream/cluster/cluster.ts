/** Three servers of NATS and three brokers, each on a machine of its own. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { NatsCluster } from '../nats-server.ts';
import type { NatsServer } from '../nats-server.ts';
import { ClusterBroker } from './broker.ts';
import { Disk } from './disk.ts';
import { Network } from './network.ts';
import type { Host } from './network.ts';

/** A server of NATS with its machine. */
export interface NatsNode {
  readonly host: Host;
  readonly disk: Disk;
  readonly server: NatsServer;
}

export interface ClusterOptions {
  /** Where everything goes. It is there. */
  readonly folder: string;
  /** A mistake to put into the brokers, by its name. */
  readonly mutant: string | undefined;
}

const size = 3;

export class Cluster {
  readonly network: Network;
  readonly nats: readonly NatsNode[];
  readonly brokers: readonly ClusterBroker[];
  readonly #servers: NatsCluster;

  private constructor(
    network: Network,
    servers: NatsCluster,
    nats: readonly NatsNode[],
    brokers: readonly ClusterBroker[],
  ) {
    this.network = network;
    this.#servers = servers;
    this.nats = nats;
    this.brokers = brokers;
  }

  static async start({ folder, mutant }: ClusterOptions): Promise<Cluster> {
    const numbers = Array.from({ length: size }, (_, index) => index + 1);
    const network = await Network.make([
      ...numbers.map((number) => `n${number}`),
      ...numbers.map((number) => `b${number}`),
    ]);
    const [natsHosts, brokerHosts] = [network.hosts.slice(0, size), network.hosts.slice(size)];
    const natsFolder = join(folder, 'nats');
    mkdirSync(natsFolder, { recursive: true });
    const disks: Disk[] = [];
    for (const { name } of natsHosts) disks.push(await Disk.mount(join(natsFolder, name)));
    const servers = await NatsCluster.start(size, { hosts: natsHosts, folder: natsFolder });
    const journal = servers.address(`replicas=${size}`);
    const brokers: ClusterBroker[] = [];
    for (const host of brokerHosts) brokers.push(await ClusterBroker.make(host, { folder, journal, mutant }));
    const nats = natsHosts.flatMap((host, index) => {
      const [disk, server] = [disks[index], servers.servers[index]];
      return disk === undefined || server === undefined ? [] : [{ host, disk, server }];
    });
    const cluster = new Cluster(network, servers, nats, brokers);
    try {
      await Promise.all(brokers.map((broker) => broker.start()));
      return cluster;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** All brokers, as clients are told of them. */
  get targets(): string {
    return this.brokers.map(({ target }) => target).join();
  }

  /** Ends everything. The data goes, as the disks are in memory. */
  async close(): Promise<void> {
    for (const broker of this.brokers) await broker.stop('SIGKILL');
    await this.#servers.close();
    for (const { disk } of [...this.brokers, ...this.nats]) await disk.unmount();
    await this.network.close();
  }
}
