/**
 * Goal: the state machine does exactly what its definition says, for any sequence of commands.
 * Method: seeded random commands go to the real one and to a naive one made of copied maps (naive-forest.ts). After every
 * command the outcome, and regularly the whole trunk and all ghosts, are compared: values, stamps, versions, authors.
 * Old roots are kept and compared again at the end, so that whatever edits a published node is found.
 */
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import type { Random } from '../../src/base/random.ts';
import { apply } from '../../src/state/apply.ts';
import type { Command } from '../../src/state/command.ts';
import { emptyForest } from '../../src/state/forest.ts';
import type { Root } from '../../src/state/ghost.ts';
import { formatPath } from '../../src/trie/path.ts';
import { compare, realOperation } from './naive-and-real.ts';
import { NaiveTree, naiveConflicts } from './naive-forest.ts';
import type { NaiveDiff, NaiveOperation } from './naive-forest.ts';

const seeds = [1, 2, 3, 4, 5];
const commandsPerSeed = Number(process.env['MODEL_COMMANDS'] ?? 5_000);

interface NaiveGhost {
  readonly parentId: string;
  readonly base: NaiveTree;
  readonly firstSequence: number;
  view: NaiveTree;
  sequence: number;
  staged: NaiveDiff[];
  checkpoints: { name: string; sequence: number; view: NaiveTree; staged: NaiveDiff[] }[];
}

describe.each(seeds)('with seed %i', (seed) => {
  test(`the state machine equals the naive one over ${commandsPerSeed} commands`, () => {
    const run = new Run(seededRandom(seed));
    for (let index = 0; index < commandsPerSeed; index += 1) run.step(index);
    run.compareEverything('all');
    run.compareOldRoots();
    expect(run.accepted).toBeGreaterThan(commandsPerSeed / 4);
    expect([...run.kinds.keys()].sort()).toEqual(
      ['begin_ghost', 'checkpoint_ghost', 'commit_ghost', 'publish', 'revert_ghost', 'rewind_ghost'].sort(),
    );
    expect(run.conflicts).toBeGreaterThan(20);
    expect(run.rebased).toBeGreaterThan(15);
  });
});

class Run {
  accepted = 0;
  conflicts = 0;
  rebased = 0;
  readonly kinds = new Map<string, number>();
  readonly #random: Random;
  readonly #state = emptyForest();
  readonly #roots: Root[] = [];
  readonly #trees: NaiveTree[] = [];
  readonly #ghosts = new Map<string, NaiveGhost>();
  readonly #compared = new WeakMap<Root, NaiveTree>();
  #trunk = new NaiveTree();
  #nextGhost = 1;

  constructor(random: Random) {
    this.#random = random;
    this.#roots.push(this.#state.root);
    this.#trees.push(this.#trunk);
  }

