/** What undoing a revision with all that was derived from it comes to, worked out from history in slices. */
import { AssertionError } from '../../base/assert.ts';
import type { Clock } from '../../base/clock.ts';
import {
  cascadeCopyNodesMin,
  cascadeCopySourcesMax,
  cascadeOperationsMax,
  cascadeRevisionsMax,
  cascadeRoundsMax,
  cascadeToldMax,
  cascadeUndoneMax,
} from '../../base/limits.ts';
import type { BasisEntry, RevertCascade } from '../../state/command.ts';
import type { NotUndone, UndonePublish } from '../../state/cascades/cascade-parts.ts';
import type { ForestState, Past } from '../../state/forest.ts';
import type { Root } from '../../state/ghosts/ghost.ts';
import type { LiveJudge } from '../../state/schemas/judge.ts';
import type { Rejection } from '../../state/outcome.ts';
import { locate } from '../../trie/lookup.ts';
import { formatPath } from '../../trie/path.ts';
import { trunkDiffs } from '../history.ts';
import type { History, StoredEntry } from '../history.ts';
import { resultInSlices, turn } from '../../base/slices.ts';
import { affectedBy, undonePublishes } from './affected.ts';
import type { Affected } from './affected.ts';
import { absenceOf, takenBackBy } from './absence.ts';
import { Counterfactual } from './counterfactual.ts';
import type { Absence } from './counterfactual.ts';
import type { DerivedFrom, DerivedPublish } from './derived.ts';
import { Footprint, markOf } from './footprint.ts';
import type { Mark } from './footprint.ts';
import { notUndone } from './not-undone.ts';
import { tooLarge, undone, undoOf } from './undo.ts';
import type { Present, Undo } from './undo.ts';

export interface CascadePlanOptions {
  readonly clock: Clock;
  readonly state: ForestState;
  readonly history: History;
  readonly judge: LiveJudge | undefined;
  readonly derivedFrom: DerivedFrom;
}

/** What is told of a cascade, and journaled with it. */
export type Worked = Pick<
  RevertCascade,
  'operations' | 'preconditions' | 'undone' | 'notUndone' | 'notUndoneTotal' | 'ghosts' | 'agents'
>;

/** The trunk at a journal position. */
export interface Point extends Present {
  readonly position: number;
}

/** How long a slice of the journal may keep the event loop, in entries. */
const entriesPerTurn = 512;

export class CascadePlan {
  readonly #options: CascadePlanOptions;
  /** What is taken back with all that was derived from it. */
  readonly revision: number;
  readonly #startPosition: number;
  /** What the undone publishes did, by revision. */
  readonly #marks = new Map<number, readonly Mark[]>();
  readonly #seenPositions = new Set<number>();
  #start: UndonePublish | null = null;
  #derived: readonly DerivedPublish[] = [];
  #affected: Affected = { ghosts: [], agents: [] };
  /** What each revert since `#baseRevision` has taken back. */
  readonly #reverts = new Map<number, readonly number[]>();
  /** What earlier reverts took back, as far as it was asked for. */
  readonly #marksBefore = new Map<number, readonly Mark[]>();
  /** The world begins with this revision. */
  #baseRevision: number;
  #footprint = new Footprint();
  #world: Counterfactual | null = null;
  /** Everything up to here is in `#world`. */
  #position = 0;
  #present: Present;
  #sources = new Map<number, Root>();
  #undo: Undo = { operations: [], preconditions: [] };

  /** Of the revision that the entry at `startPosition` made. */
  constructor(options: CascadePlanOptions, revision: number, startPosition: number, present: Present) {
    this.#options = options;
    this.revision = revision;
    this.#baseRevision = revision - 1;
    this.#startPosition = startPosition;
    this.#present = present;
  }

