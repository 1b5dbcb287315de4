/** Branches as agents use them: BranchBench's workloads on ghosts in ghosts, and what depth costs. */
import type { LiveForest } from '../../src/sequencer/live-forest.ts';
import { find } from '../../src/trie/lookup.ts';
import { Play, Timings } from '../branches/play.ts';
import { nodesPerSweep, shapes } from '../branches/shapes.ts';
import type { Shape } from '../branches/shapes.ts';
import type { Case, Context, Figure, Metrics, Subject } from '../harness/case.ts';
import { beginCommand, openBenchForest, publishOf, putText, revertCommand } from '../harness/forest.ts';
import { pathOf, plantNodes, untilDurable } from '../harness/plant.ts';
import { percentile } from '../harness/samples.ts';
import { shared } from '../harness/shared.ts';

const few = '10 nodes';
const many = '1,000,000 nodes';

/** Branches that a measurement begins at least, so that a median means something. */
const branchesMin = 1_000;

async function playAll(forest: LiveForest, full: Shape, context: Context): Promise<Metrics> {
  const shape = { ...full, workers: context.size(full.workers, Math.min(full.workers, 20)) };
  const timings = new Timings();
  const plays = context.size(Math.ceil(branchesMin / (shape.workers * shape.steps)), 1);
  for (let seed = 1; seed <= plays; seed += 1) await new Play(forest, shape, seed, timings).run();
  return timings.metrics();
}

function shapeSubject(shape: Shape, name: string, nodes: (context: Context) => number): Subject {
  return {
    name,
    async start(context) {
      const forest = await openBenchForest(context);
      await plantNodes(forest, nodes(context));
      // What is compiled during the first branches is no part of the cost.
      if (!context.isSmoke) await playAll(forest, shape, context);
      return { measure: () => playAll(forest, shape, context), stop: () => forest.close() };
    },
  };
}

function flat(metric: string, text: string): Figure {
  const ratio = `${text} with ${many}, as a multiple of ${few}`;
  return { text: ratio, metric, of: many, per: few, bound: { atMost: 1.5 } };
}

function shapeCase(shape: Shape): Case {
  const { workers, steps, depthMax, dropProbability } = shape;
  return {
    name: `branches/${shape.name}`,
    about:
      `BranchBench’s shape of that name (bench/branches/shapes.ts): ${workers.toLocaleString('en')} workers with ${steps} steps, branches up to ` +
      `${depthMax} deep, ${100 * dropProbability} % of them dropped. Medians inside the broker; a read and a write are those of one node.`,
    subjects: [
      shapeSubject(shape, few, () => nodesPerSweep),
      shapeSubject(shape, many, (context) => context.size(1_000_000, 10_000)),
    ],
    figures: [
      flat('beginUs', 'beginning a branch'),
      flat('switchUs', 'switching to it'),
      flat('revertUs', 'reverting one'),
    ].filter(({ metric }) => metric !== 'revertUs' || dropProbability > 0),
  };
}

const depths = [0, 1, 10, 100];
const readNodes = 1_000;

/** A forest, and the ghost at each depth; at depth 0 none. */
interface Nest {
  readonly forest: LiveForest;
  readonly ids: readonly string[];
}

const nest = shared(
  async (context: Context): Promise<Nest> => {
    const forest = await openBenchForest(context);
    await plantNodes(forest, context.size(100_000, readNodes));
    const ids = [''];
    while (ids.length <= Math.max(...depths)) {
      const ghostId = forest.newGhostId();
      settle(forest, beginCommand(forest, ghostId, ids.at(-1)));
      settle(forest, publishOf([putText(['staged', `at_${ids.length}`], 'a draft')], ghostId));
      ids.push(ghostId);
    }
    await untilDurable(forest);
    return { forest, ids };
  },
  ({ forest }) => forest.close(),
);

function settle(forest: LiveForest, command: Parameters<LiveForest['submit']>[0]): void {
  forest.submit(command, ({ outcome }) => {
    if (outcome.kind === 'rejected') throw new Error(outcome.message);
  });
}

async function measureDepth({ forest, ids }: Nest, depth: number, context: Context): Promise<Metrics> {
  const parentId = ids[depth] ?? '';
  const branches = context.size(2_000, 20);
  const times = { begin: [] as number[], switch: [] as number[], revert: [] as number[] };
  const timed = (kind: keyof typeof times, work: () => void): void => {
    const start = performance.now();
    work();
    times[kind].push((performance.now() - start) * 1_000);
  };
  for (let index = 0; index < branches; index += 1) {
    const ghostId = forest.newGhostId();
    timed('begin', () => settle(forest, beginCommand(forest, ghostId, parentId)));
    timed('switch', () => {
      if (!('root' in forest.ghostRoot(ghostId))) throw new Error('the branch is not there');
    });
    timed('revert', () => settle(forest, revertCommand(ghostId)));
    if (index % 100 === 99) await untilDurable(forest);
  }
  const [beginUs, switchUs, revertUs] = [times.begin, times.switch, times.revert].map((taken) =>
    percentile(taken, 0.5),
  ) as [number, number, number];
  return {
    readNs: readNs({ forest, ids }, depth, context.size(1_000_000, 20_000)),
    beginUs,
    switchUs,
    revertUs,
  };
}

/** CPU of a read, which is that of looking a node up. */
function readNs({ forest, ids }: Nest, depth: number, count: number): number {
  const view = depth === 0 ? forest.view() : forest.ghostRoot(ids[depth] ?? '');
  if (!('root' in view)) throw new Error(view.message);
  const { root } = view;
  const paths = Array.from({ length: readNodes }, (_, index) => pathOf(index));
  let found = 0;
  const before = process.cpuUsage();
  for (let index = 0; index < count; index += 1)
    if (find(root, paths[index % readNodes] ?? []) !== undefined) found += 1;
  const { user, system } = process.cpuUsage(before);
  if (found !== count) throw new Error(`${count - found} of ${count} reads found nothing`);
  return ((user + system) * 1_000) / count;
}

const deep: Case = {
  name: 'branches/depth',
  about:
    'Ghosts in ghosts, each with a node staged, on 100,000 nodes: CPU of a read of one of 1,000 nodes at that depth, and the medians of beginning, switching to and reverting another ghost in it.',
  subjects: depths.map((depth): Subject => ({
    name: `depth ${depth}`,
    async start(context) {
      const own = nest(context);
      const stage = await own.take();
      await measureDepth(stage, depth, context);
      return { measure: () => measureDepth(stage, depth, context), stop: () => own.giveBack() };
    },
  })),
  figures: [
    ['readNs', 'a read', 1.1] as const,
    ['beginUs', 'beginning a branch', 1.5] as const,
    ['switchUs', 'switching to it', 1.5] as const,
    ['revertUs', 'reverting it', 1.5] as const,
  ].map(([metric, text, atMost]): Figure => {
    const ratio = `${text} at depth 100, as a multiple of depth 0`;
    return { text: ratio, metric, of: 'depth 100', per: 'depth 0', bound: { atMost } };
  }),
  rounds: 9,
};

/** See above. */
export const branchCases: readonly Case[] = [...shapes.map(shapeCase), deep];
