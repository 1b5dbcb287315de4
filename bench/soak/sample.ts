/** What is measured every few seconds: by the load generators, each of its own work, and by the probe inside the broker. */

/** One kind of work since the last sample. */
export interface KindSample {
  readonly count: number;
  /** Refusals that the work is made to run into, such as conflicts. */
  readonly refused: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** How far the subscribers that keep up were behind. */
export interface LagSample {
  /** From the time that the broker wrote into an event until it was handed out. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Trunk revisions that the broker answered a status call with and the subscriber had not seen yet. */
  readonly revisions: number;
  readonly events: number;
}

/** A line that a load generator prints. */
export interface LoadSample {
  readonly kinds: Readonly<Record<string, KindSample>>;
  readonly lag: LagSample;
  /** What must not happen, in words: a few of all since the last sample. */
  readonly failures: readonly string[];
  readonly failuresTotal: number;
  /** Work that was not begun since then because as much as may be was under way. */
  readonly heldBack: number;
}

/** The last line of a load generator. */
export interface LoadResult {
  /** Acknowledged increments of a node, by path: what must be found there. */
  readonly totals: Readonly<Record<string, number>>;
}

/** A line that the probe appends to its file. */
export interface ProbeSample {
  readonly heapUsedBytes: number;
  readonly heapTotalBytes: number;
  readonly externalBytes: number;
  readonly arrayBufferBytes: number;
  /** What was in use right after the last full collection. 0 before the first. */
  readonly liveHeapBytes: number;
  /** The same outside the heap: between collections most of it belongs to buffers that are garbage already. */
  readonly liveExternalBytes: number;
  /** The least since the last sample, looked at several times a second: right after a collection it is there for a moment only. */
  readonly leastResidentBytes: number;
  readonly leastExternalBytes: number;
  readonly fullCollections: number;
  readonly pauseMs: number;
  readonly loopDelayP50Ms: number;
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
}
