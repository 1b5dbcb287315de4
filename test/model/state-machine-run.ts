/** One run of the model test: random commands to the real state machine and to the naive one, and both compared. */
import { expect } from 'vitest';
import type { Random } from '../../src/base/random.ts';
import { apply } from '../../src/state/apply.ts';
import type { Command } from '../../src/state/command.ts';
import { emptyForest } from '../../src/state/forest.ts';
import { approvedCommit } from '../../src/state/ghosts/gates.ts';
import type { Gate } from '../../src/state/ghosts/gate.ts';
import type { Root } from '../../src/state/ghosts/ghost.ts';
import { formatPath } from '../../src/trie/path.ts';
import { forbid, WordJudge } from '../support/word-judge.ts';
import { compare, compareGates, realOperation } from './naive-and-real.ts';
import { NaiveTree, naiveConflicts } from './naive-forest.ts';
import { expectedOfSchemas, expectedTold, free, NaiveGates, randomGates } from './naive-gates.ts';
import { operateAll, operationsIn } from './naive-ghost.ts';
import type { NaiveGhost } from './naive-ghost.ts';
import { typed, unfitPaths, violates } from './naive-schemas.ts';
import { RandomOperations } from './random-operations.ts';

export class Run {
  accepted = 0;
  conflicts = 0;
  rebased = 0;
  readonly kinds = new Map<string, number>();
  /** What came of commands about gates and races. */
  readonly told = new Set<string>();
  readonly #random: Random;
  readonly #isGated: boolean;
  readonly #isTyped: boolean;
  readonly #judge = new WordJudge();
  readonly #operations: RandomOperations;
  readonly #gates = new NaiveGates();
  /** Editions of ghosts when they were begun. */
  readonly #editions = new Map<string, number>();
  readonly #state = emptyForest();
  readonly #roots: Root[] = [];
  readonly #trees: NaiveTree[] = [];
  readonly #ghosts = new Map<string, NaiveGhost>();
  readonly #compared = new WeakMap<Root, NaiveTree>();
  #trunk = new NaiveTree();
  #nextGhost = 1;

