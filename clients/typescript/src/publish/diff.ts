/** A context diff on its way to the broker. */
import type { BasisEntry } from '../basis.ts';
import type { Operation, Precondition } from '../operation.ts';
import type { CallLimits } from '../transport.ts';

/** Everything that one publish carries. */
export interface Diff {
  /** Empty: `default`. */
  readonly forest: string;
  /** Empty: the trunk. */
  readonly ghostId: string;
  readonly operations: readonly Operation[];
  readonly preconditions: readonly Precondition[];
  readonly requestId: string;
  readonly author: string;
  readonly label: string;
  readonly basis: readonly BasisEntry[];
  readonly fencingTokens: readonly number[];
  /** Whole milliseconds; 0: it does not wait for locks. */
  readonly lockWaitMs: number;
  /** In a ghost: the edition that its author knows. 0: none. */
  readonly edition: number;
  /** Its W3C trace context; empty: none. */
  readonly traceParent: string;
}

/** The outcome of a publish. */
export interface Published {
  /** The trunk revision it made; 0 in a ghost. */
  readonly revision: number;
  /** In a ghost: the number of the staged diff. */
  readonly sequence: number;
  /** True where this repeats the outcome of an earlier request with the same id. */
  readonly repeated: boolean;
  /** In a ghost: its edition afterwards; 0 on the trunk. */
  readonly edition: number;
}

/** Looks at each outcome before the caller gets it. */
export interface OutcomeObserver {
  onPublished(published: Published): void;
}

/** Brings diffs to the broker, in the order of the calls. */
export interface Publisher {
  /** `limits.timeoutMs` is always set by the caller. */
  publish(diff: Diff, limits: CallLimits, observer: OutcomeObserver): Promise<Published>;
  /** Resolves at once while the window has room, otherwise as soon as it has. */
  ready(): Promise<void>;
  /** Resolves when every publish so far has its outcome, good or bad. */
  flush(): Promise<void>;
  /** Fails everything that has no outcome yet. */
  close(): void;
}
