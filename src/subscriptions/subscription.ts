/** What a subscriber asks for, and how it is told. */
import type { Entry } from '../state/values/value.ts';
import type { Rejection } from '../state/outcome.ts';
import type { Visited } from '../trie/iterate.ts';
import type { Pattern } from '../trie/pattern.ts';
import type { Delivery } from './delivery.ts';

/** Where a subscription starts. Revisions and positions are the last ones that the subscriber has seen. */
export type Start =
  | { readonly kind: 'snapshot' }
  | { readonly kind: 'now' }
  | { readonly kind: 'after_revision'; readonly revision: number }
  | { readonly kind: 'after_position'; readonly position: number };

/** Whose events it is about. */
export type Scope =
  | { readonly kind: 'trunk' }
  | { readonly kind: 'ghost'; readonly ghostId: string }
  | { readonly kind: 'everything' };

export interface Subscription {
  readonly patterns: readonly Pattern[];
  readonly start: Start;
  readonly scope: Scope;
  /** Events must carry their roots, because nodes before or after a change are asked for. */
  readonly needsRoots: boolean;
  /** Who is told of reverts of what it had read, whatever the patterns and the scope; empty or absent for nobody. */
  readonly agent?: string;
  readonly bookmarkIntervalMs: number;
}

/** A node of a snapshot. */
export type SnapshotNode = Visited<Entry>;

/**
 * The subscriber's end. Where a method answers false, more is queued than should be: nothing is sent until the handle's
 * `drained` is called.
 */
export interface Receiver {
  snapshot(part: readonly SnapshotNode[], revision: number): boolean;
  event(delivery: Delivery): boolean;
  bookmark(revision: number, position: number): boolean;
  /** Nothing follows. `null`: an orderly end, because the ghost is over. */
  end(rejection: Rejection | null): void;
}

/** What the subscriber can do. */
export interface SubscriptionHandle {
  /** The queue is short again. */
  drained(): void;
  /** The subscriber is gone. `end` is not called. */
  cancel(): void;
  /** Ends it from the broker's side, after a last bookmark where it has seen everything. */
  end(rejection: Rejection): void;
}
