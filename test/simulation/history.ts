/** What the clients of a run asked for and were told: all that the checks know beside the journal's own story. */

/** A write that some client wanted, from its first attempt to the last. */
export interface WriteRecord {
  readonly client: string;
  readonly requestId: string;
  readonly invokedMs: number;
  /** What it writes, as the checks see it: every text that it would leave behind. */
  readonly tokens: readonly string[];
  /** When the client knew the outcome; `Infinity` where it never did. */
  completedMs: number;
  /** The revision it was told; 0 where it was refused, or never told. */
  revision: number;
  /** Why it was refused; empty where it was not. */
  refusal: string;
}

/** A read and what it showed. `null`: there was no such node. */
export interface ReadRecord {
  readonly client: string;
  readonly invokedMs: number;
  readonly completedMs: number;
  readonly revision: number;
  /** The read was to show the newest state. */
  readonly isLinearizable: boolean;
  readonly nodes: ReadonlyMap<string, string | null>;
  /** Set where it listed a whole subtree: there must be nothing else below. */
  readonly listed: string | null;
}

/** Where a subscriber stood after an event or a bookmark, and what it had made of the events so far. */
export interface Seen {
  readonly revision: number;
  readonly state: ReadonlyMap<string, string>;
}

export interface SubscriberRecord {
  readonly client: string;
  /** It watches what lies below. */
  readonly prefix: string;
  readonly seen: Seen[];
  /** What the stream itself broke of its promises: order, uniqueness. */
  readonly broken: string[];
}

/** A ghost's whole life, as its worker knows it. */
export interface GhostRecord {
  readonly client: string;
  readonly ghostId: string;
  readonly baseRevision: number;
  /** Texts that were staged and not reverted, and those that were. */
  readonly kept: string[];
  readonly dropped: string[];
  end: 'committed' | 'reverted' | 'unknown';
  commitRequestId: string;
}

/** The time for which a client held an exclusive lock, as far as it wrote under it. */
export interface TenureRecord {
  readonly client: string;
  readonly path: string;
  readonly fencingToken: bigint;
  /** Of all writes that it tried with the token, late ones included. */
  readonly requestIds: Set<string>;
}

export class History {
  readonly writes: WriteRecord[] = [];
  readonly reads: ReadRecord[] = [];
  readonly subscribers: SubscriberRecord[] = [];
  readonly ghosts: GhostRecord[] = [];
  readonly tenures: TenureRecord[] = [];
  /** What must never be seen, whoever saw it. */
  readonly bugs: string[] = [];
}
