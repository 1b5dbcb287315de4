/** What the clients of a run asked for and were told: all that the checks know beside the journal's own story. */
import type { Event } from '../../src/gen/hyperloom/v1/event_pb.ts';
import type { Fault, Guarantee } from './guarantees.ts';
import { Knowledge } from './knowledge.ts';
import type { NodeFacts } from './model.ts';
import type { OperationInit, PreconditionInit } from './requests.ts';

/** A write that some client wanted, from its first attempt to the last. */
export interface WriteRecord {
  readonly client: string;
  readonly requestId: string;
  readonly invokedMs: number;
  /** What it writes, as the checks see it: every text that it would leave behind. */
  readonly tokens: readonly string[];
  /** What it asks to be done, where the event must tell just that. */
  readonly operations: readonly OperationInit[];
  readonly preconditions: readonly PreconditionInit[];
  /** The ghost whose commit it is; empty for other writes. */
  readonly ghostId: string;
  /** When the client knew the outcome; `Infinity` where it never did. */
  completedMs: number;
  /** When the broker that told it had been started. */
  startedMs: number;
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
  readonly nodes: ReadonlyMap<string, NodeFacts | null>;
  /** Set where it listed a whole subtree: there must be nothing else below. */
  readonly listed: string | null;
}

/** What a `Diff` of two revisions told: the paths that differ. */
export interface DiffRecord {
  readonly client: string;
  readonly from: number;
  readonly to: number;
  readonly paths: readonly string[];
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

/** A stretch of the journal of which a watcher of everything was told all events, ghosts' included. */
export interface Stretch {
  readonly client: string;
  readonly afterPosition: number;
  untilPosition: number;
  /** Position and digest of each event. */
  readonly events: (readonly [position: number, digest: string])[];
}

/** A ghost's whole life, as its worker knows it. */
export interface GhostRecord {
  readonly client: string;
  readonly ghostId: string;
  readonly baseRevision: number;
  /** The race that it is in; empty for none. */
  readonly race: string;
  /** What it may stage at most by its gate; 0 for no limit. */
  readonly operationsMax: number;
  /** A gate of it names the reviewer. */
  readonly isReviewed: boolean;
  /** Texts that were staged and not reverted, and those that were. */
  readonly kept: string[];
  readonly dropped: string[];
  /** How often it went back to its checkpoint. */
  rewinds: number;
  end: 'committed' | 'reverted' | 'unknown';
  commitRequestId: string;
}

/** A reviewer's approval, and what it had seen in the ghost. */
export interface ApprovalRecord {
  readonly ghostId: string;
  readonly seen: readonly string[];
}

/** Up to what numbers may be, from a revision on. */
export interface DeclaredRecord {
  readonly maximum: number;
  readonly revision: number;
}

/** The time for which a client held an exclusive lock, as far as it wrote under it. */
export interface TenureRecord {
  readonly client: string;
  readonly path: string;
  readonly fencingToken: bigint;
  /** Of all writes that it tried with the token, late ones included. */
  readonly requestIds: Set<string>;
}

export type HoldMode = 'S' | 'SIX' | 'X';

/** A lock as its holder knows it: held for certain between two moments. */
export interface HoldRecord {
  readonly client: string;
  readonly leaseId: string;
  readonly targets: readonly { readonly path: string; readonly mode: HoldMode }[];
  readonly fencingToken: bigint;
  /** When it was first asked for, and when its holder knew that it had it. */
  readonly invokedMs: number;
  readonly fromMs: number;
  /** Until when it is certain: its owner's last sign of life and the ttl, or its release. */
  untilMs: number;
  /** Kept quiet for this long after its owner has vanished; 0 once it was released. */
  delayMs: number;
  readonly requestIds: Set<string>;
}

/** A lease as its owner knows it. */
export interface LeaseRecord {
  readonly client: string;
  readonly leaseId: string;
  readonly ttlMs: number;
  /** The lease lives until then for certain, unless its owner ends it. */
  aliveUntilMs: number;
  /** No sign of life came after this. `Infinity` while its owner may still give one. */
  lastSignMs: number;
  /** When its owner ended it and was told so. */
  endedMs: number;
}

/** Something that has an owner, as an auditor saw it. */
export interface OwnedRecord {
  readonly kind: 'lease' | 'ghost' | 'node';
  /** The lease, or the ghost. */
  readonly id: string;
  readonly what: string;
  /** When the auditor asked, and when the broker had last been started by then. */
  readonly invokedMs: number;
  readonly startedMs: number;
}

/** A state hash, at a position that no crash can take. */
export interface HashRecord {
  readonly position: number;
  readonly hash: string;
  readonly by: string;
}

/** What is known of one forest. */
export class ForestHistory {
  readonly name: string;
  readonly writes: WriteRecord[] = [];
  readonly reads: ReadRecord[] = [];
  readonly diffs: DiffRecord[] = [];
  readonly subscribers: SubscriberRecord[] = [];
  readonly stretches: Stretch[] = [];
  readonly ghosts: GhostRecord[] = [];
  readonly approvals: ApprovalRecord[] = [];
  readonly declared: DeclaredRecord[] = [];
  /** Commits of appends and increments that were refused as conflicts: where, and the revision that their ghosts stood on. */
  readonly conflicted: { readonly ghostId: string; readonly path: string; readonly base: number }[] = [];
  /** Texts that a schema gate has dropped. */
  readonly droppedTexts: string[] = [];
  readonly tenures: TenureRecord[] = [];
  readonly holds: HoldRecord[] = [];
  readonly leases: LeaseRecord[] = [];
  readonly owned: OwnedRecord[] = [];
  readonly knowledge = new Knowledge();
  readonly hashes: HashRecord[] = [];
  /** Events of the trunk that somebody read before they were compacted, by revision. */
  readonly chronicle: Event[] = [];
  /** The newest revision that anybody asked to compact to: what is older may be gone. */
  compactedMax = 0;

  constructor(name: string) {
    this.name = name;
  }
}

export interface Broken {
  readonly guarantee: Guarantee;
  readonly what: string;
}

/** What happened in a run. */
export class History {
  /** What must never be seen, whoever saw it. */
  readonly broken: Broken[] = [];
  /** How often each guarantee was checked while the run went on. */
  readonly checked = new Map<Guarantee, number>();
  /** How often each kind of fault was injected. */
  readonly faults = new Map<Fault, number>();
  readonly #forests = new Map<string, ForestHistory>();

  get forests(): readonly ForestHistory[] {
    return [...this.#forests.values()];
  }

  forest(name: string): ForestHistory {
    const known = this.#forests.get(name) ?? new ForestHistory(name);
    this.#forests.set(name, known);
    return known;
  }

  /** Notes that something was looked at, and what is wrong with it, if anything. */
  expect(guarantee: Guarantee, holds: boolean, what: () => string): void {
    this.checked.set(guarantee, (this.checked.get(guarantee) ?? 0) + 1);
    if (!holds) this.broken.push({ guarantee, what: what() });
  }

  fault(kind: Fault): void {
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1);
  }
}
