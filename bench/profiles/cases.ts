/** The works that the broker's CPU profiles are taken of: the main cases of `bench/README.md`, one subject each. */
import type { Context, Metrics } from '../harness/case.ts';
import type { Broker } from '../harness/broker.ts';
import { runLoad } from '../harness/script.ts';
import { driverName, findTool } from '../harness/tools.ts';
import { send } from '../peers/driver.ts';
import type { Work } from '../peers/driver.ts';

/** A work under which the broker is profiled. */
export interface Profiled {
  readonly name: string;
  /** What an operation is. */
  readonly about: string;
  /** Does it. */
  run(broker: Broker, context: Context, part: 'warm-up' | 'measured'): Promise<Done>;
}

/** What was done. */
export interface Done {
  readonly operations: number;
  /** What an operation took of its client's CPU; `NaN` where that does not say it. */
  readonly clientCpuUs: number;
}

/** By the driver in Go, as the cases `peers/…` do it. */
function driven(name: string, about: string, work: Work): Profiled {
  return {
    name,
    about,
    async run(broker, context, part) {
      if (part === 'warm-up' && work.filled !== undefined)
        await drive(broker, { name: 'put', count: context.size(work.filled, 10) });
      return drive(broker, { ...work, count: countOf(context.size(work.count, 100), part) });
    },
  };
}

async function drive(broker: Broker, work: Work): Promise<Done> {
  if (findTool(driverName) === undefined) throw new Error('the driver is not built: node bench/setup.ts');
  return doneOf(await send('hyperloom', broker.address, work));
}

function doneOf({ count = Number.NaN, clientCpuUs = Number.NaN }: Metrics): Done {
  return { operations: count, clientCpuUs };
}

function countOf(count: number, part: 'warm-up' | 'measured'): number {
  return part === 'measured' ? count : Math.ceil(count / 10);
}

/** See above. */
export const profiledWorks: readonly Profiled[] = [
  driven('put', 'A durable put of 200 bytes a call, round 100,000 nodes, 50 in flight on 4 connections.', {
    name: 'put',
    count: 60_000,
  }),
  driven('get', 'A read of one of 10,000 nodes a call, 50 in flight on 4 connections.', {
    name: 'get',
    count: 100_000,
    flags: { keys: 10_000 },
    filled: 10_000,
  }),
  {
    name: 'stream',
    about: 'A durable put of 200 bytes through the TypeScript client, over one stream, 500 in flight.',
    async run(broker, context, part) {
      const count = countOf(context.size(200_000, 500), part);
      return doneOf({ ...(await runLoad('stream', broker.address, count, 500)), count });
    },
  },
  driven('latency', 'A durable put of 200 bytes a call, one in flight on one connection.', {
    name: 'put',
    count: 6_000,
    flags: { 'in-flight': 1, connections: 1 },
  }),
  driven('stage', 'Begin a ghost, write a node of 200 bytes in it, revert it: three calls, 50 in flight.', {
    name: 'stage',
    count: 15_000,
    flags: { writes: 1 },
  }),
  driven(
    'commit',
    'Begin a ghost, write 100 nodes of 200 bytes in it, commit it: three calls, 50 in flight.',
    {
      name: 'commit',
      count: 800,
      flags: { writes: 100 },
    },
  ),
  driven('append', '50 writers append 20 bytes each to one and the same node, over a stream.', {
    name: 'append',
    count: 60_000,
  }),
  driven('fan-out', 'A put of 200 bytes, delivered to 100 subscribers with a connection each; a delivery.', {
    name: 'fanout',
    count: 2_500,
  }),
  driven('fan-out/latency', 'The same at 10,000 deliveries a second.', {
    name: 'fanout',
    count: 500,
    flags: { rate: 10_000, 'in-flight': 1 },
  }),
];