  step(index: number): void {
    const dice = this.#random.below(100);
    const ghostId = this.#anyGhost();
    if (ghostId === '' || dice < 45) this.#publish('');
    else if (dice < 70) this.#publish(ghostId);
    else if (dice < 80) this.#begin(this.#random.below(3) === 0 ? ghostId : '');
    else if (dice < 85) this.#checkpoint(ghostId, `c${index}`);
    else if (dice < 89) this.#rewind(ghostId);
    else if (dice < 93) this.#revert(ghostId);
    else this.#commit(ghostId);
    if (this.#ghosts.size < 3) this.#begin('');
    if (index % 50 === 0) this.compareEverything('what is new');
  }

  /** What was compared before and is the same object on both sides waits for the end, where all is compared once more. */
  compareEverything(which: 'all' | 'what is new'): void {
    const compareNew = (root: Root, tree: NaiveTree): void => {
      if (which === 'what is new' && this.#compared.get(root) === tree) return;
      compare(root, tree);
      this.#compared.set(root, tree);
    };
    compareNew(this.#state.root, this.#trunk);
    expect([...this.#state.ghosts.keys()].sort()).toEqual([...this.#ghosts.keys()].sort());
    for (const [id, ghost] of this.#ghosts) {
      const real = this.#state.ghosts.get(id);
      if (real === undefined) throw new Error(`ghost ${id} is missing`);
      compareNew(real.root, ghost.view);
      expect(real.staged?.operations ?? 0).toBe(ghost.staged.flatMap((diff) => diff.operations).length);
    }
  }

  compareOldRoots(): void {
    for (const [revision, root] of this.#roots.entries()) {
      const tree = this.#trees[revision];
      if (tree !== undefined && (revision % 7 === 0 || revision < 50)) compare(root, tree);
    }
  }

  #publish(ghostId: string): void {
    const author = `agent_${this.#random.below(4)}`;
    const count = 1 + this.#random.below(3);
    const operations = Array.from({ length: count }, () => this.#operation());
    const ghost = this.#ghosts.get(ghostId);
    const stamp = ghost === undefined ? this.#state.revision + 1 : -(ghost.sequence + 1);
    const view = new NaiveTree(ghost?.view ?? this.#trunk);
    const problem = operateAll(view, operations, stamp, author, this.#past);
    const outcome = this.#apply({
      kind: 'publish',
      ghostId,
      operations: operations.map(realOperation),
      preconditions: [],
      label: '',
      basis: [],
      author,
      request: null,
    });
    expect(outcome.kind === 'rejected' ? outcome.reason : null).toBe(problem);
    if (problem !== null) return;
    if (ghost === undefined) {
      this.#newTrunk(view);
      return;
    }
    ghost.view = view;
    ghost.sequence += 1;
    ghost.staged = [...ghost.staged, { author, operations }];
  }

  #begin(parentId: string): void {
    const id = `g${this.#nextGhost++}`;
    const parent = this.#ghosts.get(parentId);
    const outcome = this.#apply({
      kind: 'begin_ghost',
      ghostId: id,
      scope: [],
      baseRevision: this.#state.revision,
      parentId,
      ttlMs: 60_000,
      label: '',
      author: 'a',
      request: null,
    });
    expect(outcome.kind).toBe('ghost_begun');
    const base = new NaiveTree(parent?.view ?? this.#trunk);
    const sequence = parent?.sequence ?? 0;
    this.#ghosts.set(id, {
      parentId,
      base,
      firstSequence: sequence,
      view: base,
      sequence,
      staged: [],
      checkpoints: [],
    });
  }

  #checkpoint(ghostId: string, name: string): void {
    const ghost = this.#ghost(ghostId);
    expect(this.#apply({ kind: 'checkpoint_ghost', ghostId, name, author: 'a', request: null }).kind).toBe(
      'checkpointed',
    );
    const { sequence, view, staged } = ghost;
    ghost.checkpoints.push({ name, sequence, view, staged });
  }

