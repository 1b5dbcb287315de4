/**
 * Ghosts inside the broker: a forest on the embedded journal, without the network. The journal gets the entries, but nobody
 * waits for it: that is how ghosts work.
 */
import type { LiveForest } from '../../src/sequencer/live-forest.ts';
import type { Root } from '../../src/state/ghosts/ghost.ts';
import { find } from '../../src/trie/lookup.ts';
import type { Case, Context, Figure, Metrics, Subject } from '../harness/case.ts';
import {
  beginCommand,
  beginGhost,
  openBenchForest,
  publishOf,
  putText,
  revertCommand,
  submitted,
} from '../harness/forest.ts';
import { latencyMetrics } from '../harness/samples.ts';

const operationsPerDiff = 1_000;

async function stage(forest: LiveForest, ghostId: string, nodes: number): Promise<void> {
  for (let first = 0; first < nodes; first += operationsPerDiff) {
    const count = Math.min(operationsPerDiff, nodes - first);
    const puts = Array.from({ length: count }, (_, index) => {
      const note = first + index;
      return putText(
        [`session_${note % 100}`, `agent_${(note >> 7) % 100}`, 'memory', `note_${note}`],
        'a staged note',
      );
    });
    await submitted(forest, publishOf(puts, ghostId));
  }
}

/** Ghosts in ghosts; returns the innermost. The outermost is at depth 1. */
async function nest(forest: LiveForest, depth: number): Promise<string> {
  let ghostId = '';
  for (let level = 1; level <= depth; level += 1) {
    ghostId = await beginGhost(forest, ghostId);
    await stage(forest, ghostId, 1);
  }
  return ghostId;
}

/** Time of one command, which is applied before `submit` returns, in microseconds. */
function timed(forest: LiveForest, command: Parameters<LiveForest['submit']>[0]): number {
  let isSettled = false;
  const start = performance.now();
  forest.submit(command, ({ outcome }) => {
    isSettled = outcome.kind !== 'rejected';
  });
  const us = (performance.now() - start) * 1_000;
  if (!isSettled) throw new Error(`${command.kind} was refused, or waited`);
  return us;
}

async function beginAndRevert(
  forest: LiveForest,
  nodes: number,
  depth: number,
  repetitions: number,
): Promise<Metrics> {
  const parentId = await nest(forest, depth - 1);
  const times = new Float64Array(repetitions);
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    const ghostId = forest.newGhostId();
    const begin = timed(forest, beginCommand(forest, ghostId, parentId));
    await stage(forest, ghostId, nodes);
    times[repetition] = begin + timed(forest, revertCommand(ghostId));
  }
  if (parentId !== '') await submitted(forest, revertCommand(outermost(forest)));
  const { p50Us, p99Us } = latencyMetrics(times);
  return { beginAndRevertP50Us: p50Us, beginAndRevertP99Us: p99Us, repetitions };
}

function outermost(forest: LiveForest): string {
  const ghost = forest.ghosts().find((candidate) => candidate.parentId === '' && 'root' in candidate);
  if (ghost === undefined) throw new Error('no ghost lives');
  return ghost.id;
}

interface Situation {
  readonly name: string;
  readonly nodes: (context: Context) => number;
  readonly depth: number;
  readonly repetitions: (context: Context) => number;
}

const often = (context: Context): number => context.size(5_000, 50);
const million = (context: Context): number => context.size(1_000_000, 5_000);
/** Staging them takes seconds each time. */
const seldom = (context: Context): number => context.size(3, 2);

const situations: readonly Situation[] = [
  { name: '10 nodes, depth 1', nodes: () => 10, depth: 1, repetitions: often },
  { name: '10 nodes, depth 100', nodes: () => 10, depth: 100, repetitions: often },
  { name: '1,000,000 nodes, depth 1', nodes: million, depth: 1, repetitions: seldom },
  { name: '1,000,000 nodes, depth 100', nodes: million, depth: 100, repetitions: seldom },
];

function situationSubject({ name, nodes, depth, repetitions }: Situation): Subject {
  return {
    name,
    async start(context) {
      const forest = await openBenchForest(context);
      return {
        async measure() {
          // Neither what is compiled during the first calls nor a forest that has been idle while others were measured is part of the cost.
          await beginAndRevert(forest, 10, depth, context.size(1_000, 50));
          return beginAndRevert(forest, nodes(context), depth, repetitions(context));
        },
        stop: () => forest.close(),
      };
    },
  };
}

const beginRevert: Case = {
  name: 'ghost/begin-revert',
  about:
    'Begin a ghost, stage nodes in it (not timed), revert it. Time inside the broker; with few repetitions p99 is the worst.',
  subjects: situations.map(situationSubject),
  figures: situations.map(({ name }): Figure => {
    return { text: `${name}: p99 µs`, metric: 'beginAndRevertP99Us', of: name, bound: { atMost: 100 } };
  }),
  rounds: 5,
};

function readNs(root: Root, paths: readonly (readonly string[])[], count: number): number {
  let found = 0;
  const start = performance.now();
  for (let index = 0; index < count; index += 1) {
    const at = find(root, paths[index % paths.length] ?? []);
    if (at !== undefined) found += 1;
  }
  const ns = ((performance.now() - start) * 1e6) / count;
  if (found !== count) throw new Error(`${count - found} of ${count} reads found nothing`);
  return ns;
}

const depths = [0, 1, 10, 100];

const ghostRead: Case = {
  name: 'ghost/read',
  about:
    'Look up 1,000 of 100,000 nodes, four segments deep, in a ghost that lies in that many others; each of them has staged a node.',
  subjects: depths.map((depth): Subject => ({
    name: `depth ${depth}`,
    async start(context) {
      const forest = await openBenchForest(context);
      const nodes = context.size(100_000, 1_000);
      const paths = Array.from({ length: nodes }, (_, index) => [
        `session_${index % 100}`,
        `agent_${index % 7}`,
        'memory',
        `note_${index}`,
      ]);
      for (let first = 0; first < nodes; first += operationsPerDiff) {
        const part = paths.slice(first, first + operationsPerDiff);
        await submitted(forest, publishOf(part.map((path) => putText(path, 'a note'))));
      }
      const ghostId = await nest(forest, depth);
      const view = depth === 0 ? forest.view() : forest.ghostRoot(ghostId);
      if (!('root' in view)) throw new Error(view.message);
      const sample = paths.filter((_, index) => index % (nodes / 1_000) === 0);
      const count = context.size(2_000_000, 20_000);
      readNs(view.root, sample, count);
      return {
        measure: () => Promise.resolve({ readNs: readNs(view.root, sample, count) }),
        stop: () => forest.close(),
      };
    },
  })),
  figures: [
    {
      text: 'a read at depth 100, as a multiple of depth 0',
      metric: 'readNs',
      of: 'depth 100',
      per: 'depth 0',
      bound: { atMost: 1.2 },
    },
  ],
};

/** See above. */
export const ghostCases: readonly Case[] = [beginRevert, ghostRead];
