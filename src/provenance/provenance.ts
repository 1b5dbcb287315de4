/** Who knew what in one forest: the index over its journal, and the walks through it. */
import type { Clock } from '../base/clock.ts';
import type { SideFiles } from '../journal/side-files.ts';
import type { Proposal } from '../state/command.ts';
import type { Effects } from '../state/forest.ts';
import type { Root } from '../state/ghosts/ghost.ts';
import { reject } from '../state/outcome.ts';
import type { Rejection } from '../state/outcome.ts';
import type { TrunkView } from '../subscriptions/source.ts';
import type { Path } from '../trie/path.ts';
import { downstream } from './downstream.ts';
import type { Derived } from './downstream.ts';
import { from } from './entries.ts';
import type { IndexSizes } from './index-runs.ts';
import { keptFrames } from './keeping.ts';
import { ghostKey } from './key.ts';
import { Loader } from './loader.ts';
import type { EntrySource } from './loader.ts';
import type { Made, Recorded } from './made.ts';
import { stopping, TraceRefused } from './pause.ts';
import type { Pause } from './pause.ts';
import { IndexReader } from './reader.ts';
import { retain, Retained, RetainedClosed, retainedRevision } from './retained.ts';
import { Sight } from './sight.ts';
import { Stories } from './stories.ts';
import { upstream } from './upstream.ts';
import type { Seen } from './upstream.ts';
import { WholeIndex } from './whole-index.ts';

export interface ProvenanceOptions {
  readonly clock: Clock;
  readonly source: EntrySource;
  /** The oldest position that the journal still holds. */
  readonly firstPosition: () => number;
  /** The position that a compaction at a revision gives history up to. */
  readonly positionOfOldest: (revision: number) => Promise<number>;
  readonly beside: SideFiles;
  /** As in `IndexRunsOptions`. */
  readonly indexSizes?: IndexSizes | undefined;
  readonly isLiveGhost: (ghostId: string) => boolean;
  /** The newest durable state. What of it has not been fed yet comes in order. */
  readonly view: () => TrunkView;
  readonly rootAt: (revision: number) => Promise<Root>;
  readonly positionOf: (revision: number) => Promise<number | Rejection>;
  /** Where the journal has what made a revision, given up or not; `null` where it has it no more. */
  readonly journaledPositionOf: (revision: number) => Promise<number | null>;
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

/** Where entries are looked up, made anew where history is given up. */
interface Past {
  readonly loader: Loader;
  readonly retained: () => Promise<Retained>;
  /** Lets go of the file. */
  close(): Promise<void>;
}

export class Provenance {
  readonly #options: ProvenanceOptions;
  readonly #index: WholeIndex;
  #past: Past;
  /** What lies behind it is read from the journal, what is before it from what compactions have kept. */
  #keptTo = 0;
  /** Files of kept entries that were given up, on their way to be let go of. */
  #leaving: Promise<unknown> = Promise.resolve();

