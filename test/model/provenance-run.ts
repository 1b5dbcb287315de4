/** One run of the model test: random agents on a real forest, and the naive model beside it. */
import { expect } from 'vitest';
import type { Random } from '../../src/base/random.ts';
import type { LiveForest } from '../../src/sequencer/live-forest.ts';
import type { BasisEntry, Operation } from '../../src/state/command.ts';
import type { Outcome } from '../../src/state/outcome.ts';
import { formatPath } from '../../src/trie/path.ts';
import type { Path } from '../../src/trie/path.ts';
import { append, begin, commit, copy, publish, put } from '../support/forests.ts';
import { emptyView, writersSeen, writersShown, written } from './naive-provenance.ts';
import type { NaivePublish, NaiveView } from './naive-provenance.ts';

const places = ['/a', '/a/b', '/a/b/c', '/a/d', '/e', '/e/f', '/g'];

interface NaiveGhost {
  readonly id: string;
  readonly parentId: string;
  readonly baseRevision: number;
  view: NaiveView;
  sequence: number;
  /** Staged diffs, oldest first. */
  staged: { readonly position: number; readonly operations: readonly Operation[] }[];
  readonly checkpoints: {
    readonly name: string;
    readonly view: NaiveView;
    readonly staged: number;
    readonly sequence: number;
  }[];
  readonly start: NaiveView;
  /** A return to a checkpoint has just left it with the number of what was dropped. */
  isAmbiguous: boolean;
}

/** Something that can be read. */
interface Readable {
  readonly view: NaiveView;
  readonly seenAs: Omit<BasisEntry, 'path' | 'extent'>;
}

export class ProvenanceRun {
  readonly #random: Random;
  #forest: LiveForest;
  readonly #trunk: NaiveView[] = [emptyView];
  readonly #ghosts = new Map<string, NaiveGhost>();
  readonly #readable: Readable[] = [{ view: emptyView, seenAs: { revision: 0 } }];
  readonly #publishes = new Map<number, NaivePublish>();
  /** What became of staged diffs: the position that they are part of now, or that they were dropped. */
  readonly #became = new Map<number, number | 'dropped'>();
  readonly #revisions = new Map<number, number>();
  #word = 0;

  constructor(random: Random, forest: LiveForest) {
    this.#random = random;
    this.#forest = forest;
  }

  /** Goes on with the same forest after a restart. */
  reopened(forest: LiveForest): void {
    this.#forest = forest;
  }

