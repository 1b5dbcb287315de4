/** Options of the verbs. */
import type { ViewOptions } from './agent.ts';
import type { BasisEntry } from './basis.ts';
import type { Gate, RaceMembership } from './gate.ts';
import type { SchemaMigration } from './migration.ts';
import type { LeaseReference, Precondition } from './operation.ts';
import type { CallLimits } from './transport.ts';
import type { FormOptions, ValueViewOptions } from './value-view.ts';

/** How a write stands to locks. */
export interface FenceOptions {
  /** Tokens of the locks that it is done under, all of one lease. Default: those of the lock whose verb this is; none on a client. */
  readonly fencingTokens?: readonly number[] | undefined;
  /**
   * How long to wait for locks of others that the write runs into, at most a day; `Infinity`: until the deadline or the signal. Default:
   * 0, it is refused with {@link LockedError}. A write that waits goes by itself, after all that were published before it.
   */
  readonly lockWaitMs?: number | undefined;
}

/** Options of every write. */
export interface PublishOptions extends CallLimits, FenceOptions {
  /** All must hold, or nothing takes effect. */
  readonly preconditions?: readonly Precondition[] | undefined;
  /** What the diff is, in a few words. */
  readonly label?: string | undefined;
  /** What the agent had read, instead of what the client has tracked. */
  readonly basis?: readonly BasisEntry[] | undefined;
  /** Default: one of the client's own. The same content under the same id within an hour repeats the first outcome. */
  readonly requestId?: string | undefined;
  /** Default: the client's. */
  readonly author?: string | undefined;
  /** The W3C trace context (`traceparent`) that it belongs to. Default: what the client's `traceParent` tells. */
  readonly traceParent?: string | undefined;
}

/** Options of `put`. */
export interface PutOptions extends PublishOptions {
  /** Binds the node to a lease, with which it is deleted. A put without one unbinds it; other writes leave it as it is. */
  readonly lease?: LeaseReference | undefined;
}

/** Options of reads. */
export interface ReadOptions extends CallLimits, ViewOptions, ValueViewOptions {}

/** Options of `list`. */
export interface ListOptions extends ReadOptions {
  /** 1: direct children (the default). 0: everything below. */
  readonly depth?: number | undefined;
  /** Leaves values out. */
  readonly keysOnly?: boolean | undefined;
  /** At most 10,000. Default: 1,000. */
  readonly pageSize?: number | undefined;
}

/** Options of `diff` on the trunk. */
export interface DiffOptions extends CallLimits, FormOptions {
  /** Below which node. Default: everywhere. */
  readonly path?: string | undefined;
  /** Default 1,000, at most 10,000. */
  readonly pageSize?: number | undefined;
}

/** Options of `history`. */
export interface HistoryOptions extends CallLimits, FormOptions {
  /** Only what changes something here or below. Default: everything. */
  readonly path?: string | undefined;
  readonly afterPosition?: number | undefined;
  readonly untilPosition?: number | undefined;
  readonly afterRevision?: number | undefined;
  /** Ghosts' events too. Default: false. */
  readonly everything?: boolean | undefined;
  /** Default: false, oldest first. */
  readonly newestFirst?: boolean | undefined;
  /** Default 100, at most 1,000. */
  readonly pageSize?: number | undefined;
}

/** Options of `blame`. */
export interface BlameOptions extends CallLimits {
  /** How deep below the node. Default: 0, the node alone. */
  readonly depth?: number | undefined;
  /** Default: the newest revision. */
  readonly atRevision?: number | undefined;
  /** Default 100, at most 1,000. */
  readonly pageSize?: number | undefined;
}

/** Options of a new ghost. */
export interface GhostOptions extends CallLimits {
  /** What it is, in a few words. */
  readonly label?: string | undefined;
  /** The only subtree it may write to. Default: the whole forest. */
  readonly scope?: string | undefined;
  /** The trunk revision to stand on. Default: the newest. Not for ghosts in ghosts. */
  readonly baseRevision?: number | undefined;
  /** How long it lives when this process goes away; the client keeps it alive meanwhile. Default: 60,000. */
  readonly ttlMs?: number | undefined;
  /** Default: the client's. */
  readonly author?: string | undefined;
  /** What must be fulfilled before it can be committed; see {@link gate}. At most 32. */
  readonly gates?: readonly Gate[] | undefined;
  /** Makes it one of several alternatives. */
  readonly race?: RaceMembership | undefined;
  /** Lets it live as long as this lease, whatever its own ttl. Default: the lease of the lock that it is begun in. */
  readonly lease?: LeaseReference | undefined;
  /** The version of a schema that its commit puts into force. Not for ghosts in ghosts. */
  readonly migration?: SchemaMigration | undefined;
}

/** Options of a ghost in a ghost. */
export type InnerGhostOptions = Omit<GhostOptions, 'baseRevision' | 'migration'>;

/**
 * Options of `commit`. Where a gate names a reviewer, the call waits for the decision: without `timeoutMs` for as long as it takes.
 */
export interface CommitOptions extends CallLimits, FenceOptions {
  /** What must not have changed meanwhile: what the ghost writes (the default), or what it has read too. */
  readonly isolation?: 'writes' | 'serializable' | undefined;
  readonly label?: string | undefined;
  /**
   * The edition that was looked at, as `ghost.state()` tells it: where the ghost is another one when the commit takes effect, or when its reviewers
   * are to be asked, {@link ReviewOutdatedError}. Default: what the ghost holds by then.
   */
  readonly exactEdition?: number | undefined;
}

/** Options of `locks`. */
export interface LocksOptions extends CallLimits {
  /** Only locks with a target here, below, or above. Default: all. */
  readonly path?: string | undefined;
  /** Only this lease's. */
  readonly leaseId?: string | undefined;
  /** Default 100, at most 1,000. */
  readonly pageSize?: number | undefined;
}

/** Options of `subscribe`. */
export interface SubscribeOptions extends ValueViewOptions {
  /**
   * Where to start. `snapshot` (the default): the matching nodes first, then what changes. `now`: only what happens from now on.
   * A revision or position: everything after it.
   */
  readonly start?:
    'snapshot' | 'now' | { readonly afterRevision: number } | { readonly afterPosition: number } | undefined;
  /** Ghosts' events too. Default: the trunk's alone. */
  readonly everything?: boolean | undefined;
  /** `result` adds the node as it is after each change. Default: `operation`. */
  readonly detail?: 'operation' | 'result' | undefined;
  /** Adds the node as it was before each change. */
  readonly includePrevious?: boolean | undefined;
  /** Adds what the author had read. */
  readonly includeBasis?: boolean | undefined;
  /** Tells this agent, whatever the patterns, when what its publishes were made from was reverted: `event.basisReverted`. */
  readonly agent?: string | undefined;
  /** Yields bookmarks too. */
  readonly bookmarks?: boolean | undefined;
  /** How often bookmarks come while nothing else does: 100 ms to 30 s. Default: 30,000. */
  readonly bookmarkIntervalMs?: number | undefined;
  /** Ends the subscription. */
  readonly signal?: AbortSignal | undefined;
}
