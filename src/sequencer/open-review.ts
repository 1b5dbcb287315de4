/** What reviewers are asked, and told. */
import type { GhostInfo } from '../state/ghosts/ghost.ts';

/** A review that is asked for. */
export interface OpenReview {
  readonly ghost: GhostInfo;
  readonly reviewer: string;
  readonly edition: number;
  readonly requestTimeMs: number;
  readonly label: string;
}

export type ReviewNews =
  | { readonly kind: 'requested'; readonly review: OpenReview }
  | {
      readonly kind: 'settled';
      readonly review: OpenReview;
      readonly settlement: 'approved' | 'rejected' | 'void';
    };
