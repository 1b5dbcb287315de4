/** What the cases `growth/…` measure: CPU time of this process, user and system, for each operation, in microseconds. */
import type { LiveForest } from '../../src/sequencer/live-forest.ts';
import type { Command } from '../../src/state/command.ts';
import type { Start } from '../../src/subscriptions/subscription.ts';
import { parsePattern } from '../../src/trie/pattern.ts';
import { find } from '../../src/trie/lookup.ts';
import type { Random } from '../../src/base/random.ts';
import { beginCommand, publishOf, putText, revertCommand } from '../harness/forest.ts';
import type { Metrics } from '../harness/case.ts';
import { pathOf, untilDurable } from '../harness/plant.ts';
import { publishMany, workingNodes } from './prepare.ts';

/** How often each of them is done in a round. */
export interface Amounts {
  readonly publishes: number;
  readonly gets: number;
  /** Ghosts that are begun together, and reverted together; they take part in ten rounds. */
  readonly ghosts: number;
  readonly resumes: number;
  readonly resumesFar: number;
  /** Events that one reads who comes back from far, before it has seen enough: all of them out of the journal. */
  readonly pastEvents: number;
}

/** A forest to be measured. */
export interface Grown {
  readonly forest: LiveForest;
  /** Entries that its journal was made of before. */
  readonly entries: number;
  readonly random: Random;
  /** Collects garbage, and resolves when nothing of that, or of what was put off, is still at work. */
  readonly collect: () => Promise<void>;
}

/** Events behind which a subscriber comes back: fewer than a forest keeps in memory. */
const recentEvents = 100;
/** Of the newest events, so many times what is read is left alone: they may be in memory. */
const keptBack = 4;
const ghostRounds = 10;

/** Does all of it once. Garbage of what was before is gone first, so that nobody pays for somebody else's. */
export async function measureGrowth(
  { forest, entries, random, collect }: Grown,
  amounts: Amounts,
): Promise<Metrics> {
  const measured = async (count: number, work: () => void | Promise<void>): Promise<number> => {
    await collect();
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / count;
  };
  const publishUs = await measured(amounts.publishes, () => publishMany(forest, amounts.publishes));
  const resumeUs = await measured(amounts.resumes, () => resumeMany(forest, amounts.resumes));
  const span = Math.max(entries, amounts.publishes) - keptBack * amounts.pastEvents;
  const resumeFarUs = await measured(amounts.resumesFar, () =>
    resumeFarMany(forest, amounts, () => random.below(span)),
  );
  const getUs = await measured(amounts.gets, () => getMany(forest, amounts.gets));
  let [beginUs, revertUs] = [0, 0];
  for (let round = 0; round < ghostRounds; round += 1) {
    const ids = Array.from({ length: amounts.ghosts }, () => forest.newGhostId());
    beginUs += await measured(amounts.ghosts, () => runAll(forest, ids, (id) => beginCommand(forest, id)));
    await runAll(forest, ids, (id, index) => publishOf([putText(pathOf(index % workingNodes), 'draft')], id));
    revertUs += await measured(amounts.ghosts, () => runAll(forest, ids, revertCommand));
  }
  const ghosts = { beginUs: beginUs / ghostRounds, revertUs: revertUs / ghostRounds };
  return { publishUs, getUs, ...ghosts, resumeUs, resumeFarUs };
}

/** Comes back to the newest events, by position, as clients do whose connection was lost. */
async function resumeMany(forest: LiveForest, count: number): Promise<void> {
  const position = forest.view().position - recentEvents;
  for (let index = 0; index < count; index += 1)
    await resume(forest, { kind: 'after_position', position }, Infinity);
}

/** Comes back from somewhere in the past, by revision, which has to be looked for in the journal. */
async function resumeFarMany(
  forest: LiveForest,
  { resumesFar, pastEvents }: Amounts,
  back: () => number,
): Promise<void> {
  const newest = forest.view().revision - keptBack * pastEvents;
  for (let index = 0; index < resumesFar; index += 1)
    await resume(forest, { kind: 'after_revision', revision: newest - back() }, pastEvents);
}

function getMany(forest: LiveForest, count: number): void {
  const paths = Array.from({ length: workingNodes }, (_, node) => pathOf(node));
  const { root } = forest.view();
  for (let index = 0; index < count; index += 1) {
    const node = find(root, paths[index % workingNodes] ?? []);
    if (node?.entry === null || node === undefined) throw new Error('a node is not there');
  }
}

/** Submits a command for each ghost; what is settled at once needs no turn in between. */
async function runAll(
  forest: LiveForest,
  ids: readonly string[],
  command: (id: string, index: number) => Command,
): Promise<void> {
  let refused = '';
  for (const [index, id] of ids.entries()) {
    forest.submit(command(id, index), ({ outcome }) => {
      if (outcome.kind === 'rejected') refused = outcome.message;
    });
  }
  await untilDurable(forest);
  if (refused !== '') throw new Error(refused);
}

/** Subscribes to everything and ends once it is live, or has seen `eventsMax` events. */
function resume(forest: LiveForest, start: Start, eventsMax: number): Promise<void> {
  const pattern = parsePattern('/**');
  if ('problem' in pattern) throw new Error(pattern.problem);
  return new Promise((resolve, reject) => {
    let seen = 0;
    const enough = (): void => {
      handle.cancel();
      if (seen === 0) reject(new Error('it came back to nothing'));
      else resolve();
    };
    const request = { patterns: [pattern], start, scope: { kind: 'trunk' as const }, needsRoots: false };
    const handle = forest.hub.subscribe(
      { ...request, bookmarkIntervalMs: 60_000 },
      {
        snapshot: () => true,
        event() {
          seen += 1;
          if (seen === eventsMax) enough();
          return true;
        },
        bookmark() {
          if (seen < eventsMax) enough();
          return true;
        },
        end: (rejection) => reject(new Error(rejection?.message ?? 'it ended')),
      },
    );
  });
}
