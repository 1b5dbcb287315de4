/** Three of each, on this machine: servers of NATS and of etcd that sync every write, and brokers that share a journal on those of NATS. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { startBrokerWith } from '../harness/broker.ts';
import type { Broker } from '../harness/broker.ts';
import type { Absent, Context } from '../harness/case.ts';
import { startChild } from '../harness/children.ts';
import { freePort } from '../harness/ports.ts';
import { findTool } from '../harness/tools.ts';

/** What of a process is of interest where it is one of several. */
export type Member = Pick<Broker, 'cpuUs' | 'end'>;

/** Processes that are one store. */
export interface Servers {
  readonly members: readonly Member[];
  /** With commas between. */
  readonly address: string;
}

const size = 3;

/** CPU time of all of them so far, in microseconds. */
export function cpuUsOf(members: readonly Member[]): number {
  return members.reduce((sum, member) => sum + member.cpuUs(), 0);
}

export async function endAll(members: readonly Member[]): Promise<void> {
  await Promise.all(members.map((member) => member.end('SIGKILL')));
}

/** Servers of NATS with JetStream, each of which syncs every write. */
export async function upNatsCluster(context: Context): Promise<Servers | Absent> {
  const tool = findTool('nats-server');
  if (tool === undefined) return { absent: 'nats-server is not installed (node bench/setup.ts)' };
  const [clients, routes] = [await freePorts(size), await freePorts(size)];
  const named = routes.map((port) => `nats://127.0.0.1:${port}`).join(', ');
  const starts = clients.map((port, index) => {
    const folder = mkdtempSync(join(context.folder, 'nats-'));
    const file = join(folder, 'nats.conf');
    const lines = [
      `server_name: n${index + 1}`,
      `listen: "127.0.0.1:${port}"`,
      'max_payload: 18MB',
      `jetstream { store_dir: ${JSON.stringify(folder)}, sync_interval: always }`,
      `cluster { name: bench, listen: "127.0.0.1:${routes[index]}", routes: [${named}] }`,
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    return startChild(tool, ['-c', file], /Server is ready/);
  });
  return { members: await Promise.all(starts), address: addressOf(clients) };
}

/** Members of etcd, as they come: they sync each of their batches. */
export async function upEtcdCluster(context: Context): Promise<Servers | Absent> {
  const tool = findTool('etcd');
  if (tool === undefined) return { absent: 'etcd is not installed (node bench/setup.ts)' };
  const [clients, peers] = [await freePorts(size), await freePorts(size)];
  const cluster = peers.map((port, index) => `e${index + 1}=http://127.0.0.1:${port}`).join(',');
  const starts = clients.map((port, index) => {
    const [client, peer] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peers[index]}`];
    const args = [
      ...[`--name=e${index + 1}`, `--initial-cluster=${cluster}`, '--log-level=info'],
      ...[`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`],
      ...[`--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`],
      `--data-dir=${mkdtempSync(join(context.folder, 'etcd-'))}`,
    ];
    return startChild(tool, args, /ready to serve client requests/);
  });
  return { members: await Promise.all(starts), address: addressOf(clients) };
}

/** How long brokers may take to read what is in the log. */
const readyMs = 15 * 60_000;
let prefixes = 0;

/** Brokers on a stream of their own with three replicas. */
export async function upBrokers(
  context: Context,
  nats: Servers,
  count: number,
): Promise<{ readonly brokers: readonly Broker[]; readonly flags: readonly string[] }> {
  prefixes += 1;
  const journal = `nats://${nats.address}?replicas=${size}&prefix=BENCH${prefixes}`;
  // What it says of NATS must not be taken for its own address.
  const flags = ['--journal', journal, '--log-level', 'error'];
  const starts = Array.from({ length: count }, () => startBrokerWith(context, { flags, readyMs }));
  const brokers = await Promise.all(starts);
  return { brokers, flags };
}

async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let index = 0; index < count; index += 1) ports.push(await freePort());
  return ports;
}

function addressOf(ports: readonly number[]): string {
  return ports.map((port) => `127.0.0.1:${port}`).join(',');
}
