/**
 * Throughput against latency: the same work with ever more operations in flight, on the broker and on what a user would otherwise choose, beside one
 * another. Their results are drawn as well (bench/plots).
 */
import type { Absent, Case, Context, Running, Subject } from '../harness/case.ts';
import { plottedName } from '../harness/plot.ts';
import { shared } from '../harness/shared.ts';
import type { Shared } from '../harness/shared.ts';
import { drive, up } from '../peers/driver.ts';
import type { Keeper } from '../peers/driver.ts';
import type { Server } from '../peers/peers.ts';

const levels = [1, 5, 20, 50, 100, 200, 500];
/** That of a smoke run. */
const smokeLevel = 50;

/** So many operations at the most, and so many for each that is in flight: some seconds of each store. */
const countMax = 60_000;
const countPerInFlight = 4_000;

const names: Readonly<Record<Keeper, string>> = {
  hyperloom: 'hyperloom',
  redis: 'Redis, appendfsync always',
  etcd: 'etcd',
  nats: 'NATS KV, sync always',
};

const keysWritten = 100_000;
/** Keys that are read: all of them are there. */
const keys = (context: Context): number => context.size(10_000, 100);

/** A store that is up, with what its work asks for. */
async function open(store: Keeper, work: string, context: Context): Promise<Server | Absent> {
  const server = await up(store, context, []);
  if ('absent' in server || work !== 'get') return server;
  const flags = { keys: keys(context), 'in-flight': 100 };
  await drive(store, server, { name: 'put', count: keys(context), flags });
  return server;
}

type Opened = (context: Context) => Shared<Server | Absent>;

function level(work: string, store: Keeper, share: number, inFlight: number, opened: Opened): Subject {
  return {
    name: plottedName(names[store], inFlight),
    async start(context): Promise<Running | Absent> {
      if (context.isSmoke && inFlight !== smokeLevel) return { absent: 'left out of smoke runs' };
      const own = opened(context);
      const server = await own.take();
      if ('absent' in server) {
        await own.giveBack();
        return server;
      }
      const full = Math.ceil(share * Math.min(countMax, countPerInFlight * inFlight));
      const count = context.size(full, Math.max(100, inFlight));
      const asked = {
        name: work,
        count,
        flags: { keys: work === 'get' ? keys(context) : keysWritten, 'in-flight': inFlight },
      };
      return { measure: () => drive(store, server, asked), stop: () => own.giveBack() };
    },
  };
}

/** A work on all stores; a slow one gets a share of the operations only. */
function plotCase(work: string, about: string, shares: Readonly<Record<Keeper, number>>): Case {
  const stores = Object.entries(shares).map(([store, share]) => {
    const opened = shared(
      (context: Context) => open(store as Keeper, work, context),
      async (server) => {
        if (!('absent' in server)) await server.child.end();
      },
    );
    return { store: store as Keeper, share, opened };
  });
  return {
    name: `plots/${work}`,
    about,
    subjects: levels.flatMap((inFlight) =>
      stores.map(({ store, share, opened }) => level(work, store, share, inFlight, opened)),
    ),
    figures: [],
    rounds: 3,
  };
}

/** See above. */
export const plotCases: readonly Case[] = [
  plotCase(
    'put',
    'A durable put of 200 bytes a call, by how many are in flight (Redis: a connection for each, others: 4), round 100,000 keys.',
    { hyperloom: 1, redis: 1, etcd: 0.25, nats: 0.1 },
  ),
  plotCase('get', 'A read of one of 10,000 keys a call, by how many are in flight.', {
    hyperloom: 1,
    redis: 1,
    etcd: 0.5,
    nats: 0.5,
  }),
  plotCase(
    'publish',
    'A durable write of 200 bytes through what each client has for many of them at a time (Redis: SET and PUBLISH in a pipeline), by how many are in flight.',
    { hyperloom: 1, redis: 1, etcd: 0.25, nats: 0.1 },
  ),
];
