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

/** The stores that keep what they are given. */
export type Keeper = 'hyperloom' | 'redis' | 'etcd' | 'nats';
/** The stores that the driver knows; NATS core hands on what it is given, and keeps none of it. */
export type Store = Keeper | 'nats-core';

/** What the driver is to do; numbers beyond these are its flags. */
export interface Work {
  readonly name: string;
  /** Operations, of which a tenth is done before to warm up. */
  readonly count: number;
  /** Flags by name, such as `in-flight`. */
  readonly flags?: Readonly<Record<string, number>>;
  /** Nodes that are put before, once: those that are read. */
  readonly filled?: number;
}

/** Lets the driver do `work`, without a warm-up: what it saw, `count` of what it counts among it. */
export async function send(store: Store, address: string, { name, flags, count }: Work): Promise<Metrics> {
  const given = Object.entries({ ...flags, count }).flatMap(([flag, value]) => [`-${flag}`, String(value)]);
  const target = ['-store', store, '-address', address, '-work', name];
  const { stdout } = await execute(findTool(driverName) ?? driverName, [...target, ...given]);
  return JSON.parse(stdout) as Metrics;
}

/** Does `work` on a server; CPU time is an operation's. */
export async function drive(store: Store, server: Server, work: Work): Promise<Metrics> {
  await send(store, server.address, { ...work, count: Math.ceil(work.count / 10) });
  const before = server.child.cpuUs();
  const { count = Number.NaN, ...seen } = await send(store, server.address, work);
  return { cpuUs: (server.child.cpuUs() - before) / count, ...seen };
}

export function driverIsMissing(): boolean {
  return findTool(driverName) === undefined;
}

/** Starts a store. */
export async function up(store: Store, context: Context, flags: readonly string[]): Promise<Server | Absent> {
  if (driverIsMissing()) return { absent: 'the driver is not built (node bench/setup.ts)' };
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
    case 'nats-core':
      return upNats(context);
  }
}

/** A store under a work, at full size or, in smoke runs, with a hundred operations. */
export function driven(name: string, store: Store, work: Work, flags: readonly string[] = []): Subject {
  return {
    name,
    start(context) {
      const filled = work.filled === undefined ? {} : { filled: context.size(work.filled, 10) };
      return drivenBy(context, store, { ...work, ...filled, count: context.size(work.count, 100) }, flags);
    },
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
  if (work.filled !== undefined) await send(store, server.address, { name: 'put', count: work.filled });
  return { measure: () => drive(store, server, work), stop: () => server.child.end() };
}