  /**
   * `gated`: ghosts have gates and races, and there are reviewers. `typed`: that, and schemas, of which ghosts say what is to
   * become of values that do not fit.
   */
  constructor(random: Random, kind: 'plain' | 'gated' | 'typed') {
    this.#isGated = kind !== 'plain';
    this.#isTyped = kind === 'typed';
    this.#random = random;
    this.#operations = new RandomOperations(random, !this.#isTyped);
    this.#roots.push(this.#state.root);
    this.#trees.push(this.#trunk);
    if (!this.#isTyped) return;
    for (const [index, path] of typed.paths.entries()) {
      this.#apply(forbid(typed.word, path, `schema_${index}`));
      this.#newTrunk(this.#trunk);
    }
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
    else if (this.#isGated && dice < 97) this.#review(ghostId);
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
    // Whatever was staged, and in whatever way it came: nothing on the trunk breaks a schema.
    if (this.#isTyped) expect(unfitPaths(this.#trunk)).toEqual([]);
    expect([...this.#state.ghosts.keys()].sort()).toEqual([...this.#ghosts.keys()].sort());
    for (const [id, ghost] of this.#ghosts) {
      const real = this.#state.ghosts.get(id);
      if (real === undefined) throw new Error(`ghost ${id} is missing`);
      compareNew(real.root, ghost.view);
      expect(real.staged?.operations ?? 0).toBe(operationsIn(ghost.staged));
    }
    compareGates(this.#state, this.#gates, this.#editions);
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
    const operations = Array.from({ length: count }, () => this.#operations.operation(this.#state.revision));
    const ghost = this.#ghosts.get(ghostId);
    const stamp = ghost === undefined ? this.#state.revision + 1 : -(ghost.sequence + 1);
    const view = new NaiveTree(ghost?.view ?? this.#trunk);
    const problem = operateAll(view, operations, stamp, author, this.#past);
    const isFull =
      ghost !== undefined && this.#gates.isFull(ghostId, operationsIn(ghost.staged) + operations.length);
    const action = this.#gates.onViolation(ghostId);
    const isUnfit = this.#isTyped && action !== 'collect' && violates(view, operations);
    const unfit = isUnfit ? (action === 'revert' ? 'GATE_REVERTED' : 'SCHEMA_VIOLATION') : null;
    const expected = isFull ? 'GATE_LIMIT' : (problem ?? unfit);
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
    expect(outcome.kind === 'rejected' ? outcome.reason : null).toBe(expected);
    if (expected === 'GATE_REVERTED') this.#takeBack(ghostId);
    if (expected !== null) return;
    if (ghost === undefined) {
      this.#newTrunk(view);
      return;
    }
    ghost.view = view;
    ghost.sequence += 1;
    ghost.staged = [...ghost.staged, { author, operations }];
    this.#gates.changed(ghostId);
  }

  #begin(parentId: string): void {
    const id = `g${this.#nextGhost++}`;
    const parent = this.#ghosts.get(parentId);
    const { reviewers, operationsMax, raceId, onViolation } = this.#isGated
      ? randomGates(this.#random, this.#nextGhost, this.#isTyped)
      : free;
    const gates: Gate[] = reviewers.map((reviewer) => ({ kind: 'review', reviewer }));
    if (operationsMax > 0) gates.push({ kind: 'limit', patterns: [], operationsMax, bytesMax: 0 });
    if (onViolation !== 'refuse') gates.push({ kind: 'schema', onViolation });
    const naive = { reviewers, operationsMax, onViolation };
    const expected = this.#gates.begin(id, parentId, naive, raceId, 7);
    const outcome = this.#apply({
      kind: 'begin_ghost',
      ghostId: id,
      scope: [],
      baseRevision: this.#state.revision,
      parentId,
      ttlMs: 60_000,
      label: '',
      gates,
      raceId,
      ...(raceId === '' ? {} : { attemptsMax: 7 }),
      author: 'a',
      request: null,
    });
    expect(outcome.kind === 'rejected' ? outcome.reason : null).toBe(expected);
    if (expected !== null) return;
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
    this.#editions.set(id, 1 + sequence);
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
    if (!this.#gates.takesAttempt(ghostId)) {
      expect(outcome).toMatchObject({ kind: 'rejected', reason: 'RACE_EXHAUSTED' });
      return;
    }
    expect(outcome.kind).toBe('ghost_reverted');
    this.#goBack(ghostId, target);
  }

  #goBack(ghostId: string, target: NaiveGhost['checkpoints'][number] | undefined): void {
    const ghost = this.#ghost(ghostId);
    for (const [id, other] of this.#ghosts) {
      if (other.parentId === ghostId && other.firstSequence > (target?.sequence ?? ghost.firstSequence))
        this.#drop(id);
    }
    this.#gates.changed(ghostId);
    ghost.view = target?.view ?? ghost.base;
    ghost.staged = target?.staged ?? [];
    ghost.checkpoints =
      target === undefined ? [] : ghost.checkpoints.slice(0, ghost.checkpoints.indexOf(target) + 1);
  }

  /** A reviewer decides, as a rule about the ghost as it is. What is approved by all is committed at once. */
  #review(anyId: string): void {
    const asked = [...this.#gates.ghosts].filter(([, { pending }]) => pending).map(([id]) => id);
    const ghostId = asked[this.#random.below(asked.length + 1)] ?? anyId;
    const gated = this.#gates.ghosts.get(ghostId);
    if (gated === undefined) throw new Error(`no ghost ${ghostId}`);
    const edition =
      (this.#editions.get(ghostId) ?? 0) + gated.changes - (this.#random.below(8) === 0 ? 1 : 0);
    const reviewer = ['ada', 'ada', 'bob', 'eve'][this.#random.below(4)] ?? '';
    const approved = this.#random.below(6) > 0;
    const decision = { ghostId, reviewer, edition, approved, reason: 'r' };
    const outcome = this.#apply({ kind: 'review_ghost', ...decision, author: '', request: null });
    const isPresent = edition === (this.#editions.get(ghostId) ?? 0) + gated.changes;
    const isNamed = gated.approved.has(reviewer);
    const refused = isNamed ? (isPresent ? null : 'REVIEW_OUTDATED') : 'REVIEWER_NOT_FOUND';
    expect(outcome.kind === 'rejected' ? outcome.reason : null).toBe(refused);
    if (refused !== null) return;
    if (approved) {
      gated.approved.set(reviewer, gated.changes);
      if (gated.pending && this.#gates.isOpen(ghostId)) this.#commit(ghostId);
    } else {
      this.#takeBack(ghostId);
    }
  }

  /** Back to the newest checkpoint, or to an end where its race has no attempt left. */
  #takeBack(ghostId: string): void {
    if (this.#gates.takesAttempt(ghostId)) this.#goBack(ghostId, this.#ghost(ghostId).checkpoints.at(-1));
    else this.#drop(ghostId);
  }

  #revert(ghostId: string): void {
    const outcome = this.#apply({ kind: 'revert_ghost', ghostId, reason: 'r', author: 'a', request: null });
    expect(outcome.kind).toBe('ghost_reverted');
    this.#drop(ghostId);
  }

  /** Asks for a commit; or, where all reviewers have approved one that waits, does what the broker does then. */
  #commit(ghostId: string): void {
    const ghost = this.#ghost(ghostId);
    const gated = this.#gates.ghosts.get(ghostId);
    const real = this.#state.ghosts.get(ghostId);
    const isAsked = gated?.pending === true && this.#gates.isOpen(ghostId);
    const approved = isAsked && real !== undefined ? approvedCommit(real) : null;
    expect(approved !== null).toBe(isAsked);
    const plain = { kind: 'commit_ghost', ghostId, isolation: 'writes', label: '' } as const;
    const outcome = this.#apply(approved ?? { ...plain, author: 'a', request: null });
    const told = outcome.kind === 'rejected' ? outcome.reason : outcome.kind;
    const expected = this.#expectedOfCommit(ghostId, ghost);
    if (expected === 'CONFLICT') this.conflicts += 1;
    if (isAsked && gated !== undefined) gated.pending = false;
    if (expected !== '' || told !== 'committed') {
      // An operation that is refused on the newer state is a conflict too, and is found by doing it.
      if (expected === '') expect([told, this.#replayed(ghost, 1)]).toEqual(['CONFLICT', null]);
      else expect(told).toBe(expected);
      if (expected === 'CONFLICT' && outcome.kind === 'rejected' && gated !== undefined)
        expect(new Set(outcome.conflicts.map(({ path }) => formatPath(path)))).toEqual(
          this.#conflictsOf(ghost),
        );
      if (told === 'commit_pending' && gated !== undefined) gated.pending = true;
      if (told === 'GATE_REVERTED') this.#takeBack(ghostId);
      return;
    }
    this.#committed(ghostId, ghost);
  }

  /** Why a commit does not pass; empty where it does, or only doing it can tell. */
  #expectedOfCommit(ghostId: string, ghost: NaiveGhost): string {
    if ([...this.#ghosts.values()].some(({ parentId }) => parentId === ghostId)) return 'GHOST_HAS_CHILDREN';
    const parent = this.#ghosts.get(ghost.parentId);
    const operations = operationsIn(ghost.staged);
    if (parent !== undefined && operations > 0) {
      if (this.#gates.isFull(ghost.parentId, operationsIn(parent.staged) + operations)) return 'GATE_LIMIT';
    }
    if (this.#conflictsOf(ghost).size > 0) return 'CONFLICT';
    const isOpen = this.#gates.isOpen(ghostId);
    const action = this.#gates.onViolation(ghostId);
    if (this.#isTyped && operations > 0 && (isOpen || action !== 'refuse')) {
      const view = this.#replayed(ghost, 1);
      if (view === null) return '';
      const isCollected = this.#gates.onViolation(ghost.parentId) === 'collect';
      const staged = ghost.staged.flatMap((diff) => diff.operations);
      if (!isCollected && violates(view, staged))
        return action === 'revert' ? 'GATE_REVERTED' : 'SCHEMA_VIOLATION';
    }
    return isOpen ? '' : 'commit_pending';
  }

  #conflictsOf(ghost: NaiveGhost): Set<string> {
    const target = this.#ghosts.get(ghost.parentId)?.view ?? this.#trunk;
    return naiveConflicts(ghost.base, target, ghost.staged);
  }

  /** The target with all that is staged, or `null` where an operation is refused. */
  #replayed(ghost: NaiveGhost, ahead: 0 | 1): NaiveTree | null {
    const parent = this.#ghosts.get(ghost.parentId);
    const view = new NaiveTree(parent?.view ?? this.#trunk);
    const stamp = parent === undefined ? this.#state.revision + ahead : -(parent.sequence + 1);
    const refused = ghost.staged.some(
      ({ operations, author }) => operateAll(view, operations, stamp, author, this.#past) !== null,
    );
    return refused ? null : view;
  }

  #committed(ghostId: string, ghost: NaiveGhost): void {
    const parent = this.#ghosts.get(ghost.parentId);
    const target = parent?.view ?? this.#trunk;
    const { staged } = ghost;
    const view = this.#replayed(ghost, 0);
    if (view === null) throw new Error(`the commit of ${ghostId} should have been refused`);
    const moved = JSON.stringify([...ghost.base.touched]) !== JSON.stringify([...target.touched]);
    if (moved && staged.length > 0) this.rebased += 1;
    for (const loser of this.#gates.losers(ghostId)) this.#drop(loser);
    this.#drop(ghostId);
    if (staged.length === 0) return;
    if (parent === undefined) {
      this.#newTrunk(view);
      return;
    }
    parent.view = view;
    parent.sequence += 1;
    parent.staged = [...parent.staged, ...staged];
    this.#gates.changed(ghost.parentId);
  }

  #drop(ghostId: string): void {
    this.#ghosts.delete(ghostId);
    this.#gates.gone(ghostId);
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
    const past = (revision: number): Root => {
      const root = this.#roots[revision];
      if (root === undefined) throw new Error(`no root ${revision}`);
      return root;
    };
    const applied = apply(this.#state, { position, timeMs: position, command }, past, this.#judge);
    const { outcome } = applied;
    const told = outcome.kind === 'rejected' ? outcome.reason : outcome.kind;
    if (expectedTold.has(told) || expectedOfSchemas.has(told)) this.told.add(told);
    if (outcome.kind === 'rejected') expect(this.#state.root).toBe(before);
    else {
      this.accepted += 1;
      this.kinds.set(command.kind, (this.kinds.get(command.kind) ?? 0) + 1);
    }
    return outcome;
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
}
