/**
 * Who had read what, the plain way: from what agents asked for, and from the story of the trunk. Every read is compared with everything that was
 * ever written below `mindPrefix`. Nothing of the broker's index, and none of its code, is in it.
 */
import type { Change, Event } from '../../src/gen/hyperloom/v1/event_pb.ts';
import { BasisExtent, DeleteScope } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import { mindPrefix } from './knowledge.ts';
import type { BasisInit, Dream, DreamtThought, Knowledge } from './knowledge.ts';
import { isBelow } from './model.ts';
import type { OperationInit } from './requests.ts';

/** Something that was done at a path. `replace` reaches all below it too; what is added leaves what was there. */
interface Mark {
  readonly path: string;
  readonly kind: 'assign' | 'add' | 'replace';
}

interface Write extends Mark {
  readonly revision: number;
}

/** A read of the trunk at a revision, of which some places were hidden by what its reader had staged in its ghost. */
interface Read {
  readonly path: string;
  readonly isSubtree: boolean;
  readonly at: number;
  readonly hiddenBy: readonly Mark[];
}

export interface Publish {
  readonly event: Event;
  readonly revision: number;
  /** Whoever had a part in it. */
  readonly author: string;
  readonly reads: readonly Read[];
  /** Revisions whose work it had before it. */
  readonly sources: ReadonlySet<number>;
  /** It takes something back, and so is nobody's thought. */
  readonly isRevert: boolean;
}

export class Derivation {
  /** By revision: whatever wrote below `mindPrefix`. */
  readonly publishes = new Map<number, Publish>();
  readonly #writes: Write[] = [];
  readonly #readers = new Map<number, number[]>();
  readonly #shown = new Map<BasisInit, ReadonlySet<number>>();

  constructor(events: readonly Event[], knowledge: Knowledge) {
    const thoughts = new Map(knowledge.thoughts.map((thought) => [thought.requestId, thought]));
    const dreams = new Map(knowledge.dreams.map((dream) => [dream.ghostId, dream]));
    for (const event of events) {
      const marks = event.changes.map(markOf).filter(({ path }) => isBelow(path, mindPrefix));
      if (marks.length === 0) continue;
      const revision = Number(event.revision);
      const thought = thoughts.get(event.requestId);
      const dream = dreams.get(event.ghostId);
      const reads = [
        ...(thought?.looks ?? []).map(({ basis }) => readOf(basis, null)),
        ...(dream?.diffs ?? []).flatMap((diff) => readsIn(dream as Dream, diff)),
        ...event.changes.flatMap((change) => readBy(event, change)),
      ].filter(({ at }) => at < revision);
      const sources = new Set(reads.flatMap((read) => [...this.shown(read)]));
      sources.delete(revision);
      const isRevert = event.revertedRevision !== 0n;
      this.publishes.set(revision, { event, revision, author: event.author, reads, sources, isRevert });
      for (const source of sources)
        this.#readers.set(source, [...(this.#readers.get(source) ?? []), revision]);
      for (const mark of marks) this.#writes.push({ ...mark, revision });
    }
  }

  /**
   * Revisions that a read has shown something of: what was put, removed or copied there last, and all that was added since. What was written up
   * to `forgotten` hides nothing.
   */
  shown({ path, isSubtree, at, hiddenBy }: Read, forgotten = 0): Set<number> {
    const found = new Set<number>();
    const writes = this.#writes.filter(({ revision }) => revision <= at);
    for (const write of writes) {
      const target = targetOf(write, path, isSubtree);
      if (target === null || found.has(write.revision)) continue;
      const later = writes.filter(({ revision }) => revision > Math.max(write.revision, forgotten));
      if (![...later, ...hiddenBy].some((mark) => hides(mark, target))) found.add(write.revision);
    }
    return found;
  }

