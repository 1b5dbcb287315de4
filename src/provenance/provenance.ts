/** Who knew what in one forest: the index over its journal, and the walks through it. */
import type { Clock } from '../base/clock.ts';
import type { SideFiles } from '../journal/side-files.ts';
import type { Proposal } from '../state/command.ts';
import type { Effects } from '../state/forest.ts';
import type { Root } from '../state/ghost.ts';
import { reject } from '../state/outcome.ts';
import type { Rejection } from '../state/outcome.ts';
import type { TrunkView } from '../subscriptions/source.ts';
import type { Path } from '../trie/path.ts';
import { downstream } from './downstream.ts';
import type { Derived } from './downstream.ts';
import { from } from './entries.ts';
import { Feeder } from './feeder.ts';
import { IndexDamaged } from './file-run.ts';
import { IndexRuns } from './index-runs.ts';
import type { IndexSizes } from './index-runs.ts';
import { keptEntries } from './keeping.ts';
import { ghostKey } from './key.ts';
import { Loader } from './loader.ts';
import type { EntrySource } from './loader.ts';
import type { Made, Recorded } from './made.ts';
import { TraceRefused } from './pause.ts';
import type { Pause } from './pause.ts';
import { IndexReader } from './reader.ts';
import type { Searched } from './reader.ts';
import { retain, Retained } from './retained.ts';
import { Sight } from './sight.ts';
import { Slices } from './slices.ts';
import { Stories } from './stories.ts';
import { upstream } from './upstream.ts';
import type { Seen } from './upstream.ts';

export interface ProvenanceOptions {
  readonly clock: Clock;
  readonly source: EntrySource;
  /** The oldest position that the journal still holds. */
  readonly firstPosition: () => number;
  /** What lies behind it is promised to readers; the journal may hold more. */
  readonly oldestPosition: () => number;
  readonly beside: SideFiles;
  /** As in `IndexRunsOptions`. */
  readonly indexSizes?: IndexSizes | undefined;
  readonly isLiveGhost: (ghostId: string) => boolean;
  /** The newest durable state. Everything in it has been fed. */
  readonly view: () => TrunkView;
  readonly rootAt: (revision: number) => Promise<Root>;
  readonly positionOf: (revision: number) => Promise<number | Rejection>;
  /** The trunk revision that a ghost stands on, as long as it is known. */
  readonly baseOf: (ghostId: string) => number | undefined;
}

/** Where a walk begins: the publish that made a trunk revision, or a diff of a ghost. */
export type TraceStart =
  | { readonly kind: 'revision'; readonly revision: number }
  | { readonly kind: 'diff'; readonly ghostId: string; readonly sequence: number };

/** What is asked of a walk. */
export interface Walk {
  readonly start: TraceStart;
  readonly hops: number;
  /** The part of what the first publish wrote that counts; empty for all. */
  readonly path: Path;
  /** The moment as of which it is told. */
  readonly asOf: AsOf;
}

/** A moment of the forest that all pages of an answer are about. */
export interface AsOf {
  readonly position: number;
  readonly revision: number;
}

/** A walk that was begun. */
export interface Begun<Item> {
  /** The entry that it begins with. */
  readonly start: Recorded;
  readonly sight: Sight;
  readonly items: AsyncGenerator<Item | Pause>;
}

/** What is known, made anew where history is given up. */
interface Known {
  readonly index: IndexRuns;
  readonly feeder: Feeder;
  readonly loader: Loader;
  readonly retained: Promise<Retained>;
  /** Lets go of the files. */
  close(): Promise<void>;
}

