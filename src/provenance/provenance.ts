/** Who knew what in one forest: the index over its journal, and the walks through it. */
import type { Clock } from '../base/clock.ts';
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
import { IndexRuns } from './index-runs.ts';
import { ghostKey } from './key.ts';
import { Loader } from './loader.ts';
import type { EntrySource } from './loader.ts';
import type { Made, Recorded } from './made.ts';
import { TraceRefused } from './pause.ts';
import type { Pause } from './pause.ts';
import { IndexReader } from './reader.ts';
import { Sight } from './sight.ts';
import { turn } from './slices.ts';
import { Stories } from './stories.ts';
import { upstream } from './upstream.ts';
import type { Seen } from './upstream.ts';

export interface ProvenanceOptions {
  readonly clock: Clock;
  readonly source: EntrySource;
  /** The oldest position that the journal still holds. */
  readonly firstPosition: () => number;
  /** The newest position that was there when the forest was opened: what comes later is fed. */
  readonly openedAt: number;
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

export class Provenance {
  readonly #options: ProvenanceOptions;
  readonly #index: IndexRuns;
  readonly #feeder: Feeder;
  readonly #loader: Loader;
  #caughtUp: Promise<void> | null = null;
  #isClosed = false;

  constructor(options: ProvenanceOptions) {
    this.#options = options;
    this.#index = new IndexRuns(options.clock);
    this.#feeder = new Feeder(this.#index, options.baseOf);
    this.#loader = new Loader(options.source);
  }

  /** Takes what has become durable; what made no entry comes without a proposal. */
  feed(entries: readonly { readonly proposal: Proposal | null; readonly effects: Effects }[]): void {
    for (const { proposal, effects } of entries)
      if (proposal !== null) this.#feeder.feed({ proposal, effects });
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
    await this.#caughtUp?.catch(() => undefined);
    await this.#index.settled();
  }

  async #sight({ position }: AsOf): Promise<Sight> {
    await (this.#caughtUp ??= this.#catchUp());
    const reader = new IndexReader(this.#index, position);
    return new Sight(reader, this.#loader, new Stories(reader, this.#loader));
  }

  /** Feeds what was in the journal when the forest was opened. Tried anew at the next trace where it fails. */
  async #catchUp(): Promise<void> {
    const { source, firstPosition, openedAt, clock } = this.#options;
    try {
      for await (const batch of source.entries(firstPosition(), openedAt)) {
        for (const recorded of batch) this.#feeder.feed(recorded);
        if (this.#isClosed) return;
        await turn(clock);
        await this.#index.settled();
      }
    } catch (error) {
      this.#caughtUp = null;
      throw error;
    }
  }

  async #find(
    { reader, loader, stories }: Sight,
    { start }: Walk,
  ): Promise<{ readonly made: Made; readonly recorded: Recorded } | Rejection> {
    if (start.kind === 'revision') {
      const position = await this.#options.positionOf(start.revision);
      if (typeof position !== 'number') return position;
      const loaded = await loader.load(position);
      if (loaded === null) return compacted(start.revision);
      const { recorded, made } = loaded;
      return { made: made ?? nothing(recorded), recorded };
    }
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
