/**
 * Brokers that share a journal, beside what a user would otherwise choose where one machine is not enough: on the same three servers of NATS, its own
 * key-value store, and three of etcd. Everything is on this one machine, so more brokers have no more processors: what one does costs is the figure.
 */
import { connect } from '../../clients/typescript/src/index.ts';
import { startBrokerWith } from '../harness/broker.ts';
import type { Absent, Case, Context, Metrics, Running, Subject } from '../harness/case.ts';
import { freePort } from '../harness/ports.ts';
import { runLoad } from '../harness/script.ts';
import { shared } from '../harness/shared.ts';
import { cpuUsOf, endAll, upBrokers, upEtcdCluster, upNatsCluster } from '../peers/clusters.ts';
import type { Member, Servers } from '../peers/clusters.ts';
import { driverIsMissing, send } from '../peers/driver.ts';
import type { Store, Work } from '../peers/driver.ts';
import { firstRead } from './restart.ts';

/** All subjects of a case that need NATS stand on the same servers. */
const natsOf = shared(upNatsCluster, async (nats) => {
  if ('members' in nats) await endAll(nats.members);
});

/** A work on servers that are up. */
async function measured(
  store: Store,
  address: string,
  members: readonly Member[],
  work: Work,
): Promise<Metrics> {
  await send(store, address, { ...work, count: Math.ceil(work.count / 10) });
  const beforeUs = cpuUsOf(members);
  const { count = Number.NaN, ...seen } = await send(store, address, work);
  return { cpuUs: (cpuUsOf(members) - beforeUs) / count, ...seen };
}

function sized(context: Context, work: Work): Work {
  const filled = work.filled === undefined ? {} : { filled: context.size(work.filled, 10) };
  return { ...work, ...filled, count: context.size(work.count, 100) };
}

/** A subject on the servers of NATS, which are given back at its end. */
function onNats(name: string, begin: (context: Context, nats: Servers) => Promise<Running>): Subject {
  return {
    name,
    async start(context): Promise<Running | Absent> {
      if (driverIsMissing()) return { absent: 'the driver is not built (node bench/setup.ts)' };
      const held = natsOf(context);
      const nats = await held.take();
      if ('absent' in nats) return nats;
      const running = await begin(context, nats);
      return {
        ...running,
        async stop() {
          await running.stop();
          await held.giveBack();
        },
      };
    },
  };
}

/** As many brokers as `count` says, of which the first `asked` are asked. */
function brokers(name: string, count: number, work: Work, asked = count): Subject {
  return onNats(name, async (context, nats) => {
    const { brokers: all } = await upBrokers(context, nats, count);
    const address = all
      .slice(0, asked)
      .map((broker) => broker.address)
      .join();
    const own = sized(context, work);
    if (own.filled !== undefined) await send('hyperloom', address, { name: 'publish', count: own.filled });
    return {
      measure: () => measured('hyperloom', address, [...all, ...nats.members], own),
      stop: () => endAll(all),
    };
  });
}

const natsKv = (work: Work): Subject =>
  onNats('NATS KV, three replicas', (context, nats) =>
    Promise.resolve({
      measure: () => {
        const { flags, ...own } = sized(context, work);
        return measured('nats', nats.address, nats.members, { ...own, flags: { ...flags, replicas: 3 } });
      },
      stop: () => Promise.resolve(),
    }),
  );

const etcd = (work: Work): Subject => ({
  name: 'etcd, three members',
  async start(context) {
    if (driverIsMissing()) return { absent: 'the driver is not built (node bench/setup.ts)' };
    const servers = await upEtcdCluster(context);
    if ('absent' in servers) return servers;
    return {
      measure: () => measured('etcd', servers.address, servers.members, sized(context, work)),
      stop: () => endAll(servers.members),
    };
  },
});

const three = 'three brokers, three replicas';
const oneAsked = 'the same, one of the brokers asked';
const attempts = 5;
const inFlight = { 'in-flight': 500, connections: 6, attempts };

