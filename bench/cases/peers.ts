/**
 * What a user would otherwise choose, beside the broker in the same run on the same work: issue by issue the figures that the README's
 * claims of speed rest on. One driver in Go, with the client library that each store recommends; all stores durable.
 */
import type { Case, Figure } from '../harness/case.ts';
import { driven } from '../peers/driver.ts';
import type { Store, Work } from '../peers/driver.ts';

const broker = 'hyperloom';
const names: Readonly<Record<Store, string>> = {
  hyperloom: broker,
  redis: 'Redis, appendfsync always',
  etcd: 'etcd',
  nats: 'NATS KV, sync always',
  'nats-core': 'NATS core, which keeps nothing',
};

/** What the seed's own broker reached here, in memory, with its own client: see `about`. */
const seedPerSecond = { 'profile-reads': 3_660, 'profile-writes': 5_770, 'profile-revert': 4_780 } as const;
const seedWork = {
  'profile-reads': 'nine reads to a write',
  'profile-writes': 'writes',
  'profile-revert': 'a write in a ghost that is reverted',
} as const;

function versus(text: string, metric: string, peer: Store, atLeast: number): Figure {
  return { text, metric, of: broker, per: names[peer], bound: { atLeast } };
}

/** A work on the broker and on peers; a slow peer gets a share of the operations only. */
function peerCase(
  name: string,
  about: string,
  work: Work,
  peers: Partial<Record<Store, number>>,
  figures: Case['figures'],
): Case {
  const subjects = Object.entries({ hyperloom: 1, ...peers }).map(([store, share]) =>
    driven(names[store as Store], store as Store, { ...work, count: Math.ceil(work.count * share) }),
  );
  return { name: `peers/${name}`, about, subjects, figures, rounds: 3 };
}

/** See above. */
export const peerCases: readonly Case[] = [
  peerCase(
    'put',
    'A durable put of 200 bytes a call, 50 in flight (Redis: a connection for each, others: 4), round 100,000 keys.',
    { name: 'put', count: 100_000 },
    { redis: 1, etcd: 0.4, nats: 0.1 },
    [
      versus('puts a second, as a multiple of etcd’s', 'perSecond', 'etcd', 3),
      versus('the same of Redis’', 'perSecond', 'redis', 1),
    ],
  ),
  peerCase(
    'get',
    'A read of one of 10,000 keys a call, 50 in flight.',
    { name: 'get', count: 100_000, flags: { keys: 10_000 }, filled: 10_000 },
    { redis: 1, etcd: 0.4, nats: 0.5 },
    [versus('gets a second, as a multiple of etcd’s', 'perSecond', 'etcd', 2.5)],
  ),
  peerCase(
    'publish',
    'A durable write of 200 bytes through what each client has for many of them at a time (Redis: SET and PUBLISH in a pipeline), 50 in flight.',
    { name: 'publish', count: 200_000 },
    { redis: 0.5, etcd: 0.2, nats: 0.05 },
    [versus('writes a second, as a multiple of Redis’', 'perSecond', 'redis', 6)],
  ),
  peerCase(
    'append',
    '50 writers append 20 bytes to one and the same node (Redis: RPUSH; etcd and NATS: compare and set until it goes through).',
    { name: 'append', count: 50_000 },
    { redis: 1, etcd: 0.02, nats: 0.02 },
    [versus('appends a second, as a multiple of Redis’ RPUSH', 'perSecond', 'redis', 1)],
  ),
  ...[1, 100].map((writes) =>
    peerCase(
      `stage/${writes}`,
      `Begin a ghost, write ${writes} nodes of 200 bytes in it, revert it: three calls (Redis: HSET and DEL of a hash; etcd: transactions that put and delete; NATS: puts and purges), 50 in flight.`,
      { name: 'stage', count: writes === 1 ? 50_000 : 5_000, flags: { writes } },
      { redis: 1, etcd: 0.2, ...(writes === 1 ? { nats: 0.02 } : {}) },
      [
        versus('a second, as a multiple of Redis’', 'perSecond', 'redis', 3),
        versus('a second, as a multiple of etcd’s', 'perSecond', 'etcd', 10),
      ],
    ),
  ),
  peerCase(
    'commit/100',
    'Begin a ghost, write 100 nodes in it, commit it: durable, all or nothing (Redis: HSET, HGETALL, then MSET and DEL in a transaction), 50 in flight.',
    { name: 'commit', count: 5_000, flags: { writes: 100 } },
    { redis: 1, etcd: 0.2 },
    [versus('a second, as a multiple of Redis’', 'perSecond', 'redis', 3)],
  ),
  peerCase(
    'fan-out',
    'Writes of 200 bytes, delivered to 100 subscribers, each on a connection of its own; 50 publishers, as fast as it goes. CPU is a delivery’s.',
    { name: 'fanout', count: 5_000 },
    { redis: 1, etcd: 0.1, nats: 0.2 },
    [
      versus('deliveries a second, as a multiple of Redis’', 'perSecond', 'redis', 5),
      versus('the same of etcd’s', 'perSecond', 'etcd', 25),
    ],
  ),
  peerCase(
    'fan-out/latency',
    'The same at 10,000 deliveries a second: latencies from before the write to the delivery.',
    { name: 'fanout', count: 1_000, flags: { rate: 10_000, 'in-flight': 1 } },
    { redis: 1, etcd: 1, nats: 1 },
    [
      {
        text: '99th percentile in ms, as a multiple of Redis’',
        metric: 'p99Us',
        of: broker,
        per: names.redis,
        bound: { atMost: 1 },
      },
    ],
  ),
  peerCase(
    'fan-out/bursts',
    'The same in bursts: one publisher, 256 values at a time, the next ones when all of them are acknowledged.',
    { name: 'fanout', count: 10_240, flags: { burst: 256, 'in-flight': 1 } },
    { redis: 1, 'nats-core': 1 },
    [versus('deliveries a second, as a multiple of NATS core’s', 'perSecond', 'nats-core', 1)],
  ),
  ...(['profile-reads', 'profile-writes', 'profile-revert'] as const).map((name) => profile(name)),
];

function profile(name: keyof typeof seedPerSecond): Case {
  const atLeast = 5 * seedPerSecond[name];
  return peerCase(
    name,
    `The benchmark of the broker in the article that started this, 500 workers with 50 requests each: ${seedWork[name]}. That broker reached ${seedPerSecond[name].toLocaleString('en')} a second, in memory; a revert reverted nothing.`,
    { name, count: 25_000, flags: { 'in-flight': 500, keys: 10_000 }, filled: 10_000 },
    {},
    [{ text: 'operations a second', metric: 'perSecond', of: broker, bound: { atLeast } }],
  );
}