  async step(): Promise<void> {
    const dice = this.#random.below(100);
    const ghost = this.#anyGhost();
    if (this.#ghosts.size < 2 && dice % 5 === 0) return this.#begin(undefined);
    if (ghost === undefined || dice < 35) return this.#publish(undefined);
    if (dice < 68) return this.#publish(ghost);
    if (dice < 76) return this.#begin(this.#random.below(2) === 0 ? ghost : undefined);
    if (dice < 81) return this.#checkpoint(ghost);
    if (dice < 86) return this.#rewind(ghost);
    if (dice < 89) return this.#revert(ghost);
    return this.#commit(ghost);
  }

  /** All traces of all publishes, both ways. */
  async compare(): Promise<number> {
    let compared = 0;
    let links = 0;
    for (const { position } of this.#publishes.values()) {
      if (this.#became.get(position) !== undefined || position % 2 === 0) continue;
      const start = this.#startOf(position);
      const expected = this.#reach(position, (each) => each.sources, 'down', Infinity);
      const found: string[] = [];
      for await (const derived of this.#forest.provenance.derivedFrom(start))
        found.push(`${derived.hops}: ${derived.made.position}`);
      expect(found.sort(), `downstream of ${position}`).toEqual(expected.sort());
      const asOf = this.#forest.provenance.now();
      const begun = await this.#forest.provenance.upstream({ start, hops: 3, path: [], asOf });
      if ('reason' in begun) throw new Error(begun.message);
      const readers = new Set<string>();
      for await (const item of begun.items)
        if (!('kind' in item) && item.hops > 1) readers.add(`${item.hops - 1}: ${item.reader.position}`);
      const known = this.#reach(position, (each) => each.seen, 'up', 2).filter((each) => this.#reads(each));
      expect([...readers].sort(), `upstream of ${position}`).toEqual(known.sort());
      compared += 1;
      links += expected.length;
    }
    expect(links).toBeGreaterThan(compared);
    return compared;
  }

  /** Publishes that had read anything at all: only those are told as readers. */
  #reads(named: string): boolean {
    return this.#hasReads.has(Number(named.split(': ')[1]));
  }

  readonly #hasReads = new Set<number>();

  #startOf(position: number) {
    const revision = this.#revisions.get(position);
    if (revision !== undefined) return { kind: 'revision', revision } as const;
    for (const { id, staged } of this.#ghosts.values()) {
      const index = staged.findIndex((diff) => diff.position === position);
      const sequence = this.#sequences.get(position);
      if (index >= 0 && sequence !== undefined) return { kind: 'diff', ghostId: id, sequence } as const;
    }
    throw new Error(`where is ${position}?`);
  }

  readonly #sequences = new Map<number, number>();

  #now(position: number): number | 'dropped' {
    let current = position;
    for (;;) {
      const next = this.#became.get(current);
      if (next === undefined) return current;
      if (next === 'dropped') return current;
      current = next;
    }
  }

