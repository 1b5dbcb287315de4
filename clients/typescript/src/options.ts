/** Options of the verbs. */
import type { ViewOptions } from './agent.ts';
import type { BasisEntry } from './basis.ts';
import type { Precondition } from './operation.ts';
import type { CallLimits } from './transport.ts';

/** Options of every write. */
export interface PublishOptions extends CallLimits {
  /** All must hold, or nothing takes effect. */
  readonly preconditions?: readonly Precondition[] | undefined;
  /** What the diff is, in a few words. */
  readonly label?: string | undefined;
  /** What the agent had read, instead of what the client has tracked (which goes along unless `requestId` is given). */
  readonly basis?: readonly BasisEntry[] | undefined;
  /** Default: one of the client's own. The same content under the same id within an hour repeats the first outcome. */
  readonly requestId?: string | undefined;
  /** Default: the client's. */
  readonly author?: string | undefined;
}

/** Options of reads. */
export interface ReadOptions extends CallLimits, ViewOptions {}

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
export interface DiffOptions extends CallLimits {
  /** Below which node. Default: everywhere. */
  readonly path?: string | undefined;
  /** Default 1,000, at most 10,000. */
  readonly pageSize?: number | undefined;
}

/** Options of `history`. */
export interface HistoryOptions extends CallLimits {
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
}

/** Options of `commit`. */
export interface CommitOptions extends CallLimits {
  /** What must not have changed meanwhile: what the ghost writes (the default), or what it has read too. */
  readonly isolation?: 'writes' | 'serializable' | undefined;
  readonly label?: string | undefined;
}

/** Options of `subscribe`. */
export interface SubscribeOptions {
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
  /** Yields bookmarks too. */
  readonly bookmarks?: boolean | undefined;
  /** How often bookmarks come while nothing else does: 100 ms to 30 s. Default: 30,000. */
  readonly bookmarkIntervalMs?: number | undefined;
  /** Ends the subscription. */
  readonly signal?: AbortSignal | undefined;
}
