/** Locks through the broker: what they cost, and what they cost others. */
import { create, toBinary } from '@bufbuild/protobuf';
import { createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';

import { LockMode } from '../../src/gen/hyperloom/v1/lock_pb.ts';
import { LockService } from '../../src/gen/hyperloom/v1/lock_service_pb.ts';
import { PublishRequestSchema } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { startBroker } from '../harness/broker.ts';
import type { Case, Context, Metrics, Running, Subject } from '../harness/case.ts';
import { openBenchForest, publishOf, putText } from '../harness/forest.ts';
import { unaryLoad } from '../harness/load.ts';
import { latencyMetrics } from '../harness/samples.ts';
import { runLoad } from '../harness/script.ts';
import { hotNodeCases } from './lock-queues.ts';
import { acquireOf, patient, releaseOf } from './lock-commands.ts';
import { schemaArguments } from './publish-unary.ts';

const note = 'Found three sources that agree; the second one cites the first. '.repeat(4).slice(0, 200);

/** 50 writers append to `/session_1/intent`; `path`: what somebody holds an exclusive lock on meanwhile. */
function appendSubject(name: string, path: string): Subject {
  return {
    name,
    async start(context: Context): Promise<Running> {
      const child = await startBroker(context);
      if (path !== '') await holdLock(child.address, path);
      const addition = { case: 'text' as const, value: 'looks at the sources\n' };
      const operation = {
        path: '/session_1/intent',
        action: { case: 'append' as const, value: { addition } },
      };
      const request = create(PublishRequestSchema, { operations: [operation], author: 'bench' });
      const message = toBinary(PublishRequestSchema, request);
      const method = 'hyperloom.v1.ContextService/Publish';
      const call = { address: child.address, method, schema: schemaArguments(context.folder), message };
      const load = {
        inFlight: 50,
        connections: 4,
        count: context.size(40_000, 400),
        isSmoke: context.isSmoke,
      };
      return { measure: () => unaryLoad(child, call, load, context.folder), stop: () => child.end() };
    },
  };
}

async function holdLock(address: string, path: string): Promise<void> {
  const transport = createGrpcTransport({ baseUrl: `http://${address}` });
  const locks = createClient(LockService, transport);
  await locks.acquireLock({
    owner: { case: 'ttl', value: { seconds: 3_600n } },
    targets: [{ path, mode: LockMode.EXCLUSIVE }],
    author: 'bench',
  });
}

/** Unary calls of a kind, through gRPC. */
function callSubject(name: string, kind: 'publish' | 'locks', inFlight: number): Subject {
  return {
    name,
    async start(context: Context): Promise<Running> {
      const child = await startBroker(context);
      const count = context.size(15_000, 100);
      const measure = async (): Promise<Metrics> => {
        await runLoad('locks', child.address, kind, Math.ceil(count / 10), inFlight);
        const before = child.cpuUs();
        const seen = await runLoad('locks', child.address, kind, count, inFlight);
        return { cpuUs: (child.cpuUs() - before) / count, ...seen };
      };
      return { measure, stop: () => child.end() };
    },
  };
}

/** The same inside the broker: a forest on the embedded journal, without the network. */
function forestSubject(name: string, kind: 'publish' | 'locks', inFlight: number): Subject {
  return {
    name,
    async start(context: Context): Promise<Running> {
      const forest = await openBenchForest(context);
      const count = context.size(60_000, 200);
      const work = async (index: number): Promise<void> => {
        const path = [`session_${index % 1_000}`, `agent_${index % 7}`, 'memory', 'note'];
        if (kind === 'publish') {
          await forest.propose(publishOf([putText(path, note)]));
          return;
        }
        const lock = await forest.acquireLock(acquireOf(forest, path), patient);
        await forest.propose(releaseOf(lock));
      };
      return { measure: () => timed(count, inFlight, work), stop: () => forest.close() };
    },
  };
}

async function timed(
  count: number,
  inFlight: number,
  work: (index: number) => Promise<void>,
): Promise<Metrics> {
  const latenciesUs = new Float64Array(count);
  let next = 0;
  const keepWorking = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      const start = performance.now();
      await work(index);
      latenciesUs[index] = (performance.now() - start) * 1_000;
    }
  };
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: inFlight }, keepWorking));
  const { user, system } = process.cpuUsage(before);
  return { cpuUs: (user + system) / count, ...latencyMetrics(latenciesUs) };
}

function costFigures(subject: string, publish: string): Case['figures'] {
  const of = { of: subject, per: publish, bound: { atMost: 1.5 } };
  return [
    { text: 'CPU of a lock taken and given back, as a multiple of a publish', metric: 'cpuUs', ...of },
    { text: 'time of both, median, as a multiple of a publish', metric: 'p50Us', ...of },
  ];
}

/** See above. */
export const lockCases: readonly Case[] = [
  {
    name: 'locks/elsewhere',
    about:
      '50 writers append 20 bytes to /session_1/intent, each append a durable unary call, with and without somebody’s exclusive lock on /session_1/memory.',
    subjects: [appendSubject('no lock', ''), appendSubject('with the lock', '/session_1/memory')],
    figures: [
      {
        text: 'server CPU an append, with the lock',
        metric: 'cpuUs',
        of: 'with the lock',
        per: 'no lock',
        bound: { atMost: 1.1 },
      },
      {
        text: 'p99 of an append, with the lock',
        metric: 'p99Us',
        of: 'with the lock',
        per: 'no lock',
        bound: { atMost: 1.1 },
      },
    ],
  },
  {
    name: 'locks/cost',
    about:
      'An exclusive lock on a path of its own, taken and given back under one lease (two durable entries), beside a durable put of 200 bytes: in the forest, 50 in flight.',
    subjects: [forestSubject('publish', 'publish', 50), forestSubject('lock and release', 'locks', 50)],
    figures: costFigures('lock and release', 'publish'),
  },
  {
    name: 'locks/rpc',
    about: 'The same as unary calls through gRPC, 16 in flight on one connection: two calls beside one.',
    subjects: [callSubject('publish', 'publish', 16), callSubject('lock and release', 'locks', 16)],
    figures: costFigures('lock and release', 'publish'),
  },
  ...hotNodeCases,
];