  constructor(options: ProvenanceOptions) {
    this.#options = options;
    const { clock, beside, indexSizes, source, baseOf, view } = options;
    this.#past = this.#nothing();
    this.#index = new WholeIndex({
      clock,
      beside,
      sizes: indexSizes,
      source,
      oldestPosition: () => this.#keptTo,
      newestPosition: () => view().position,
      retained: () => this.#past.retained(),
      baseOf,
    });
  }

  /**
   * Finds out how far compactions have come. What one that a crash has cut short was still to keep is in the journal, since nothing
   * goes before it is kept: until the next compaction it is read from there.
   */
  async start(): Promise<void> {
    const { beside, positionOfOldest } = this.#options;
    this.#keptTo = await positionOfOldest(await retainedRevision(beside));
  }

  /** As in `WholeIndex`. */
  feed(entries: readonly { readonly proposal: Proposal | null; readonly effects: Effects }[]): void {
    this.#index.feed(entries);
  }

  /**
   * Keeps, of the history up to `position`, what made the values that were there at `revision`, without the values themselves; all else of it
   * may be released then. `known` is the root at `revision`, where somebody has it.
   */
  async retain(revision: number, position: number, known?: Root): Promise<void> {
    const { beside, rootAt, clock, isLiveGhost, source, firstPosition } = this.#options;
    const retained = await this.#past.retained();
    if (revision <= retained.revision) return;
    const root = known ?? (await rootAt(revision));
    const entries = source.entries(firstPosition(), position);
    await retain(beside, revision, keptFrames({ clock, root, isLiveGhost, retained, entries }));
    // Until then it reads what is about to be released.
    await this.#index.idle();
    // A walk that is under way goes on in today's index; what it still asks for is looked up in the new file.
    const left = this.#past;
    this.#past = this.#nothing();
    this.#keptTo = position;
    this.#leaving = Promise.all([this.#leaving, left.close().catch(() => undefined)]);
    this.#index.renew(position);
  }

  /** What made a revision that was given up; `null` where nothing of it is left. */
  async retainedEntry(revision: number): Promise<Recorded | null> {
    // What a compaction that was cut short has not kept yet is in the journal.
    const position = await this.#options.journaledPositionOf(revision);
    if (position !== null && position > this.#keptTo)
      return (await this.#past.loader.load(position))?.recorded ?? null;
    return this.#inRetained((retained) => retained.ofRevision(revision));
  }

  /** Memory that the index takes. */
  get indexBytes(): number {
    return this.#index.bytes;
  }

  /** The newest moment that can be asked about. */
  now(): AsOf {
    const { position, revision } = this.#options.view();
    return { position, revision };
  }

  /** Who has used what a publish wrote. A diff of a ghost that was committed counts as that commit. */
  async downstream(walk: Walk, tellsAgain = false): Promise<Begun<Derived> | Rejection> {
    const sight = await this.#sight(walk.asOf);
    const start = await this.#find(sight, walk);
    if ('reason' in start) return start;
    const { made } = await sight.stories.resolve(start.made);
    const items = downstream(sight, made, { hops: walk.hops, within: walk.path, tellsAgain });
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
   * All that is derived from a publish, nearest first, as of now: what a cascade takes along. `tellsAgain`: see {@link DownstreamOptions}.
   * Throws `TraceRefused` where that is not known any more, or more than can be told.
   */
  async *derivedFrom(start: TraceStart, path: Path = [], tellsAgain = false): AsyncGenerator<Derived> {
    const begun = await this.downstream({ start, hops: Infinity, path, asOf: this.now() }, tellsAgain);
    if ('reason' in begun) throw new TraceRefused(begun);
    for await (const item of begun.items) if (!('kind' in item)) yield item;
  }

  /** Reads no more of the journal. */
  async close(): Promise<void> {
    await this.#index.close();
    await this.#leaving;
    await this.#past.close();
  }

  /** Looks into what is kept; again, where a compaction puts something else in its place meanwhile. */
  async #inRetained(look: (retained: Retained) => Promise<Recorded | null>): Promise<Recorded | null> {
    for (;;) {
      const past = this.#past;
      try {
        return await look(await past.retained());
      } catch (error) {
        if (!(error instanceof RetainedClosed)) throw error;
        if (past === this.#past) throw new TraceRefused(stopping);
      }
    }
  }

  #nothing(): Past {
    const { source, beside } = this.#options;
    // Looked for when somebody asks: a start has other things to do.
    let opened: Promise<Retained> | null = null;
    const retained = (): Promise<Retained> =>
      (opened ??= Retained.open(beside).catch((error: unknown) => {
        opened = null;
        throw error;
      }));
    const loader = new Loader(source, async (position) =>
      position > this.#keptTo ? undefined : this.#inRetained((newest) => newest.atPosition(position)),
    );
    // A start that nobody asked anything has not opened it.
    const close = async (): Promise<void> => (await opened?.catch(() => null))?.close();
    return { loader, retained, close };
  }

  async #sight({ position }: AsOf): Promise<Sight> {
    await this.#index.reach(position);
    const { loader } = this.#past;
    const reader = new IndexReader(this.#index, position);
    return new Sight(reader, loader, new Stories(reader, loader));
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
