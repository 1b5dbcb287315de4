/** Locks that many hold or wait for: time and memory as their number grows. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { seededRandom, randomId } from '../../src/base/random.ts';
import { apply } from '../../src/state/apply.ts';
import type { Command } from '../../src/state/command.ts';
import { emptyForest } from '../../src/state/forest.ts';
import type { ForestState } from '../../src/state/forest.ts';
import type { Outcome } from '../../src/state/outcome.ts';
import type { Case, Context, Metrics, Running, Subject } from '../harness/case.ts';
import { local } from '../harness/case.ts';
import { openBenchForest, publishOf, putText } from '../harness/forest.ts';
import { percentile } from '../harness/samples.ts';
import { acquireOf, patient, releaseOf } from './lock-commands.ts';

/** So many writers on one node: each takes it exclusively, publishes under its token and gives it back, again and again. */
function hotSubject(writers: number): Subject {
  return {
    name: `${writers} writers`,
    async start(context: Context): Promise<Running> {
      const forest = await openBenchForest(context);
      const rounds = context.size(400, 5);
      const write = async (waitsUs: number[]): Promise<void> => {
        for (let round = 0; round < rounds; round += 1) {
          const start = performance.now();
          const granted = await forest.acquireLock(acquireOf(forest, ['session_1', 'plan']), patient);
          waitsUs.push((performance.now() - start) * 1_000);
          const { outcome } = granted;
          const fencingTokens = outcome.kind === 'lock_granted' ? [outcome.fencingToken] : [];
          const operations = [putText(['session_1', 'plan', 'step'], 'the next one')];
          const published = await forest.propose({ ...publishOf(operations), fencingTokens });
          if (published.outcome.kind !== 'published')
            throw new Error(`it came out as ${published.outcome.kind}`);
          await forest.propose(releaseOf(granted));
        }
      };
      const measure = async (): Promise<Metrics> => {
        const waitsUs: number[] = [];
        const start = performance.now();
        await Promise.all(Array.from({ length: writers }, () => write(waitsUs)));
        const turnUs = ((performance.now() - start) * 1_000) / waitsUs.length;
        const [p50Us, p99Us] = [percentile(waitsUs, 0.5), percentile(waitsUs, 0.99)];
        // The one that holds it does not wait.
        return { p50Us, p99Us, perWaiterUs: p50Us / (writers - 1), turnUs };
      };
      return { measure, stop: () => forest.close() };
    },
  };
}

/** A table in which so many locks are held: what one more costs, and what each takes in memory. */
function heldSubject(held: number): Subject {
  return local(`${held.toLocaleString('en-US')} held`, (context) => () => {
    const size = context.size(held, 100);
    const before = heapBytes();
    const table = new Table();
    for (let index = 0; index < size; index += 1) table.acquire(nodeOf(index));
    const bytes = (heapBytes() - before) / size;
    const count = context.size(100_000, 100);
    const free = Array.from({ length: count }, (_, index) => [`session_${index % 1_000}`, `free_${index}`]);
    const spentUs = cpuUs(() => {
      for (const path of free) table.release(table.acquire(path));
    });
    return { lockUs: spentUs / count, bytes };
  });
}

/** So many waiters on one node: what it costs to join them, and to hand the lock over from each to the next. */
function waitingSubject(waiters: number): Subject {
  return local(`${waiters.toLocaleString('en-US')} waiters`, (context) => () => {
    const size = context.size(waiters, 50);
    const times = context.size(Math.ceil(30_000 / waiters), 1);
    const before = heapBytes();
    let [waitUs, handOverUs, bytes] = [0, 0, 0];
    for (let time = 0; time < times; time += 1) {
      const table = new Table();
      const queue = [table.acquire(['hot'])];
      waitUs += cpuUs(() => {
        for (let index = 0; index < size; index += 1) queue.push(table.acquire(['hot']));
      });
      if (time === 0) bytes = (heapBytes() - before) / size;
      handOverUs += cpuUs(() => {
        for (const lock of queue) table.release(lock);
      });
      if (table.state.locks.size !== 0) throw new Error('some lock was not handed over');
    }
    return { waitUs: waitUs / (times * size), handOverUs: handOverUs / (times * size), bytes };
  });
}

/** CPU time that some work takes. */
function cpuUs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

interface Asked {
  readonly lockId: string;
  readonly leaseId: string;
}

/** The state machine alone, with commands made beforehand as cheaply as can be. */
class Table {
  readonly state: ForestState = emptyForest();
  readonly #random = seededRandom(1);

  acquire(path: readonly string[]): Asked {
    const command = acquireOf({ newId: () => randomId(this.#random) }, path);
    this.#apply(command);
    return command;
  }

  release({ lockId, leaseId }: Asked): void {
    this.#apply({ kind: 'release_lock', lockId, leaseId, endLease: true, author: 'bench', request: null });
  }

  #apply(command: Command): Outcome {
    const { state } = this;
    const position = state.position + 1;
    const { outcome } = apply(state, { position, timeMs: position, command }, () => state.root);
    if (outcome.kind === 'rejected') throw new Error(outcome.message);
    return outcome;
  }
}

function nodeOf(index: number): string[] {
  return [`session_${index % 1_000}`, `agent_${index % 7}`, `note_${index}`];
}

/** Live heap, after everything else was collected. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}

/** See above. */
export const hotNodeCases: readonly Case[] = [
  {
    name: 'locks/hot-node',
    about:
      'Writers on one node: each takes an exclusive lock, publishes durably under its token and gives it back. How long a writer waits for the lock, by how many there are.',
    subjects: [hotSubject(5), hotSubject(10), hotSubject(20)],
    figures: [
      {
        text: 'median wait for each other writer, 20 writers as a multiple of 5',
        metric: 'perWaiterUs',
        of: '20 writers',
        per: '5 writers',
        bound: { atMost: 1.25 },
      },
      {
        text: 'time of a turn, 20 writers as a multiple of 5',
        metric: 'turnUs',
        of: '20 writers',
        per: '5 writers',
        bound: { atMost: 1.1 },
      },
    ],
  },
  {
    name: 'locks/held',
    about:
      'A lock taken and given back in the state machine, while so many others are held; heap a held lock, its lease included.',
    subjects: [heldSubject(1_000), heldSubject(10_000), heldSubject(100_000)],
    figures: [
      {
        text: 'a lock among 100,000, as a multiple of one among 1,000 (log n: 1.67)',
        metric: 'lockUs',
        of: '100,000 held',
        per: '1,000 held',
        bound: { atMost: 1.67 },
      },
      { text: 'bytes a held lock', metric: 'bytes', of: '100,000 held', bound: { atMost: 4_096 } },
    ],
  },
  {
    name: 'locks/waiting',
    about:
      'Exclusive waiters on one node in the state machine: what it costs to join the queue, and to hand the lock over until nobody waits.',
    subjects: [waitingSubject(100), waitingSubject(1_000), waitingSubject(10_000)],
    figures: [
      {
        text: 'a hand-over with 10,000 waiters, as a multiple of 100 (log n: 2)',
        metric: 'handOverUs',
        of: '10,000 waiters',
        per: '100 waiters',
        bound: { atMost: 2 },
      },
      {
        text: 'joining 10,000, as a multiple of 100 (log n: 2)',
        metric: 'waitUs',
        of: '10,000 waiters',
        per: '100 waiters',
        bound: { atMost: 2 },
      },
    ],
  },
];
