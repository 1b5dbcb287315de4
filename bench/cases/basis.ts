/** What it costs to say what one had read: inside the broker, without the network. */
import { setTimeout as wait } from 'node:timers/promises';

import { encodeRecord } from '../../src/codec/record.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { LiveForest } from '../../src/sequencer/live-forest.ts';
import type { BasisEntry, Publish } from '../../src/state/command.ts';
import { noEffects } from '../../src/state/describe.ts';
import type { Case, Context, Figure, Metrics, Subject } from '../harness/case.ts';
import { openBenchForest, publishOf, putText } from '../harness/forest.ts';

const random = seededRandom(5);
const note = 'x'.repeat(200);

/** A path of one of 100 sessions, each with ten agents that have a hundred notes. */
function somePath(): string[] {
  const [session, agent, which] = [random.below(100), random.below(10), random.below(100)];
  return [`session_${session}`, `agent_${agent}`, 'memory', `note_${which}`];
}

/** What an agent had read when it published. */
type Reads = (revision: number) => readonly BasisEntry[];

/** Nodes of one session, as an agent reads them. */
function nodes(count: number): Reads {
  return (revision) => {
    const [session = ''] = somePath();
    return Array.from({ length: count }, () => ({
      path: [session, ...somePath().slice(1)],
      revision,
      extent: 'node',
    }));
  };
}

/** What stands for more reads than an SDK sends: a subtree, at the oldest and the newest revision that it was seen at. */
const folded: Reads = (revision) => {
  const path = somePath().slice(0, 2);
  const read = { path, extent: 'subtree' } as const;
  return [
    { ...read, revision: Math.max(0, revision - 50) },
    { ...read, revision },
  ];
};

function publishWith(reads: Reads, revision: number): Publish {
  return { ...publishOf([putText(somePath(), note)]), basis: reads(revision) };
}

/** Resolves when this process has nothing left to do, such as merging runs of an index; after some seconds in any case. */
async function atRest(): Promise<void> {
  for (let look = 0; look < 100; look += 1) {
    const before = process.cpuUsage();
    await wait(50);
    const { user, system } = process.cpuUsage(before);
    if (user + system < 2_500) return;
  }
}

/** Publishes so many, a hundred at a time, and says what one took; index and journal are part of it, and what they put off. */
async function measure(forest: LiveForest, reads: Reads, count: number): Promise<Metrics> {
  const { revision } = forest.view();
  const batches = Array.from({ length: count / 100 }, (_, batch) =>
    Array.from({ length: 100 }, () => publishWith(reads, revision + batch * 100)),
  );
  await atRest();
  const before = process.cpuUsage();
  for (const batch of batches) {
    for (const { outcome } of await Promise.all(batch.map((command) => forest.propose(command))))
      if (outcome.kind !== 'published') throw new Error(outcome.kind);
  }
  await atRest();
  const { user, system } = process.cpuUsage(before);
  const [command = publishWith(reads, revision)] = batches[0] ?? [];
  const effects = { ...noEffects, revision };
  const recordBytes = encodeRecord({ position: revision, timeMs: 0, command }, effects).length;
  return { cpuUsAPublish: (user + system) / count, recordBytes };
}

function subject(name: string, reads: Reads): Subject {
  return {
    name,
    async start(context: Context) {
      const forest = await openBenchForest(context);
      await measure(forest, reads, context.size(5_000, 200));
      return {
        measure: () => measure(forest, reads, context.size(10_000, 400)),
        stop: () => forest.close(),
      };
    },
  };
}

const none = 'no basis';

function figuresOf(of: string, cpu: number, bytes: number): Figure[] {
  return [
    {
      text: `${of}: CPU of a publish, as a multiple of one without`,
      metric: 'cpuUsAPublish',
      of,
      per: none,
      bound: { atMost: cpu },
    },
    {
      text: `${of}: bytes in the journal, as a multiple of one without`,
      metric: 'recordBytes',
      of,
      per: none,
      bound: { atMost: bytes },
    },
  ];
}

const basis: Case = {
  name: 'publish/basis',
  about:
    'A put of 200 bytes into the forest, durable, a hundred in flight, by how much its author says that it had read: applied, journaled and indexed; decoding a call is not part of it.',
  subjects: [
    subject(none, () => []),
    subject('3 nodes', nodes(3)),
    subject('50 nodes', nodes(50)),
    subject('a folded subtree', folded),
  ],
  figures: [...figuresOf('3 nodes', 2, 2), ...figuresOf('a folded subtree', 2, 2)],
  rounds: 7,
};

/** See above. */
export const basisCases: readonly Case[] = [basis];
