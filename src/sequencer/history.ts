/** The past of one forest: events out of the journal, and roots of earlier revisions. */
import { assert, AssertionError } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { rebuiltRootsMax } from '../base/limits.ts';
import { Slices } from '../base/slices.ts';
import { decodeRecord } from '../codec/record.ts';
import type { Journal } from '../journal/journal.ts';
import { PositionsReleased } from '../journal/positions-released.ts';
import { copiedRevisions } from '../state/reach.ts';
import type { Proposal } from '../state/command.ts';
import { deletions, eventsOf } from '../state/describe.ts';
import type { ForestEvent } from '../state/event.ts';
import type { Effects, Past } from '../state/forest.ts';
import type { Root } from '../state/ghosts/ghost.ts';
import { reject } from '../state/outcome.ts';
import { reapply } from '../state/ghosts/rebuild.ts';
import type { KnownDiff } from '../state/ghosts/rebuild.ts';
import type { Entry } from '../state/values/value.ts';
import { HistoryGone } from '../subscriptions/source.ts';
import { emptyRoot } from '../trie/node.ts';
import { RecentRoots } from './recent-roots.ts';
import { Releases } from './releases.ts';
import { loadSnapshot } from './snapshots.ts';

/** Entries that a search looks through one after the other. */
const searchStep = 64;
/**
 * What is decoded at a time, in bytes of the journal. Who reads on behind everything else, as meters do, holds it for a while, and what grows old
 * meanwhile is garbage that only a full collection finds: a megabyte in the journal is ten in memory.
 */
const decodedBytes = 32 * 1024;

/** A journal entry, decoded. */
export interface StoredEntry {
  readonly proposal: Proposal;
  readonly effects: Effects;
}

export class History {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #recent = new RecentRoots();
  /** Rebuilt roots, least recently used first. */
  readonly #rebuilt = new Map<number, Start>();
  /** What compactions release. */
  readonly releases = new Releases();
  /** Rebuilding takes memory, so it happens one at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(journal: Journal, clock: Clock) {
    this.#journal = journal;
    this.#clock = clock;
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
    const built = this.#turn.then(() => this.find(revision) ?? this.#rebuild(revision, this.#rebuilt));
    this.#turn = built.catch(() => undefined);
    return built;
  }

  /**
   * The same for what is journaled and has to be found again by a replay: of revisions that a compaction has made doubtful, what is in
   * memory does not count, but what the disk still leads to.
   */
  async replayableRootAt(revision: number): Promise<Root> {
    while (this.releases.isDoubtful(revision)) {
      await this.releases.ended();
      const round = this.releases.round;
      const built = this.#turn.then(() => this.#rebuild(revision, new Map()));
      this.#turn = built.catch(() => undefined);
      this.releases.prove(revision, await built, round);
    }
    return this.releases.proven(revision) ?? this.rootAt(revision);
  }

  /** Entries from one position to another, both inclusive. Throws `HistoryGone` where they were released. */
  async *entries(from: number, to: number): AsyncGenerator<StoredEntry[]> {
    for await (const stored of this.#read(from, to)) {
      let entries: StoredEntry[] = [];
      let bytes = 0;
      for (const { position, payload } of stored) {
        entries.push(decodeRecord(payload, position));
        bytes += payload.length;
        if (bytes < decodedBytes) continue;
        yield entries;
        [entries, bytes] = [[], 0];
      }
      if (entries.length > 0) yield entries;
    }
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

  /** Loads the nearest root before `revision` and applies again what came after it. Roots that are `known` need not be made again. */
  async #rebuild(revision: number, known: Map<number, Start>): Promise<Root> {
    let start = await this.#nearest(revision, known);
    if (start.revision === revision) return this.#keep(start, known);
    const last = this.#journal.durablePosition;
    const slices = new Slices(this.#clock);
    for await (const entries of this.entries(start.position + 1, last)) {
      for (const { proposal, effects } of entries) {
        if (slices.isOver) await slices.pause();
        if (effects.revision <= start.revision) continue;
        const diffs = trunkDiffs(proposal, effects);
        const past = await this.#pastFor(diffs, start, known);
        start = {
          root: reapply(start.root, diffs, effects.revision, past),
          revision: effects.revision,
          position: proposal.position,
        };
        if (start.revision === revision) return this.#keep(start, known);
      }
    }
    throw new AssertionError(`revision ${revision} is not in the journal`);
  }

  async #pastFor(diffs: readonly KnownDiff[], start: Start, known: Map<number, Start>): Promise<Past> {
    const roots = new Map<number, Root>([[start.revision, start.root]]);
    for (const revision of diffs.flatMap(({ operations }) => copiedRevisions(operations))) {
      if (roots.has(revision)) continue;
      const root = known === this.#rebuilt ? this.find(revision) : known.get(revision)?.root;
      roots.set(revision, root ?? (await this.#rebuild(revision, known)));
    }
    return (revision) => {
      const root = roots.get(revision);
      assert(root !== undefined, `the root of revision ${revision} was not loaded`);
      return root;
    };
  }

  /** The newest known root that is not newer than `revision`. */
  async #nearest(revision: number, roots: ReadonlyMap<number, Start>): Promise<Start> {
    let best: Start = { root: emptyRoot<Entry>(), revision: 0, position: 0 };
    for (const known of roots.values())
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

  #keep(start: Start, known: Map<number, Start>): Root {
    known.delete(start.revision);
    known.set(start.revision, start);
    for (const oldest of known.keys()) {
      if (known.size <= rebuiltRootsMax) break;
      known.delete(oldest);
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
