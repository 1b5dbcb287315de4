/**
 * The same work on the broker and on its peers, by one driver in Go (`bench/driver`) that uses the client library of each, and their
 * servers with the same promise: what was acknowledged is on the disk.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { startBroker } from '../harness/broker.ts';
import type { Absent, Context, Metrics, Running, Subject } from '../harness/case.ts';
import { driverName, findTool } from '../harness/tools.ts';
import { upEtcd, upNats, upRedis } from './peers.ts';
import type { Server } from './peers.ts';

const execute = promisify(execFile);

/** The stores that the driver knows. */
export type Store = 'hyperloom' | 'redis' | 'etcd' | 'nats';

/** What the driver is to do; numbers beyond these are its flags. */
export interface Work {
  readonly name: string;
  /** Operations, of which a tenth is done before to warm up. */
  readonly count: number;
  /** Flags by name, such as `in-flight`. */
  readonly flags?: Readonly<Record<string, number>>;
}

/** Does `work` on a server; CPU time is an operation's. */
export async function drive(store: Store, server: Server, work: Work): Promise<Metrics> {
  const send = async (count: number): Promise<Metrics> => {
    const flags = Object.entries({ ...work.flags, count }).flatMap(([name, value]) => [
      `-${name}`,
      String(value),
    ]);
    const target = ['-store', store, '-address', server.address, '-work', work.name];
    const { stdout } = await execute(findTool(driverName) ?? driverName, [...target, ...flags]);
    return JSON.parse(stdout) as Metrics;
  };
  await send(Math.ceil(work.count / 10));
  const before = server.child.cpuUs();
  const { count = Number.NaN, ...seen } = await send(work.count);
  return { cpuUs: (server.child.cpuUs() - before) / count, ...seen };
}

/** Starts a store. */
export async function up(store: Store, context: Context, flags: readonly string[]): Promise<Server | Absent> {
  if (findTool(driverName) === undefined) return { absent: 'the driver is not built (node bench/setup.ts)' };
  switch (store) {
    case 'hyperloom': {
      const child = await startBroker(context, undefined, flags);
      return { child, address: child.address };
    }
    case 'redis':
      return upRedis(context);
    case 'etcd':
      return upEtcd(context);
    case 'nats':
      return upNats(context);
  }
}

/** A store under a work, at full size or, in smoke runs, with a hundred operations. */
export function driven(name: string, store: Store, work: Work, flags: readonly string[] = []): Subject {
  return {
    name,
    start: (context) => drivenBy(context, store, { ...work, count: context.size(work.count, 100) }, flags),
  };
}

/** Starts a store, to be put under a work. */
export async function drivenBy(
  context: Context,
  store: Store,
  work: Work,
  flags: readonly string[] = [],
): Promise<Running | Absent> {
  const server = await up(store, context, flags);
  if ('absent' in server) return server;
  return { measure: () => drive(store, server, work), stop: () => server.child.end() };
}