function writes(name: 'put' | 'publish', about: string): Case {
  const work = (count: number): Work => ({ name, count, flags: inFlight });
  const versus = (peer: Subject, text: string, atLeast: number): Case['figures'] =>
    [three, oneAsked].map((of) => ({
      text: `durable writes a second, ${of === three ? 'each broker asked' : 'one asked'}, as a multiple of ${text}`,
      metric: 'perSecond',
      of,
      per: peer.name,
      bound: { atLeast },
    }));
  const [kv, members] = [natsKv(work(5_000)), etcd(work(40_000))];
  return {
    name: `replicas/${name}`,
    about,
    subjects: [brokers(three, 3, work(100_000)), brokers(oneAsked, 3, work(100_000), 1), kv, members],
    figures: [...versus(kv, 'NATS KV’s on the same servers', 5), ...versus(members, 'etcd’s', 2)],
    rounds: 3,
  };
}

/** Reads at so many brokers: those that must have seen everything, and those that SDKs make. */
function reads(name: string, about: string, flags: Work['flags']): Case {
  const work: Work = {
    name: 'get',
    count: 60_000,
    filled: 10_000,
    flags: { ...flags, keys: 10_000, connections: 6, attempts },
  };
  return {
    name: `replicas/${name}`,
    about,
    subjects: [1, 2, 3].map((count) => brokers(`brokers: ${count}`, count, work)),
    figures: [],
    rounds: 3,
  };
}

const readyMs = 15 * 60_000;

/** Kills one of three brokers, and starts it again: what it served from, it has to have again. */
const restarted: Subject = onNats('one of three brokers', async (context, nats) => {
  const { brokers: all, flags } = await upBrokers(context, nats, 3);
  const [killed, ...others] = all;
  if (killed === undefined) throw new Error('there are no brokers');
  const nodes = context.size(1_000_000, 2_000);
  await runLoad('stream', killed.address, nodes / 100, 10, nodes, 100, 200);
  // The others have it too, once this is answered.
  for (const { address } of all) {
    await using client = connect(address);
    await client.get('/session_0', { consistency: 'linearizable', timeoutMs: readyMs });
  }
  let last = killed;
  return {
    async measure() {
      await last.end('SIGKILL');
      const port = await freePort();
      const over = new AbortController();
      const start = performance.now();
      const secondsNow = (): number => (performance.now() - start) / 1_000;
      const reading = firstRead(port, over.signal).then(secondsNow);
      const listen = ['--listen', `127.0.0.1:${port}`];
      const starting = startBrokerWith(context, { data: last.data, flags: [...flags, ...listen], readyMs });
      try {
        const [broker, firstReadSeconds] = await Promise.all([starting, reading]);
        last = broker;
        return { firstReadSeconds, startedMegabytes: broker.residentBytes() / 1e6 };
      } finally {
        over.abort();
      }
    },
    stop: () => endAll([last, ...others]),
  };
});

/** See above. */
export const replicaCases: readonly Case[] = [
  writes(
    'put',
    'A durable put of 200 bytes a call, 500 in flight on 6 connections, on three replicas that sync every write; brokers are asked in turn.',
  ),
  writes('publish', 'The same through what each client has for many writes at a time.'),
  reads(
    'get',
    'A read of one of 10,000 keys a call, 50 in flight, at 1 to 3 brokers: each shows all that was acknowledged by any of them. CPU is that of brokers and NATS together.',
    {},
  ),
  reads(
    'get-seen',
    'The same with a revision that must be seen, as SDKs ask: no broker has to look at the log.',
    { 'at-least': 1 },
  ),
  {
    name: 'replicas/restart-1m',
    about:
      '1,000,000 nodes of 200 bytes, kill -9 of one of three brokers: seconds from its start until its first read, which shows all that was acknowledged.',
    subjects: [restarted],
    figures: [],
    rounds: 3,
  },
];
