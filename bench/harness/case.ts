/** What a case is: one question, asked of several subjects in turn, and the figures that the answers must reach. */

/** Medians, counts and the like under names that end in their unit: `cpuUs`, `perSecond`, `p99Us`, `bytes`. */
export type Metrics = Readonly<Record<string, number>>;

/** How a run is to go. */
export interface Context {
  /** Short, for CI: shows that the case runs, and measures nothing worth keeping. */
  readonly isSmoke: boolean;
  /** A folder of the run's own, on the disk to be measured. */
  readonly folder: string;
  /** The one for a full run, or the other for a smoke run. */
  size(full: number, smoke: number): number;
}

/** A subject that is up. */
export interface Running {
  measure(): Promise<Metrics>;
  stop(): Promise<void>;
}

/** A subject that this machine lacks. */
export interface Absent {
  readonly absent: string;
}

/** Who is measured: the broker, a peer, or the broker in another situation. */
export interface Subject {
  readonly name: string;
  start(context: Context): Promise<Running | Absent>;
}

/** A figure to reach: a subject's metric, or its ratio to another subject's within the same rounds. */
export interface Figure {
  readonly text: string;
  readonly metric: string;
  readonly of: string;
  readonly per?: string;
  readonly bound: { readonly atMost: number } | { readonly atLeast: number };
}

/** A named case. */
export interface Case {
  /** Such as `publish/unary/50`. */
  readonly name: string;
  /** What is done, in a sentence. */
  readonly about: string;
  readonly subjects: readonly Subject[];
  readonly figures: readonly Figure[];
  /** Rounds of a full run; each measures every subject once. Default 5. */
  readonly rounds?: number;
}

/** A subject that measures inside this process and needs no end. */
export function local(
  name: string,
  prepare: (context: Context) => () => Metrics | Promise<Metrics>,
): Subject {
  return {
    name,
    start(context) {
      const measure = prepare(context);
      return Promise.resolve({ measure: async () => measure(), stop: () => Promise.resolve() });
    },
  };
}
