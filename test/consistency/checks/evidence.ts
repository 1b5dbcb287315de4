/** What the checks look at: what clients saw, what the broker tells at the end, and when what was away. */
import type { Absence } from '../broker.ts';
import type { Compaction } from '../chronicle.ts';
import type { History } from '../history.ts';
import type { StoryEvent, Timeline } from '../story.ts';

/** A hash of the whole state, and the journal position at which it was taken. */
export interface StateHash {
  readonly position: number;
  readonly hash: string;
}

export interface Evidence {
  readonly history: History;
  readonly events: readonly StoryEvent[];
  readonly timeline: Timeline;
  /** Times in which the broker was away, or clients could not reach it. */
  readonly absences: readonly Absence[];
  readonly compactions: readonly Compaction[];
  /** Whether several brokers have the forest, of which each may be a moment behind where nobody asks it not to be. */
  readonly isShared: boolean;
  /** When workers were killed, by name. */
  readonly killedNs: ReadonlyMap<string, number>;
  /** Before the last restarts and after each of them. */
  readonly hashes: readonly StateHash[];
}

/** Whether the broker went down between two moments: what it had told without waiting for the disk may be gone then. */
export function isCrashed({ absences }: Evidence, fromNs: number, untilNs: number): boolean {
  return absences.some(
    ({ kind, startNs, endNs }) => kind === 'restarted' && startNs < untilNs && endNs > fromNs,
  );
}

/** Yields a sentence for each thing that must not be. */
export type Check = (evidence: Evidence) => Iterable<string>;