  /** All that is derived from a revision by `asOf`, with how many publishes away it is. The revision itself is left out. */
  downstream(start: number, asOf: number): Map<number, number> {
    const found = new Map<number, number>([[start, 0]]);
    for (let frontier = [start], hops = 1; frontier.length > 0; hops += 1) {
      const next: number[] = [];
      for (const reader of frontier.flatMap((each) => this.#readers.get(each) ?? [])) {
        if (reader > asOf || found.has(reader)) continue;
        found.set(reader, hops);
        next.push(reader);
      }
      frontier = next;
    }
    found.delete(start);
    return found;
  }

  /**
   * What may be told to be derived where history up to `forgotten` was given up: who wrote over something may be gone, while others of whom there is
   * something left are known with all that they wrote.
   */
  downstreamAtMost(start: number, asOf: number, forgotten: number): Set<number> {
    const found = new Set([start]);
    for (const { revision, reads } of this.publishes.values()) {
      if (revision <= start || revision > asOf) continue;
      const sources = reads.flatMap((read) => [...this.shown(read, forgotten)]);
      if (sources.some((source) => found.has(source))) found.add(revision);
    }
    return found;
  }

  /** What a cascade of a revision undoes at `asOf`: that, and all that is derived and nobody's revert, as `hops: revision`. */
  undone(start: number, asOf: number): Map<number, number> {
    const found = [...this.downstream(start, asOf)].filter(
      ([each]) => this.publishes.get(each)?.isRevert !== true,
    );
    return new Map([[start, 0], ...found]);
  }

  /** What of the reads of a diff in a ghost has shown any of these revisions. */
  hits(dream: Dream, { looks }: DreamtThought, revisions: ReadonlySet<number>): readonly BasisInit[] {
    const read = looks.map(({ basis }) => basis);
    return read.filter((basis) => [...this.#shownIn(dream, basis)].some((each) => revisions.has(each)));
  }

  /** Whether any of these revisions has done something to a path. */
  hasWritten(revisions: Iterable<number>, path: string): boolean {
    const asked = new Set(revisions);
    return this.#writes.some(
      (write) =>
        asked.has(write.revision) &&
        (write.path === path || (write.kind === 'replace' && isBelow(path, write.path))),
    );
  }

  /** Whether there is a revert among what led to a revision. */
  isMended(revision: number): boolean {
    const met = new Set([revision]);
    for (const each of met) for (const source of this.publishes.get(each)?.sources ?? []) met.add(source);
    return [...met].some((each) => this.publishes.get(each)?.isRevert === true);
  }

  #shownIn(dream: Dream, basis: BasisInit): ReadonlySet<number> {
    const known = this.#shown.get(basis) ?? this.shown(readOf(basis, dream));
    this.#shown.set(basis, known);
    return known;
  }
}

function readsIn(dream: Dream, { looks }: DreamtThought): Read[] {
  return looks.map(({ basis }) => readOf(basis, dream));
}

function readOf(
  { path, extent, revision, ghostId = '', sequence = 0n }: BasisInit,
  dream: Dream | null,
): Read {
  const isSubtree = extent === BasisExtent.SUBTREE;
  if (ghostId === '' || dream === null) return { path, isSubtree, at: Number(revision), hiddenBy: [] };
  const staged = dream.diffs.filter((diff) => diff.sequence > 0 && diff.sequence <= Number(sequence));
  const hiddenBy = staged.flatMap(({ operations }) => operations.map(markOfInit));
  return { path, isSubtree, at: dream.baseRevision, hiddenBy };
}

/** What is read by the deed itself: the source of a copy, and what a revert brings back. */
function readBy({ revision, revertedRevision }: Event, { path, action }: Change): Read[] {
  const before = Number(revertedRevision === 0n ? revision : revertedRevision) - 1;
  if (action.case === 'copy') {
    const { sourcePath, sourceRevision } = action.value;
    const at = sourceRevision === 0n ? Number(revision) - 1 : Number(sourceRevision);
    return [{ path: sourcePath, isSubtree: true, at, hiddenBy: [] }];
  }
  return revertedRevision === 0n ? [] : [{ path, isSubtree: false, at: before, hiddenBy: [] }];
}

function markOf({ path, action }: Change): Mark {
  return { path, kind: kindOf(action.case, action.case === 'delete' ? action.value.scope : undefined) };
}

function markOfInit({ path = '', action }: OperationInit): Mark {
  return { path, kind: kindOf(action?.case, action?.case === 'delete' ? action.value.scope : undefined) };
}

function kindOf(action: string | undefined, scope: DeleteScope | undefined): Mark['kind'] {
  if (action === 'put') return 'assign';
  if (action === 'copy') return 'replace';
  if (action === 'delete') return scope === DeleteScope.NODE ? 'assign' : 'replace';
  return 'add';
}

/** What a read shows of a write where nothing hides it: one node, or a whole subtree. */
interface Target {
  readonly path: string;
  readonly isWhole: boolean;
}

function targetOf({ path, kind }: Mark, asked: string, isSubtree: boolean): Target | null {
  const reachesDown = kind === 'replace';
  if (!isSubtree)
    return path === asked || (reachesDown && isBelow(asked, path)) ? { path: asked, isWhole: false } : null;
  if (isBelow(path, asked)) return { path, isWhole: reachesDown };
  return reachesDown && isBelow(asked, path) ? { path: asked, isWhole: true } : null;
}

function hides({ path, kind }: Mark, target: Target): boolean {
  if (kind === 'add') return false;
  return kind === 'replace' ? isBelow(target.path, path) : !target.isWhole && path === target.path;
}
