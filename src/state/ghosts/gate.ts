/** What must be fulfilled before a ghost can be committed, and where that stands. */
import type { Pattern } from '../../trie/pattern.ts';

/** What must be fulfilled. A new kind of gate is one more of these, and one more case in `gates.ts`. */
export type Gate =
  /** What the ghost may touch. No patterns: all of its scope. 0: no such limit. */
  | {
      readonly kind: 'limit';
      readonly patterns: readonly Pattern[];
      readonly operationsMax: number;
      readonly bytesMax: number;
    }
  /** Somebody who must approve. */
  | { readonly kind: 'review'; readonly reviewer: string }
  /** What becomes of values that do not fit their schemas. */
  | { readonly kind: 'schema'; readonly onViolation: 'revert' | 'collect' };

/** A reviewer's word about one edition of a ghost. It is worth nothing for any other. */
export interface Approval {
  readonly edition: number;
  readonly author: string;
  readonly reason: string;
  readonly timeMs: number;
}

/** A gate of a ghost, with the last approval that it got. */
export interface GateStanding {
  readonly gate: Gate;
  readonly approval: Approval | null;
}
