/** How soon a large forest is served again, and the memory it takes then. The first read is tried from the start on, ready or not. */
import { setTimeout as wait } from 'node:timers/promises';

import { connect } from '../../clients/typescript/src/index.ts';
import { startBroker, startBrokerWith } from '../harness/broker.ts';
import type { Broker } from '../harness/broker.ts';
import type { Case, Context, Metrics, Subject } from '../harness/case.ts';
import { freePort, untilListening } from '../harness/ports.ts';
import { runLoad } from '../harness/script.ts';
import { settled } from './memory.ts';

/** A node that every fill puts. */
const firstNode = '/session_0/agent_0/memory/note_0';
/** Ten million nodes take a while, on a slow machine a long one. */
const readyMs = 15 * 60_000;

/** What a forest is filled with. */
interface Fill {
  readonly nodes: number;
  readonly valueBytes: number;
  readonly perPublish: number;
}

async function fill(broker: Broker, { nodes, valueBytes, perPublish }: Fill): Promise<void> {
  const amounts = [nodes / perPublish, 10, nodes, perPublish, valueBytes];
  await runLoad('stream', broker.address, ...amounts);
}

/** Starts a broker on existing data, and ends it with a crash, so that the next start finds the same again. */
async function restart(context: Context, data: string): Promise<Metrics> {
  const port = await freePort();
  const over = new AbortController();
  const start = performance.now();
  const secondsNow = (): number => (performance.now() - start) / 1_000;
  const reading = firstRead(port, over.signal).then(secondsNow);
  const starting = startBrokerWith(context, { data, flags: ['--listen', `127.0.0.1:${port}`], readyMs });
  const readying = starting.then(secondsNow);
  try {
    const [broker, readySeconds, firstReadSeconds] = await Promise.all([starting, readying, reading]);
    const startedMegabytes = broker.residentBytes() / 1e6;
    const settledMegabytes = await settled(context, broker);
    return { readySeconds, firstReadSeconds, startedMegabytes, settledMegabytes };
  } finally {
    over.abort();
    await starting.then((broker) => broker.end('SIGKILL')).catch(() => undefined);
  }
}

/** Resolves when a broker that is starting on `port` has answered a read. */
export async function firstRead(port: number, signal: AbortSignal): Promise<void> {
  await untilListening(port, signal);
  await using client = connect(`127.0.0.1:${port}`);
  for (;;) {
    try {
      await client.get(firstNode, { timeoutMs: readyMs });
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Error && 'code' in error && error.code === 'UNAVAILABLE')) throw error;
      await wait(5);
    }
  }
}

/** A forest that is filled once and started again in each round. `leave` ends what filled it. */
function restarted(
  name: string,
  amounts: (context: Context) => Fill,
  leave: (broker: Broker) => Promise<void>,
): Subject {
  return {
    name,
    async start(context) {
      const broker = await startBroker(context);
      try {
        await fill(broker, amounts(context));
        await leave(broker);
      } finally {
        await broker.end('SIGKILL');
      }
      return { measure: () => restart(context, broker.data), stop: () => Promise.resolve() };
    },
  };
}

const million = (context: Context): Fill => {
  return { nodes: context.size(1_000_000, 2_000), valueBytes: 200, perPublish: 100 };
};

/** A compaction writes a snapshot of everything: nothing of the journal is left to be replayed. */
async function compact(broker: Broker): Promise<void> {
  await using client = connect(broker.address);
  await client.forests.compact('default', 0, { timeoutMs: readyMs });
}

const snapshot = 'a snapshot';
const replay = 'a snapshot and what came since';

/** See above. */
export const restartCases: readonly Case[] = [
  {
    name: 'memory/restart-1m',
    about:
      '1,000,000 nodes of 200 bytes after kill -9: seconds from the start of the process until it says that it listens, and until the first read is answered; resident memory then, and at rest.',
    subjects: [restarted(snapshot, million, compact), restarted(replay, million, () => Promise.resolve())],
    figures: [
      {
        text: 'seconds until the first read, from a snapshot of 1,000,000 nodes',
        metric: 'firstReadSeconds',
        of: snapshot,
        bound: { atMost: 3 },
      },
      {
        text: 'resident MB at rest',
        metric: 'settledMegabytes',
        of: snapshot,
        bound: { atMost: 450 },
      },
    ],
    rounds: 3,
  },
  {
    name: 'memory/10m',
    about:
      '10,000,000 nodes of 10 bytes, put in diffs of 1,000, after kill -9: whether they start at all, when the first read is answered, and the memory they take.',
    subjects: [
      restarted(
        'hyperloom',
        (context) => ({ nodes: context.size(10_000_000, 5_000), valueBytes: 10, perPublish: 1_000 }),
        () => Promise.resolve(),
      ),
    ],
    figures: [
      {
        text: 'seconds until the first read of 10,000,000 nodes, at the rate that 1,000,000 may take',
        metric: 'firstReadSeconds',
        of: 'hyperloom',
        bound: { atMost: 30 },
      },
    ],
    rounds: 2,
  },
];
