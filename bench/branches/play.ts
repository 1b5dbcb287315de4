/** Plays a workload on a forest, and times what it does to its branches, each kind apart, inside the broker. */
import type { Random } from '../../src/base/random.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { LiveForest } from '../../src/sequencer/live-forest.ts';
import type { Command } from '../../src/state/command.ts';
import type { Root } from '../../src/state/ghosts/ghost.ts';
import { find } from '../../src/trie/lookup.ts';
import type { Metrics } from '../harness/case.ts';
import { beginCommand, commitCommand, publishOf, putText, revertCommand } from '../harness/forest.ts';
import { noteText, pathOf, untilDurable } from '../harness/plant.ts';
import { percentile } from '../harness/samples.ts';
import { BranchTree } from './branch-tree.ts';
import type { Branch } from './branch-tree.ts';
import { nodesPerSweep } from './shapes.ts';
import type { Shape } from './shapes.ts';

const kinds = ['begin', 'switch', 'read', 'write', 'commit', 'toTrunk', 'revert'] as const;
type Kind = (typeof kinds)[number];

/** Medians in microseconds, under names such as `beginUs`; kinds that the workload has none of are left out. */
export class Timings {
  readonly #taken = new Map<Kind, number[]>();

  note(kind: Kind, us: number): void {
    const taken = this.#taken.get(kind);
    if (taken === undefined) this.#taken.set(kind, [us]);
    else taken.push(us);
  }

  metrics(): Metrics {
    return Object.fromEntries(
      kinds.flatMap((kind) => {
        const taken = this.#taken.get(kind) ?? [];
        return taken.length === 0 ? [] : [[`${kind}Us`, percentile(taken, 0.5)]];
      }),
    );
  }
}

/** One run of a workload. The same seed does the same. */
export class Play {
  readonly #forest: LiveForest;
  readonly #shape: Shape;
  readonly #random: Random;
  readonly #tree: BranchTree;
  readonly #timings: Timings;

  constructor(forest: LiveForest, shape: Shape, seed: number, timings: Timings) {
    this.#forest = forest;
    this.#shape = shape;
    this.#random = seededRandom(seed);
    this.#tree = new BranchTree(shape);
    this.#timings = timings;
  }

  async run(): Promise<void> {
    const { workers, steps, comparisons, dropProbability } = this.#shape;
    const comparedEvery = comparisons === 0 ? Infinity : Math.max(1, Math.floor(steps / comparisons));
    for (let step = 0; step < steps; step += 1) {
      const begun: Branch[] = [];
      for (let worker = 0; worker < workers; worker += 1) {
        const parent = this.#tree.draw(this.#random);
        if (parent !== undefined) begun.push(this.#begin(parent));
      }
      for (const branch of begun) {
        this.#change(branch, step);
        this.#evaluate(this.#switchTo(branch), this.#shape.queries);
      }
      if ((step + 1) % comparedEvery === 0)
        for (const leaf of this.#tree.leaves()) this.#evaluate(this.#switchTo(leaf), 1);
      for (const branch of begun) {
        if (this.#random.below(1_000) < 1_000 * dropProbability) this.#revert(branch);
        else branch.isOpen = true;
      }
      // The journal takes to the disk what was told without waiting for it.
      await untilDurable(this.#forest);
    }
    await this.#keepOne();
  }

  #begin(parent: Branch): Branch {
    const ghostId = this.#forest.newGhostId();
    this.#atOnce('begin', beginCommand(this.#forest, ghostId, parent.ghostId));
    return this.#tree.add(parent, ghostId);
  }

  /** The state of a branch, as a call finds it that names the branch. What is read of it is timed for itself. */
  #switchTo({ ghostId }: Branch): Root {
    const start = performance.now();
    const ghost = this.#forest.ghostRoot(ghostId);
    this.#timings.note('switch', usSince(start));
    if (!('root' in ghost)) throw new Error(ghost.message);
    return ghost.root;
  }

  #change({ ghostId }: Branch, step: number): void {
    const { schemaChanges, dataChanges, isSweeping } = this.#shape;
    for (let index = 0; index < schemaChanges; index += 1) {
      const column = putText(['schema', `column_${index}`], `added in step ${step}`);
      this.#atOnce('write', publishOf([column], ghostId));
    }
    for (let index = 0; index < dataChanges; index += 1) {
      const nodes = isSweeping ? sweep : [this.#random.below(nodesPerSweep)];
      const puts = nodes.map((node) => putText(pathOf(node), noteText));
      this.#atOnce('write', publishOf(puts, ghostId), puts.length);
    }
  }

  /** Reads every node of a table, so many times over; its time is that of one node. */
  #evaluate(root: Root, queries: number): void {
    for (let query = 0; query < queries; query += 1) {
      let bytes = 0;
      const start = performance.now();
      for (const path of sweptPaths) bytes += find(root, path)?.entry?.bytes ?? 0;
      this.#timings.note('read', usSince(start) / sweptPaths.length);
      if (bytes !== sweptPaths.length * noteText.length) throw new Error('a branch lacks what was in it');
    }
  }

  #revert(branch: Branch): void {
    this.#atOnce('revert', revertCommand(branch.ghostId));
    this.#tree.remove(branch);
  }

  /** Commits one of the leaves into what it was begun in, and so on up to the trunk; everything else goes. */
  async #keepOne(): Promise<void> {
    const leaves = this.#tree.leaves();
    let kept = leaves.length === 0 ? undefined : leaves[this.#random.below(leaves.length)];
    while (kept !== undefined && kept.depth > 0) {
      const { parent, ghostId }: Branch = kept;
      for (const sibling of parent?.children ?? []) {
        if (sibling === kept) continue;
        this.#submit(revertCommand(sibling.ghostId));
        this.#tree.remove(sibling);
      }
      if (kept.depth > 1) this.#atOnce('commit', commitCommand(ghostId));
      else await this.#durably(commitCommand(ghostId));
      this.#tree.remove(kept);
      kept = parent ?? undefined;
    }
    await untilDurable(this.#forest);
  }

  /** What stays in ghosts is settled before `submit` returns. Its time is that of one of `parts`. */
  #atOnce(kind: Kind, command: Command, parts = 1): void {
    const start = performance.now();
    const isSettled = this.#submit(command);
    this.#timings.note(kind, usSince(start) / parts);
    if (!isSettled) throw new Error(`${command.kind} waited`);
  }

  async #durably(command: Command): Promise<void> {
    const start = performance.now();
    const { outcome } = await this.#forest.propose(command);
    this.#timings.note('toTrunk', usSince(start));
    if (outcome.kind === 'rejected') throw new Error(outcome.message);
  }

  #submit(command: Command): boolean {
    let isSettled = false;
    this.#forest.submit(command, ({ outcome }) => {
      isSettled = true;
      if (outcome.kind === 'rejected') throw new Error(`${command.kind}: ${outcome.message}`);
    });
    return isSettled;
  }
}

const sweep = Array.from({ length: nodesPerSweep }, (_, node) => node);
const sweptPaths = sweep.map(pathOf);

function usSince(start: number): number {
  return (performance.now() - start) * 1_000;
}
