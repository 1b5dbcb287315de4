/** Everything that views read. Each field is replaced as a whole when it changes, so that a view can choose narrowly. */
import type { Event, Forest, PendingReview, Status } from '../../../typescript/src/browser.ts';
import type { GhostBranch } from '../model/ghosts.ts';
import { emptyGraph, type Graph, type GraphNode } from '../model/graph.ts';
import { emptyWindow, noFilter, type EventFilter, type TimelineWindow } from '../model/timeline.ts';
import type { Density, TimeRange } from './history-source.ts';

/** How the page stands to the broker. */
export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** The stream is lost, and another is tried at once or soon. */
  | { readonly kind: 'reconnecting'; readonly sinceMs: number; readonly message: string }
  /** Nothing was heard for long: somebody has to look. */
  | { readonly kind: 'gone'; readonly sinceMs: number; readonly message: string };

/** Something that just happened to a node, for a moment. */
export interface Mark {
  readonly kind: 'grown' | 'changed' | 'settled' | 'reverted';
  /** Tells one mark from the next on the same node. */
  readonly count: number;
  readonly untilMs: number;
}

/** A node that is not in the tree any more and fades where it was. */
export interface Departure {
  readonly node: GraphNode;
  readonly kind: 'removed' | 'reverted';
  readonly untilMs: number;
}

export interface SessionState {
  readonly connection: ConnectionState;
  readonly forests: readonly Forest[];
  readonly status: Status | undefined;
  readonly graph: Graph;
  /** True once the first tree was drawn. */
  readonly isDrawn: boolean;
  readonly marks: ReadonlyMap<string, Mark>;
  readonly departures: readonly Departure[];
  readonly branches: readonly GhostBranch[];
  readonly reviews: readonly PendingReview[];
  /** More reviews wait than were asked for. */
  readonly hasMoreReviews: boolean;
  readonly window: TimelineWindow;
  readonly range: TimeRange;
  readonly density: readonly Density[];
  /** The journal position that is looked at; 0: live. */
  readonly position: number;
  /** The trunk revision that the tree shows. */
  readonly revision: number;
  readonly current: Event | undefined;
  readonly isTravelling: boolean;
  readonly isPlaying: boolean;
  readonly speed: number;
  readonly filter: EventFilter;
  readonly authors: readonly string[];
  /** Something to tell the reader; empty: nothing. */
  readonly notice: string;
}

export const firstState: SessionState = {
  connection: { kind: 'connecting' },
  forests: [],
  status: undefined,
  graph: emptyGraph,
  isDrawn: false,
  marks: new Map(),
  departures: [],
  branches: [],
  reviews: [],
  hasMoreReviews: false,
  window: emptyWindow,
  range: { first: 0, last: 0 },
  density: [],
  position: 0,
  revision: 0,
  current: undefined,
  isTravelling: false,
  isPlaying: false,
  speed: 5,
  filter: noFilter,
  authors: [],
  notice: '',
};
