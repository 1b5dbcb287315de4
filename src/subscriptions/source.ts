/** What a forest's subscriptions need to know of the forest. The sequencer provides it. */
import type { EventRoots, ForestEvent } from '../state/event.ts';
import type { Ghost, GhostInfo, Root } from '../state/ghosts/ghost.ts';
import type { Rejection } from '../state/outcome.ts';

/** The trunk as readers may see it: everything in it is durable. */
export interface TrunkView {
  readonly root: Root;
  readonly revision: number;
  /** Journal position of the newest entry that it includes. */
  readonly position: number;
}

/** Reads a forest's past and present. */
export interface EventSource {
  /** The newest durable state. Its events, and all before, have been handed to `Hub.publish`. */
  view(): TrunkView;
  /** Journal position of the newest applied entry, durable or not; events up to it will be published. */
  readonly appliedPosition: number;
  /** Resolves once everything up to `position`, which is applied, is durable; with a rejection if it never will be. */
  durable(position: number): Promise<Rejection | null>;
  /** A live ghost, or one that is over, as it is now. Its events up to `view().position` have been published. */
  ghost(ghostId: string): Ghost | GhostInfo | Rejection;
  /**
   * Events of durable entries after one journal position, up to another (inclusive), in order, in batches; all events of a
   * position are in the same batch. Rejects with a `Rejection` inside a `HistoryGone` where they are compacted.
   */
  readEvents(afterPosition: number, untilPosition: number): AsyncIterable<readonly ForestEvent[]>;
  /** The trunk's root at a revision, from memory or rebuilt from disk. */
  rootAt(revision: number): Promise<Root>;
  /** The roots on both sides of a diff that is staged in a live ghost; `null` where they cannot be had any more. */
  readonly stagedRoots: { of(event: ForestEvent): Promise<EventRoots | null> };
  /** The position of the entry that made a revision (0 for revision 0), or why it cannot be told. */
  positionOf(revision: number): Promise<number | Rejection>;
  /** Oldest position from which `readEvents` can go on. */
  readonly oldestPosition: number;
}

/** History that was asked for is not there any more. */
export class HistoryGone extends Error {
  override readonly name = 'HistoryGone';
  readonly rejection: Rejection;

  constructor(rejection: Rejection) {
    super(rejection.message);
    this.rejection = rejection;
  }
}