export class Provenance {
  readonly #options: ProvenanceOptions;
  #known: Known;
  /** The last entry that is in the index. */
  #indexedTo = 0;
  #catchingUp: Promise<void> | null = null;
  /** Files of indexes that were given up, on their way to be let go of. */
  #leaving: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: ProvenanceOptions) {
    this.#options = options;
    this.#known = this.#nothing();
  }

  /**
   * Takes what has become durable; what made no entry comes without a proposal. Where the index is not that far, it is read from the
   * journal once somebody asks.
   */
  feed(entries: readonly { readonly proposal: Proposal | null; readonly effects: Effects }[]): void {
    for (const { proposal, effects } of entries) {
      if (proposal === null || proposal.position !== this.#indexedTo + 1) continue;
      this.#known.feeder.feed({ proposal, effects });
      this.#indexedTo = proposal.position;
    }
  }

  /**
   * Keeps, of the history up to `position`, what made the values that were there at `revision`, without the values themselves; all else of it
   * may be released then.
   */
  async retain(revision: number, position: number): Promise<void> {
    const { beside, rootAt, clock, isLiveGhost, source, firstPosition } = this.#options;
    const retained = await this.#known.retained;
    if (revision === 0 || revision === retained.revision) return;
    const root = await rootAt(revision);
    const entries = source.entries(firstPosition(), position);
    await retain(beside, revision, keptEntries({ clock, root, isLiveGhost, retained, entries }));
    await this.#catchingUp?.catch(() => undefined);
    this.#giveUp();
  }

  /** What made a revision that was given up; `null` where nothing of it is left. */
  async retainedEntry(revision: number): Promise<Recorded | null> {
    return (await this.#known.retained).ofRevision(revision);
  }

  /** Memory that the index takes. */
  get indexBytes(): number {
    return this.#known.index.bytes;
  }

  /** The newest moment that can be asked about. */
  now(): AsOf {
    const { position, revision } = this.#options.view();
    return { position, revision };
  }

  /** Who has used what a publish wrote. A diff of a ghost that was committed counts as that commit. */
  async downstream(walk: Walk): Promise<Begun<Derived> | Rejection> {
    const sight = await this.#sight(walk.asOf);
    const start = await this.#find(sight, walk);
    if ('reason' in start) return start;
    const { made } = await sight.stories.resolve(start.made);
    const items = downstream(sight, made, { hops: walk.hops, within: walk.path });
    return { start: start.recorded, sight, items };
  }

  /** What the author of a publish had before it. */
  async upstream(walk: Walk): Promise<Begun<Seen> | Rejection> {
    const sight = await this.#sight(walk.asOf);
    const start = await this.#find(sight, walk);
    if ('reason' in start) return start;
    const { rootAt, view } = this.#options;
    const { path, hops, asOf } = walk;
    const options = { hops, path, now: view().root, revision: asOf.revision, rootAt };
    return { start: start.recorded, sight, items: upstream(sight, start.made, options) };
  }

  /**
   * All that is derived from a publish, nearest first, as of now: what a cascade takes along. Throws `TraceRefused` where
   * that is not known any more, or more than can be told.
   */
  async *derivedFrom(start: TraceStart, path: Path = []): AsyncGenerator<Derived> {
    const begun = await this.downstream({ start, hops: Infinity, path, asOf: this.now() });
    if ('reason' in begun) throw new TraceRefused(begun);
    for await (const item of begun.items) if (!('kind' in item)) yield item;
  }

  /** Reads no more of the journal. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#catchingUp?.catch(() => undefined);
    await this.#leaving;
    await this.#known.close();
  }

  /** Begins anew: the index is read from the journal again when somebody asks. */
  #giveUp(): void {
    const left = this.#known;
    this.#known = this.#nothing();
    this.#indexedTo = 0;
    // A walk that is under way finds its index in today's; what it still asks of the file of kept entries is refused.
    this.#leaving = Promise.all([this.#leaving, left.close().catch(() => undefined)]);
  }

  #nothing(): Known {
    const { clock, baseOf, source, beside, oldestPosition, indexSizes } = this.#options;
    const index = new IndexRuns({
      clock,
      beside,
      name: 'index-journal',
      sizes: indexSizes,
    });
    // Looked for when somebody asks: a start has other things to do.
    let opened: Promise<Retained> | null = null;
    const retained = (): Promise<Retained> =>
      (opened ??= Retained.open(beside).catch((error: unknown) => {
        opened = null;
        throw error;
      }));
    const loader = new Loader(source, async (position) =>
      position > oldestPosition() ? undefined : (await retained()).atPosition(position),
    );
    return {
      index,
      feeder: new Feeder(index, baseOf),
      loader,
      get retained() {
        return retained();
      },
      async close() {
        await index.close();
        // A start that nobody asked anything has not opened it.
        await (await opened?.catch(() => null))?.close();
      },
    };
  }

  async #sight({ position }: AsOf): Promise<Sight> {
    await this.#indexed(position);
    const { index, loader } = this.#known;
    const reader = new IndexReader(this.#unharmed(index, position), position);
    return new Sight(reader, loader, new Stories(reader, loader));
  }

  /** Resolves once the index is as far as `position`. */
  async #indexed(position: number): Promise<void> {
    while (this.#indexedTo < position && !this.#isClosed)
      await (this.#catchingUp ??= this.#catchUp().finally(() => {
        this.#catchingUp = null;
      }));
  }

  /** An index that is made anew where the disk has damaged it. */
  #unharmed(index: IndexRuns, position: number): Searched {
    const tried = async <T>(search: (searched: IndexRuns) => Promise<T>): Promise<T> => {
      try {
        return await search(index);
      } catch (error) {
        if (!(error instanceof IndexDamaged)) throw error;
        if (this.#known.index === index) this.#giveUp();
        await this.#indexed(position);
        return search(this.#known.index);
      }
    };
    return {
      find: (key, after, until, limit) => tried((searched) => searched.find(key, after, until, limit)),
      findLast: (key, before) => tried((searched) => searched.findLast(key, before)),
    };
  }

  /** Brings the index up to what is durable: from then on it is fed. */
  async #catchUp(): Promise<void> {
    const { source, oldestPosition, view, clock } = this.#options;
    const { feeder, index } = this.#known;
    const slices = new Slices(clock);
    if (this.#indexedTo === 0) {
      const oldest = oldestPosition();
      for await (const batch of (await this.#known.retained).all()) {
        for (const recorded of batch) if (recorded.proposal.position <= oldest) feeder.feed(recorded);
        await slices.pause();
      }
      this.#indexedTo = oldest;
    }
    while (this.#indexedTo < view().position) {
      for await (const batch of source.entries(this.#indexedTo + 1, view().position)) {
        for (const recorded of batch) {
          if (recorded.proposal.position !== this.#indexedTo + 1) continue;
          feeder.feed(recorded);
          this.#indexedTo = recorded.proposal.position;
        }
        if (this.#isClosed) return;
        await slices.pause();
        await index.settled();
      }
    }
  }

  async #find(
    { reader, loader, stories }: Sight,
    { start }: Walk,
  ): Promise<{ readonly made: Made; readonly recorded: Recorded } | Rejection> {
    if (start.kind === 'revision') return this.#findRevision(reader, loader, start.revision);
    const { ghostId, sequence } = start;
    for await (const hit of reader.hits(ghostKey('diff', ghostId), from(sequence), sequence)) {
      const loaded = await loader.load(hit.position);
      if (loaded?.made?.layer === ghostId) return { made: loaded.made, recorded: loaded.recorded };
    }
    if ((await stories.of(ghostId)) === null)
      return reject('GHOST_NOT_FOUND', `nothing is known of a ghost ${ghostId}`, { ghost_id: ghostId });
    const message = `ghost ${ghostId} has no diff ${sequence}`;
    return reject('NODE_NOT_FOUND', message, { ghost_id: ghostId, sequence });
  }

  async #findRevision(
    reader: IndexReader,
    loader: Loader,
    revision: number,
  ): Promise<{ readonly made: Made; readonly recorded: Recorded } | Rejection> {
    for await (const hit of reader.hits(ghostKey('diff', ''), from(revision), revision)) {
      const loaded = await loader.load(hit.position);
      if (loaded?.made?.layer === '' && loaded.made.at === revision)
        return { made: loaded.made, recorded: loaded.recorded };
    }
    // It is of the future, or given up, or changed nothing.
    const position = await this.#options.positionOf(revision);
    if (typeof position !== 'number') return position;
    const recorded = (await loader.load(position))?.recorded ?? null;
    return recorded === null ? compacted(revision) : { made: nothing(recorded), recorded };
  }
}

/** An entry that wrote nothing, such as that of a schema. */
function nothing({ proposal: { position, command }, effects }: Recorded): Made {
  const common = { label: '', layer: '', parts: [], committedGhostId: '', undoneRevisions: [] };
  return { ...common, position, author: command.author, at: effects.revision };
}

function compacted(revision: number): Rejection {
  const message = `what made revision ${revision} was given up with the history around it`;
  return reject('REVISION_COMPACTED', message, { revision });
}
