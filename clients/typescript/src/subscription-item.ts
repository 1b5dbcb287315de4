import type { Event } from './event.ts';
import type { Aged, Node } from './node.ts';

/** What a subscription yields. A bookmark's age is how long ago its broker last knew that it had seen all that any of them had acknowledged. */
export type SubscriptionItem =
  /** The matching nodes as they are, in order: once, first, complete. */
  | ({
      readonly kind: 'snapshot';
      readonly nodes: readonly Node[];
      readonly revision: number;
      readonly position: number;
    } & Aged)
  /** Something that happened. */
  | { readonly kind: 'event'; readonly event: Event; readonly revision: number; readonly position: number }
  /** Everything up to here was sent. Only with the option `bookmarks`. */
  | ({ readonly kind: 'bookmark'; readonly revision: number; readonly position: number } & Aged);