  #isDropped(position: number): boolean {
    return this.#became.get(position) === 'dropped';
  }

  /** Publishes by distance. */
  #reach(
    start: number,
    sourcesOf: (each: NaivePublish) => ReadonlySet<number>,
    way: 'up' | 'down',
    hops: number,
  ): string[] {
    const edges = new Map<number, Set<number>>();
    for (const each of this.#publishes.values()) {
      const reader = this.#now(each.position);
      for (const source of sourcesOf(each)) {
        const writer = this.#now(source);
        if (writer === reader) continue;
        const [one, other] = way === 'down' ? [writer, reader] : [reader, writer];
        edges.set(one as number, (edges.get(one as number) ?? new Set()).add(other as number));
      }
    }
    const met = new Set([start]);
    const told: string[] = [];
    let frontier = [start];
    for (let hop = 1; frontier.length > 0 && hop <= hops; hop += 1) {
      const next = new Set<number>();
      for (const each of frontier)
        for (const other of edges.get(each) ?? []) if (!met.has(other)) next.add(other);
      for (const each of next) met.add(each);
      frontier = [...next];
      for (const each of frontier) if (way === 'up' || !this.#isDropped(each)) told.push(`${hop}: ${each}`);
    }
    return told;
  }

  async #publish(ghost: NaiveGhost | undefined): Promise<void> {
    const count = 1 + this.#random.below(3);
    const operations = Array.from({ length: count }, () => this.#operation());
    const reads = Array.from({ length: this.#random.below(4) }, () => this.#read());
    const basis = reads.map(({ entry }) => entry);
    const command = { ...publish(operations, { ghostId: ghost?.id ?? '' }), basis };
    const { outcome, position } = await this.#propose(command);
    if (outcome.kind !== 'published') return;
    const before = ghost?.view ?? this.#newest;
    const view = written(before, operations, position, (revision) => this.#trunk[revision] ?? emptyView);
    const made = this.#note(position, reads);
    this.#noteCopies(made, operations, before);
    if (ghost === undefined) {
      this.#land(position, outcome.revision, view);
      return;
    }
    ghost.view = view;
    ghost.sequence = outcome.sequence;
    ghost.isAmbiguous = false;
    ghost.staged.push({ position, operations });
    this.#sequences.set(position, outcome.sequence);
    this.#canRead(ghost);
  }

  async #begin(parent: NaiveGhost | undefined): Promise<void> {
    const baseRevision = this.#trunk.length - 1 - this.#random.below(Math.min(3, this.#trunk.length));
    const command = begin(this.#forest, {
      parentId: parent?.id ?? '',
      ...(parent === undefined ? { baseRevision } : {}),
    });
    const { outcome } = await this.#propose(command);
    if (outcome.kind !== 'ghost_begun') return;
    const view = parent?.view ?? this.#trunk[baseRevision] ?? emptyView;
    const ghost: NaiveGhost = {
      id: command.ghostId,
      parentId: parent?.id ?? '',
      baseRevision: parent?.baseRevision ?? baseRevision,
      view,
      start: view,
      sequence: parent?.sequence ?? 0,
      staged: [],
      checkpoints: [],
      // What a child of a ghost that has just gone back sees, it sees under a number of the parent that was dropped.
      isAmbiguous: parent?.isAmbiguous ?? false,
    };
    this.#ghosts.set(ghost.id, ghost);
    this.#canRead(ghost);
  }

  async #checkpoint(ghost: NaiveGhost): Promise<void> {
    const name = `c${this.#word++}`;
    const sent = { author: 'agent', request: null };
    const { outcome } = await this.#propose({ kind: 'checkpoint_ghost', ghostId: ghost.id, name, ...sent });
    if (outcome.kind !== 'checkpointed') return;
    ghost.checkpoints.push({ name, view: ghost.view, staged: ghost.staged.length, sequence: ghost.sequence });
  }

  async #rewind(ghost: NaiveGhost): Promise<void> {
    const target = ghost.checkpoints[this.#random.below(ghost.checkpoints.length + 1)];
    if (target === undefined && ghost.checkpoints.length > 0) return;
    const sent = { author: 'agent', request: null, reason: 'wrong' };
    const { outcome } = await this.#propose({
      kind: 'rewind_ghost',
      ghostId: ghost.id,
      checkpoint: target?.name ?? '',
      ...sent,
    });
    if (outcome.kind !== 'ghost_reverted') return;
    const kept = target?.staged ?? 0;
    for (const { position } of ghost.staged.slice(kept)) this.#became.set(position, 'dropped');
    ghost.staged = ghost.staged.slice(0, kept);
    ghost.view = target?.view ?? ghost.start;
    if (target === undefined) ghost.checkpoints.length = 0;
    else ghost.checkpoints.length = ghost.checkpoints.indexOf(target) + 1;
    ghost.isAmbiguous = true;
    this.#dropEnded();
  }

  async #revert(ghost: NaiveGhost): Promise<void> {
    const sent = { author: 'agent', request: null, reason: 'wrong' };
    await this.#propose({ kind: 'revert_ghost', ghostId: ghost.id, ...sent });
    this.#dropEnded();
  }

  async #commit(ghost: NaiveGhost): Promise<void> {
    const { outcome, position } = await this.#propose(commit(ghost.id));
    if (outcome.kind !== 'committed') return;
    const parent = this.#ghosts.get(ghost.parentId);
    this.#ghosts.delete(ghost.id);
    if (ghost.staged.length === 0) return;
    for (const diff of ghost.staged) this.#became.set(diff.position, position);
    const operations = ghost.staged.flatMap((diff) => diff.operations);
    const before = parent?.view ?? this.#newest;
    const view = written(before, operations, position, (revision) => this.#trunk[revision] ?? emptyView);
    const made = this.#note(position, []);
    this.#noteCopies(made, operations, before);
    if (ghost.staged.some((diff) => this.#hasReads.has(diff.position))) this.#hasReads.add(position);
    if (parent === undefined) {
      this.#land(position, outcome.revision, view);
      return;
    }
    parent.view = view;
    parent.sequence += 1;
    parent.isAmbiguous = false;
    parent.staged.push({ position, operations });
    this.#sequences.set(position, parent.sequence);
    this.#canRead(parent);
  }

  /** Ghosts that the real forest has ended. */
  #dropEnded(): void {
    for (const ghost of [...this.#ghosts.values()]) {
      const real = this.#forest.ghost(ghost.id);
      if ('reason' in real || !('state' in real)) continue;
      for (const { position } of ghost.staged) this.#became.set(position, 'dropped');
      this.#ghosts.delete(ghost.id);
    }
  }

  #land(position: number, revision: number, view: NaiveView): void {
    this.#trunk[revision] = view;
    this.#revisions.set(position, revision);
    this.#readable.push({ view, seenAs: { revision } });
  }

  #note(
    position: number,
    reads: readonly { readonly view: NaiveView; readonly entry: BasisEntry }[],
  ): NaivePublish {
    const made: NaivePublish = { position, sources: new Set(), seen: new Set() };
    for (const { view, entry } of reads) {
      for (const writer of writersShown(view, entry)) made.sources.add(writer);
      for (const writer of writersSeen(view, entry)) made.seen.add(writer);
    }
    if (reads.length > 0) this.#hasReads.add(position);
    this.#publishes.set(position, made);
    return made;
  }

  #noteCopies(made: NaivePublish, operations: readonly Operation[], before: NaiveView): void {
    for (const operation of operations) {
      if (operation.kind !== 'copy') continue;
      this.#hasReads.add(made.position);
      const { source, sourceRevision } = operation;
      const view = sourceRevision === 0 ? before : (this.#trunk[sourceRevision] ?? emptyView);
      const read = { path: source, extent: 'subtree' } as const;
      for (const writer of writersShown(view, read)) made.sources.add(writer);
      for (const writer of writersSeen(view, read)) made.seen.add(writer);
    }
  }

  #canRead({ id, sequence, baseRevision, view, isAmbiguous }: NaiveGhost): void {
    if (!isAmbiguous)
      this.#readable.push({ view, seenAs: { revision: baseRevision, ghostId: id, sequence } });
  }

  #read(): { readonly view: NaiveView; readonly entry: BasisEntry } {
    // Mostly something recent.
    const back = Math.min(this.#random.below(4) * this.#random.below(6), this.#readable.length - 1);
    const { view, seenAs } = this.#readable.at(-1 - back) as Readable;
    const path = this.#path();
    const isThere = view.present.has(formatPath(path));
    const extent = this.#random.below(3) === 0 ? 'subtree' : isThere ? 'node' : 'absent';
    return { view, entry: { path, extent, ...seenAs } };
  }

  #operation(): Operation {
    const [at, dice] = [places[this.#random.below(places.length)] as string, this.#random.below(20)];
    if (dice < 9) return put(at, `w${this.#word++}`);
    if (dice < 14) return append(at, `w${this.#word++}`);
    if (dice < 17)
      return { kind: 'delete', path: this.#path(), scope: this.#random.below(2) === 0 ? 'node' : 'subtree' };
    const source = places[this.#random.below(places.length)] as string;
    const revision =
      this.#random.below(2) === 0 ? 0 : Math.max(0, this.#trunk.length - 1 - this.#random.below(5));
    return copy(source, at, revision);
  }

  #path(): Path {
    return (places[this.#random.below(places.length)] as string).slice(1).split('/');
  }

  #anyGhost(): NaiveGhost | undefined {
    const ghosts = [...this.#ghosts.values()];
    return ghosts[this.#random.below(ghosts.length + 1)];
  }

  get #newest(): NaiveView {
    return this.#trunk.at(-1) ?? emptyView;
  }

  async #propose(
    command: Parameters<LiveForest['propose']>[0],
  ): Promise<{ readonly outcome: Outcome; readonly position: number }> {
    const { outcome } = await this.#forest.propose(command);
    const { appliedPosition } = this.#forest;
    await this.#forest.durable(appliedPosition);
    return { outcome, position: appliedPosition };
  }
}
