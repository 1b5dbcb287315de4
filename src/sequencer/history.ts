/** The past of one forest: events out of the journal, and roots of earlier revisions. */
import { assert, AssertionError } from '../base/assert.ts';
import { rebuiltRootsMax } from '../base/limits.ts';
import { decodeRecord } from '../codec/record.ts';
import type { Journal } from '../journal/journal.ts';
import { PositionsReleased } from '../journal/positions-released.ts';
import { copiedRevisions } from '../state/reach.ts';
import type { Proposal } from '../state/command.ts';
import { deletions, eventsOf } from '../state/describe.ts';
import type { ForestEvent } from '../state/event.ts';
import type { Effects, Past } from '../state/forest.ts';
import type { Root } from '../state/ghost.ts';
import { reject } from '../state/outcome.ts';
import { reapply } from '../state/rebuild.ts';
import type { KnownDiff } from '../state/rebuild.ts';
import type { Entry } from '../state/value.ts';
import { HistoryGone } from '../subscriptions/source.ts';
import { emptyRoot } from '../trie/node.ts';
import { RecentRoots } from './recent-roots.ts';
import { loadSnapshot } from './snapshots.ts';

/** Entries that a search looks through one after the other. */
const searchStep = 64;

/** A journal entry, decoded. */
export interface StoredEntry {
  readonly proposal: Proposal;
  readonly effects: Effects;
}

export class History {
  readonly #journal: Journal;
  readonly #recent = new RecentRoots();
  /** Rebuilt roots, least recently used first. */
  readonly #rebuilt = new Map<number, Start>();
  /** Rebuilding takes memory, so it happens one at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(journal: Journal) {
    this.#journal = journal;
    this.remember(0, emptyRoot<Entry>(), 0);
  }

  /** Notes the root of the newest revision, which `operations` operations made. */
  remember(revision: number, root: Root, operations: number): void {
    this.#recent.remember(revision, root, operations);
  }

  /** A root that is in memory. */
  find(revision: number): Root | undefined {
    const recent = this.#recent.find(revision);
    if (recent !== undefined) return recent;
    return revision === 0 ? emptyRoot<Entry>() : this.#rebuilt.get(revision)?.root;
  }

  /** The root of a durable revision. Throws `HistoryGone` where it is compacted, also where that happens while it is being rebuilt. */
  async rootAt(revision: number): Promise<Root> {
    const known = this.find(revision);
    if (known !== undefined) return known;
    const built = this.#turn.then(() => this.find(revision) ?? this.#rebuild(revision));
    this.#turn = built.catch(() => undefined);
    return built;
  }

  /** Entries from one position to another, both inclusive. Throws `HistoryGone` where they were released. */
  async *entries(from: number, to: number): AsyncGenerator<StoredEntry[]> {
    for await (const stored of this.#read(from, to))
      yield stored.map(({ position, payload }) => decodeRecord(payload, position));
  }

  /** Events after one position, up to another. */
  async *events(afterPosition: number, untilPosition: number): AsyncGenerator<readonly ForestEvent[]> {
    if (afterPosition + 1 < this.#journal.firstPosition) throw this.gone(this.#journal.firstPosition);
    if (untilPosition <= afterPosition) return;
    for await (const entries of this.entries(afterPosition + 1, untilPosition)) {
      const events = entries.flatMap(({ proposal, effects }) => eventsOf(proposal, effects, null));
      if (events.length > 0) yield events;
    }
  }

  /**
   * The position of the entry that made `revision`, which must be durable and in the journal. Both grow together, so it is
   * searched by halving.
   */
  async positionOf(revision: number): Promise<number> {
    let low = this.#journal.firstPosition;
    let high = this.#journal.durablePosition;
    while (high - low > searchStep) {
      const middle = (low + high) >>> 1;
      const next = await this.#nextRevision(middle, high);
      if (next !== undefined && next.revision === revision) return next.position;
      if (next === undefined || next.revision > revision) high = middle - 1;
      else low = next.position + 1;
    }
    const next = await this.#nextRevision(low, this.#journal.durablePosition, revision);
    if (next === undefined) throw this.gone(this.#journal.firstPosition);
    return next.position;
  }

  /**
   * How much of the journal can be released where all from `position` on is to stay readable: what was copied from the past leads further
   * back, and so does what that was copied from.
   */
  async releasableBefore(position: number): Promise<number> {
    let floor = position;
    for (;;) {
      const start = this.#journal.snapshots().findLast((snapshot) => snapshot.position <= floor)?.position;
      if (start === undefined) return floor;
      const needed = await this.#oldestCopied(start);
      if (needed >= start) return floor;
      floor = needed;
    }
  }

  /** The position of the oldest revision that was copied from behind a snapshot, as far as the journal still has it. */
  async #oldestCopied(start: number): Promise<number> {
    const newest = this.#journal.snapshots().at(-1)?.position ?? start;
    let oldest = Infinity;
    if (start >= newest) return oldest;
    for await (const entries of this.entries(start + 1, newest)) {
      for (const { proposal, effects } of entries) {
        if (effects.revision === 0) continue;
        for (const { operations } of trunkDiffs(proposal, effects))
          for (const revision of copiedRevisions(operations)) oldest = Math.min(oldest, revision);
      }
    }
    if (oldest === Infinity) return oldest;
    try {
      return await this.positionOf(oldest);
    } catch (error) {
      // Given up by a broker that did not look: nothing brings it back.
      if (error instanceof HistoryGone) return Infinity;
      throw error;
    }
  }

  async *#read(from: number, to: number): ReturnType<Journal['read']> {
    try {
      yield* this.#journal.read(from, to);
    } catch (error) {
      if (error instanceof PositionsReleased) throw this.gone(error.firstPosition);
      throw error;
    }
  }

  gone(firstPosition: number): HistoryGone {
    const message = `history before journal position ${firstPosition} was given up`;
    return new HistoryGone(reject('REVISION_COMPACTED', message, { oldest_position: firstPosition }));
  }

  /** The first entry from `from` on that made a revision, or that made `wanted`. */
  async #nextRevision(
    from: number,
    to: number,
    wanted?: number,
  ): Promise<{ readonly revision: number; readonly position: number } | undefined> {
    // Mostly one of the first is the one, where a window of the journal may hold thousands: checking and decoding all of them
    // for each step of a search made it ten times as long.
    for (let at = from, count = searchStep; at <= to; at += count, count *= 2) {
      for await (const stored of this.#read(at, Math.min(to, at + count - 1))) {
        for (const { position, payload } of stored) {
          const { revision } = decodeRecord(payload, position).effects;
          if (revision !== 0 && (wanted === undefined || wanted === revision)) return { revision, position };
        }
      }
    }
    return undefined;
  }