  /** Takes in everything up to `point`, which is durable. */
  async extend(point: Point): Promise<Rejection | null> {
    if (point.revision - this.revision > cascadeRevisionsMax)
      return tooLarge('cascadeRevisionsMax', cascadeRevisionsMax, point.revision - this.revision);
    const known = this.#marks.size;
    const refused = await this.#collect(point.position);
    if (refused !== null) return refused;
    if (this.#marks.size !== known) this.#world = null;
    const world = await this.#worldAt(point.position);
    if (this.#footprint.size > cascadeOperationsMax)
      return tooLarge('cascadeOperationsMax', cascadeOperationsMax, this.#footprint.size);
    this.#present = point;
    await this.#loadSources(world);
    return (await this.#fit(world)) ?? this.#work(world);
  }

  /**
   * Takes in what was applied since, in the turn in which it is to be proposed. False where that cannot be done in one turn: an
   * entry may be derived from what is undone, or its past must be loaded.
   */
  catchUp(entries: readonly StoredEntry[], present: Present): boolean {
    const world = this.#world;
    if (world === null) return false;
    let isChanged = false;
    for (const entry of entries) {
      if (this.#mayMatter(entry)) return false;
      if (world.rootsNeeded(entry).length > 0) return false;
      if (world.apply(entry, notHere)) isChanged = true;
      // Where a later one cannot be taken in, the walk goes on behind this one.
      this.#position = entry.proposal.position;
    }
    this.#present = present;
    return !isChanged || this.#work(world) === null;
  }

  /** What is known now. */
  worked(): Worked {
    const { root } = this.#present;
    const after = undone({ ...this.#present, root }, this.#undo.operations, this.#sources);
    const left: readonly NotUndone[] = notUndone(this.#footprint, after);
    const start = this.#start;
    return {
      operations: this.#undo.operations,
      preconditions: this.#undo.preconditions,
      undone: start === null ? [] : undonePublishes(start, this.#derived),
      notUndone: left.slice(0, cascadeToldMax),
      notUndoneTotal: left.length,
      ...this.#affected,
    };
  }

  /** The named revision changed no node. */
  get isEmpty(): boolean {
    return this.#marks.get(this.revision)?.length === 0;
  }

  /** Finds out what is derived, and what all of it has written. */
  async #collect(untilPosition: number): Promise<Rejection | null> {
    const { derivedFrom, state } = this.#options;
    if (this.#start === null) await this.#readStart();
    const derived: DerivedPublish[] = [];
    for await (const publish of derivedFrom(this.revision)) {
      if (publish.position > untilPosition) continue;
      if (publish.ghostId === '' && !(await this.#readUndone(publish))) continue;
      derived.push(publish);
      if (this.#marks.size > cascadeUndoneMax)
        return tooLarge('cascadeUndoneMax', cascadeUndoneMax, this.#marks.size);
    }
    this.#derived = derived;
    this.#affected = affectedBy(derived, (ghostId) => state.ghosts.get(ghostId)?.author);
    return null;
  }

  async #readStart(): Promise<void> {
    const entry = await this.#entryAt(this.#startPosition);
    const { command } = entry.proposal;
    const label = 'label' in command ? command.label : '';
    this.#start = { revision: this.revision, hops: 0, author: command.author, label };
    this.#note(entry);
  }

  /** False of a revert: it is no work of anybody's that was led astray. */
  async #readUndone({ position, at }: DerivedPublish): Promise<boolean> {
    if (this.#seenPositions.has(position)) return this.#marks.has(at);
    this.#seenPositions.add(position);
    const entry = await this.#entryAt(position);
    if (takenBackBy(entry.proposal.command) !== null) return false;
    this.#note(entry);
    return true;
  }

  #note(entry: StoredEntry): void {
    this.#marks.set(entry.effects.revision, marksOf(entry));
  }

  async #entryAt(position: number): Promise<StoredEntry> {
    for await (const entries of this.#options.history.entries(position, position))
      for (const entry of entries) return entry;
    throw this.#options.history.gone(position);
  }

  /**
   * The world without what is undone, up to a position. Reverts that are met on the way say that it must be without more; so it is
   * made anew then, and from an earlier root where they reach back before it.
   */
  async #worldAt(position: number): Promise<Counterfactual> {
    for (let round = 0; ; round += 1) {
      const reverts = this.#reverts.size;
      const world = this.#world ?? (await this.#newWorld());
      await this.#pass(world, this.#position, position);
      this.#world = world;
      this.#position = position;
      if (this.#reverts.size === reverts || round >= cascadeRoundsMax) return world;
      this.#world = null;
    }
  }

  async #newWorld(): Promise<Counterfactual> {
    const { history } = this.#options;
    await this.#reachBack((revision) => history.positionOf(revision));
    const base = await history.rootAt(this.#baseRevision);
    this.#footprint = this.#newFootprint();
    this.#position = (await history.positionOf(this.#baseRevision + 1)) - 1;
    return new Counterfactual(base, this.#footprint, this.#absence());
  }

  #newFootprint(): Footprint {
    const footprint = new Footprint();
    for (const [revision, marks] of this.#marks) for (const mark of marks) footprint.note(mark, revision);
    return footprint;
  }

  #absence(): Absence {
    return absenceOf(new Set(this.#marks.keys()), new Map([...this.#reverts].sort(([a], [b]) => a - b)));
  }

  /** Begins before all that was taken back at these places, as far as history is there. */
  async #reachBack(positionOf: (revision: number) => Promise<number>): Promise<void> {
    const { compactedRevision } = this.#options.state;
    const footprint = this.#newFootprint();
    for (const revision of this.#absence().before) {
      if (revision > this.#baseRevision || (revision !== 1 && revision - 1 < compactedRevision)) continue;
      const marks =
        this.#marksBefore.get(revision) ?? marksOf(await this.#entryAt(await positionOf(revision)));
      this.#marksBefore.set(revision, marks);
      if (marks.some(({ path, isSubtree }) => footprint.isTouchedAt(path, isSubtree)))
        this.#baseRevision = revision - 1;
    }
  }

  /** Takes journal entries into a world. */
  async #pass(world: Counterfactual, afterPosition: number, untilPosition: number): Promise<void> {
    const { history, clock } = this.#options;
    let seen = 0;
    for await (const entries of history.entries(afterPosition + 1, untilPosition)) {
      for (const entry of entries) {
        const takenBack = entry.effects.revision === 0 ? null : takenBackBy(entry.proposal.command);
        if (takenBack !== null) this.#reverts.set(entry.effects.revision, takenBack);
        const needed = world.rootsNeeded(entry);
        world.apply(entry, needed.length === 0 ? notHere : await this.#load(needed));
        seen += 1;
        if (seen % entriesPerTurn === 0) await turn(clock);
      }
    }
  }

  async #load(revisions: readonly number[]): Promise<Past> {
    const roots = new Map<number, Root>();
    for (const revision of revisions)
      if (!roots.has(revision)) roots.set(revision, await this.#options.history.rootAt(revision));
    return (revision) => roots.get(revision) ?? notHere(revision);
  }

  /** Roots from which whole subtrees are brought back. */
  async #loadSources(world: Counterfactual): Promise<void> {
    for (const { isSubtree, path, first } of this.#footprint.outermost()) {
      const count = isSubtree ? (locate(world.root, path)?.node.count ?? 0) : 0;
      if (count < cascadeCopyNodesMin || this.#sources.size >= cascadeCopySourcesMax) continue;
      if (!this.#sources.has(first - 1))
        this.#sources.set(first - 1, await this.#options.history.rootAt(first - 1));
    }
  }

  /** Leaves alone what a schema does not take. */
  async #fit(world: Counterfactual): Promise<Rejection | null> {
    const { state, judge, clock } = this.#options;
    const { schemas } = state;
    if (judge === undefined || schemas.isIdle) return null;
    for (let unfit = 0; ;) {
      const refused = this.#work(world);
      if (refused !== null) return refused;
      const { operations } = this.#undo;
      const after = undone(this.#present, operations, this.#sources);
      const problems = await resultInSlices(judge.staged({ schemas, after, operations }), clock);
      const paths = new Map(problems.map(({ path }) => [formatPath(path), path]));
      if (paths.size === 0) return null;
      unfit += paths.size;
      if (unfit > cascadeToldMax) return tooLarge('cascadeToldMax', cascadeToldMax, unfit);
      for (const path of paths.values()) {
        const place = this.#footprint.at(path) ?? this.#footprint.add(path, this.revision);
        place.isUnfit = true;
        world.concede(path, this.#present.root, this.#present.revision);
      }
    }
  }

  #work(world: Counterfactual): Rejection | null {
    const { root, revision } = this.#present;
    for (const { path, builtUponBy } of this.#footprint.within([]))
      if (builtUponBy !== 0) world.concede(path, root, revision);
    const undo = undoOf(this.#present, world.root, this.#footprint, this.#sources);
    if ('reason' in undo) return undo;
    this.#undo = undo;
    return null;
  }

  /** Whether an entry may be derived from what is undone, or changes what all of this is about. */
  #mayMatter({ proposal: { command }, effects }: StoredEntry): boolean {
    switch (command.kind) {
      case 'publish':
        return this.#mayDerive(command.ghostId, command.basis, command.operations);
      case 'commit_ghost':
        if (this.#affected.ghosts.some(({ ghostId }) => ghostId === command.ghostId)) return true;
        return effects.committed.some(({ basis, operations }) => this.#mayDerive('', basis, operations));
      case 'revert_revision':
      case 'revert_cascade':
      case 'compact':
        return true;
      case 'register_schema':
      case 'set_unbound_paths':
        return effects.revision !== 0;
      default:
        return false;
    }
  }

  #mayDerive(ghostId: string, basis: readonly BasisEntry[], operations: Undo['operations']): boolean {
    for (const operation of operations) {
      if (operation.kind !== 'copy') continue;
      if (this.#footprint.isSeenBy(operation.source, true, operation.sourceRevision || Infinity)) return true;
    }
    return basis.some((read) => {
      const within = 'ghostId' in read ? read.ghostId : '';
      if (within !== '' && within !== ghostId && this.#affected.ghosts.length > 0) return true;
      const isOld = within === '' && read.revision < this.revision;
      return !isOld && this.#footprint.isSeenBy(read.path, read.extent === 'subtree', read.revision);
    });
  }
}

function marksOf({ proposal, effects }: StoredEntry): readonly Mark[] {
  return trunkDiffs(proposal, effects).flatMap(({ operations }) => operations.map(markOf));
}

function notHere(revision: number): never {
  throw new AssertionError(`the root of revision ${revision} was not loaded`);
}