  #rewind(ghostId: string): void {
    const ghost = this.#ghost(ghostId);
    const index = this.#random.below(ghost.checkpoints.length + 1) - 1;
    const target = index < 0 ? ghost.checkpoints.at(-1) : ghost.checkpoints[index];
    const checkpoint = index < 0 ? '' : (target?.name ?? '');
    const outcome = this.#apply({
      kind: 'rewind_ghost',
      ghostId,
      checkpoint,
      reason: 'r',
      author: 'a',
      request: null,
    });
    expect(outcome.kind).toBe('ghost_reverted');
    for (const [id, other] of this.#ghosts) {
      if (other.parentId === ghostId && other.firstSequence > (target?.sequence ?? ghost.firstSequence))
        this.#drop(id);
    }
    ghost.view = target?.view ?? ghost.base;
    ghost.staged = target?.staged ?? [];
    ghost.checkpoints =
      target === undefined ? [] : ghost.checkpoints.slice(0, ghost.checkpoints.indexOf(target) + 1);
  }

  #revert(ghostId: string): void {
    const outcome = this.#apply({ kind: 'revert_ghost', ghostId, reason: 'r', author: 'a', request: null });
    expect(outcome.kind).toBe('ghost_reverted');
    this.#drop(ghostId);
  }

  #commit(ghostId: string): void {
    const ghost = this.#ghost(ghostId);
    const outcome = this.#apply({
      kind: 'commit_ghost',
      ghostId,
      isolation: 'writes',
      label: '',
      author: 'a',
      request: null,
    });
    if ([...this.#ghosts.values()].some(({ parentId }) => parentId === ghostId)) {
      expect(outcome).toMatchObject({ kind: 'rejected', reason: 'GHOST_HAS_CHILDREN' });
      return;
    }
    const parent = this.#ghosts.get(ghost.parentId);
    const target = parent?.view ?? this.#trunk;
    const conflicts = naiveConflicts(ghost.base, target, ghost.staged);
    const moved = JSON.stringify([...ghost.base.touched]) !== JSON.stringify([...target.touched]);
    if (conflicts.size > 0) {
      this.conflicts += 1;
      expect(outcome).toMatchObject({ kind: 'rejected', reason: 'CONFLICT' });
      if (outcome.kind === 'rejected') {
        expect(new Set(outcome.conflicts.map(({ path }) => formatPath(path)))).toEqual(conflicts);
      }
      return;
    }
    const view = new NaiveTree(target);
    const stamp =
      parent === undefined
        ? this.#state.revision + (outcome.kind === 'rejected' ? 1 : 0)
        : -(parent.sequence + 1);
    const staged = ghost.staged;
    const problem = staged
      .map((diff) => operateAll(view, diff.operations, stamp, diff.author, this.#past))
      .find((refused) => refused !== null);
    if (problem !== undefined) {
      expect(outcome).toMatchObject({ kind: 'rejected', reason: 'CONFLICT' });
      return;
    }
    expect(outcome.kind).toBe('committed');
    if (moved && staged.length > 0) this.rebased += 1;
    this.#ghosts.delete(ghostId);
    if (staged.length === 0) return;
    if (parent === undefined) {
      this.#newTrunk(view);
    } else {
      parent.view = view;
      parent.sequence += 1;
      parent.staged = [...parent.staged, ...staged];
    }
  }

  #drop(ghostId: string): void {
    this.#ghosts.delete(ghostId);
    for (const [id, other] of this.#ghosts) if (other.parentId === ghostId) this.#drop(id);
  }

  #newTrunk(tree: NaiveTree): void {
    this.#trunk = tree;
    this.#trees[this.#state.revision] = tree;
    this.#roots[this.#state.revision] = this.#state.root;
  }

  #apply(command: Command): ReturnType<typeof apply>['outcome'] {
    const position = this.#state.position + 1;
    const before = this.#state.root;
    const applied = apply(this.#state, { position, timeMs: position, command }, (revision) => {
      const root = this.#roots[revision];
      if (root === undefined) throw new Error(`no root ${revision}`);
      return root;
    });
    if (applied.outcome.kind === 'rejected') expect(this.#state.root).toBe(before);
    else {
      this.accepted += 1;
      this.kinds.set(command.kind, (this.kinds.get(command.kind) ?? 0) + 1);
    }
    return applied.outcome;
  }

  readonly #past = (revision: number): NaiveTree => {
    const tree = this.#trees[revision];
    if (tree === undefined) throw new Error(`no tree ${revision}`);
    return tree;
  };

  #ghost(id: string): NaiveGhost {
    const ghost = this.#ghosts.get(id);
    if (ghost === undefined) throw new Error(`no ghost ${id}`);
    return ghost;
  }

  #anyGhost(): string {
    const ids = [...this.#ghosts.keys()];
    return ids[this.#random.below(Math.max(1, ids.length))] ?? '';
  }

  #operation(): NaiveOperation {
    const path = this.#path();
    switch (this.#random.below(9)) {
      case 0:
        return { kind: 'put', path, type: 'json', data: this.#json() };
      case 1:
        return { kind: 'put', path, type: 'text', data: `t${this.#random.below(5)}é` };
      case 2:
        return { kind: 'append', path, type: 'items', data: this.#json() };
      case 3:
        return { kind: 'append', path, type: 'text', data: 'x' };
      case 4:
        return { kind: 'merge', path, patch: this.#json() };
      case 5:
        return { kind: 'increment', path, amount: BigInt(this.#random.below(9)) - 4n };
      case 6:
        return { kind: 'delete', path, scope: this.#random.below(2) === 0 ? 'node' : 'subtree' };
      case 7: {
        const revisions = this.#state.revision;
        const sourceRevision =
          this.#random.below(2) === 0 ? 0 : 1 + this.#random.below(Math.max(1, revisions));
        return {
          kind: 'copy',
          path,
          source: this.#path(),
          sourceRevision: Math.min(sourceRevision, revisions),
        };
      }
      default:
        return { kind: 'put', path, type: 'json', data: '[1,2]' };
    }
  }

  #path(): string {
    const depth = 1 + this.#random.below(3);
    return Array.from({ length: depth }, () => `/${'abcdef'[this.#random.below(6)]}`).join('');
  }

  #json(): string {
    const n = this.#random.below(5);
    return (
      ['7', '{"k":1}', `{"k":{"l":${n}}}`, `{"m":null,"n":${n}}`, `{"o":"é","k":null}`][
        this.#random.below(5)
      ] ?? '0'
    );
  }
}

function operateAll(
  view: NaiveTree,
  operations: readonly NaiveOperation[],
  stamp: number,
  author: string,
  past: (revision: number) => NaiveTree,
): string | null {
  for (const operation of operations) {
    const problem = view.operate(operation, stamp, author, past);
    if (problem !== null) return problem;
  }
  return null;
}