  /** Loads the nearest root before `revision` and applies again what came after it. */
  async #rebuild(revision: number): Promise<Root> {
    let start = await this.#nearest(revision);
    if (start.revision === revision) return this.#keep(start);
    const last = this.#journal.durablePosition;
    for await (const entries of this.entries(start.position + 1, last)) {
      for (const { proposal, effects } of entries) {
        if (effects.revision <= start.revision) continue;
        const diffs = trunkDiffs(proposal, effects);
        const past = await this.#pastFor(diffs, start);
        start = {
          root: reapply(start.root, diffs, effects.revision, past),
          revision: effects.revision,
          position: proposal.position,
        };
        if (start.revision === revision) return this.#keep(start);
      }
    }
    throw new AssertionError(`revision ${revision} is not in the journal`);
  }

  async #pastFor(diffs: readonly KnownDiff[], start: Start): Promise<Past> {
    const roots = new Map<number, Root>([[start.revision, start.root]]);
    for (const revision of diffs.flatMap(({ operations }) => copiedRevisions(operations))) {
      if (!roots.has(revision)) roots.set(revision, this.find(revision) ?? (await this.#rebuild(revision)));
    }
    return (revision) => {
      const root = roots.get(revision);
      assert(root !== undefined, `the root of revision ${revision} was not loaded`);
      return root;
    };
  }

  /** The newest known root that is not newer than `revision`. */
  async #nearest(revision: number): Promise<Start> {
    let best: Start = { root: emptyRoot<Entry>(), revision: 0, position: 0 };
    for (const known of this.#rebuilt.values())
      if (known.revision <= revision && known.revision > best.revision) best = known;
    const snapshots = this.#journal.snapshots();
    for (const { position } of snapshots.toReversed()) {
      if (position <= best.position && best.position > 0) return best;
      // A revision never lies behind its position, so an older snapshot needs no look inside.
      if (position > 0 && (await this.#revisionAt(position)) > revision) continue;
      const { revision: at, root } = await this.#snapshotAt(position);
      if (at <= revision) return { root, revision: at, position };
    }
    return best;
  }

  /** The newest revision at a position, as far as the journal still tells; 0 where it does not. */
  async #revisionAt(position: number): Promise<number> {
    if (position < this.#journal.firstPosition) return 0;
    for (let at = position; at >= Math.max(this.#journal.firstPosition, position - 64); at -= 1) {
      for await (const entries of this.entries(at, at)) {
        const revision = entries[0]?.effects.revision ?? 0;
        if (revision > 0) return revision;
      }
    }
    return 0;
  }

  async #snapshotAt(position: number): ReturnType<typeof loadSnapshot> {
    try {
      return await loadSnapshot(this.#journal, position);
    } catch (error) {
      if (error instanceof PositionsReleased) throw this.gone(error.firstPosition);
      throw error;
    }
  }

  #keep(start: Start): Root {
    this.#rebuilt.delete(start.revision);
    this.#rebuilt.set(start.revision, start);
    for (const oldest of this.#rebuilt.keys()) {
      if (this.#rebuilt.size <= rebuiltRootsMax) break;
      this.#rebuilt.delete(oldest);
    }
    return start.root;
  }
}

/** A root, and the position of an entry at which it was the trunk's. */
interface Start {
  readonly root: Root;
  readonly revision: number;
  readonly position: number;
}

/** What an entry did to the trunk. */
export function trunkDiffs({ command }: Proposal, effects: Effects): readonly KnownDiff[] {
  if (command.kind === 'commit_ghost') return effects.committed;
  if (effects.deletedPaths.length > 0)
    return [{ author: command.author, operations: deletions(effects.deletedPaths) }];
  if (command.kind === 'register_schema' || command.kind === 'set_unbound_paths') return [];
  const isDiff =
    command.kind === 'publish' || command.kind === 'revert_revision' || command.kind === 'revert_cascade';
  assert(isDiff, `${command.kind} made a revision`);
  return [{ author: command.author, operations: command.operations }];
}
