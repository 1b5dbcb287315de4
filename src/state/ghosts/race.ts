/** Ghosts that are alternatives: the first of them to be committed wins, and the others are reverted. */

/** A race. Owned by the state machine and edited in place. */
export interface Race {
  readonly id: string;
  /** How many attempts all its ghosts have together. */
  readonly attemptsMax: number;
  /** Ghosts begun, and returns to a checkpoint. */
  attempts: number;
  /** Its live ghosts, oldest first. */
  readonly members: Set<string>;
  /** The ghost that was committed; empty while none is. */
  winnerId: string;
  /** Journal position of its beginning. */
  readonly position: number;
}
