/** A client: one agent's way to a broker's trunk. */
import { create } from '@bufbuild/protobuf';
import { Agent } from './agent.ts';
import { BasisRecord } from './basis.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { diffRevisions, type NodeDifference } from './difference.ts';
import type { Event } from './event.ts';
import { Forests, type StatusOptions } from './forests.ts';
import type { Status } from './forest.ts';
import {
  ContextService,
  KeepAliveRequestSchema,
  ListGhostsRequestSchema,
} from './gen/hyperloom/v1/context_service_pb.ts';
import { Ghost, readGhostById } from './ghost.ts';
import { readGhost, wireGhostState, type GhostInfo, type GhostState } from './ghost-info.ts';
import { attachLease, grantLease, keepLease, leases, type Lease, type LeaseOptions } from './lease.ts';
import { acquireLock, runLocked, type Lock, type LockedWork, type LockOptions } from './lock.ts';
import { inspectLocks, releaseLock, type LockTargets } from './lock-calls.ts';
import type { InspectedLock, LeaseInfo } from './lock-info.ts';
import type { BlameOptions, DiffOptions, HistoryOptions, LocksOptions } from './options.ts';
import { Paged } from './paged.ts';
import { blame, history, type BlameLine } from './past.ts';
import { Reviews } from './reviews.ts';
import { Schemas } from './schemas.ts';
import {
  traceDownstream,
  traceUpstream,
  type DerivedPublish,
  type SeenNode,
  type TraceOptions,
  type TracePage,
  type TraceStart,
  type TraceUpstreamOptions,
} from './trace.ts';
import type { CallLimits, Transport } from './transport.ts';
import { TrunkVerbs } from './trunk-verbs.ts';

/** Who a client speaks for. */
export interface AgentOptions {
  /** The agent's name, at most 256 bytes: it is shown with everything that is written. Default: empty. */
  readonly author?: string | undefined;
  /** Default: `default`. */
  readonly forest?: string | undefined;
  /** Sends along what the agent has read (see README). Default: true. */
  readonly trackBasis?: boolean | undefined;
}

/** Options of every `connect`. */
export interface ClientOptions extends ConnectionOptions, AgentOptions {}

export class Client extends TrunkVerbs implements AsyncDisposable {
  readonly #trackBasis: boolean;

  /** Not for programs: use `connect()` or `client.as()`. */
  constructor(connection: Connection, agent: AgentOptions) {
    const trackBasis = agent.trackBasis ?? true;
    const basis = trackBasis ? new BasisRecord() : undefined;
    super(connection, new Agent(agent.author ?? '', agent.forest ?? 'default', basis), '');
    this.#trackBasis = trackBasis;
  }

  /** Another agent, or another forest, over the same connection. What it has read is its own. */
  as(agent: AgentOptions): Client {
    return new Client(this.connection, {
      author: agent.author ?? this.author,
      forest: agent.forest ?? this.forest,
      trackBasis: agent.trackBasis ?? this.#trackBasis,
    });
  }

  /** Operation of the broker: forests, compaction, backups. */
  get forests(): Forests {
    return new Forests(this.connection);
  }

  /** What may be where in this client's forest. */
  get schemas(): Schemas {
    return new Schemas(this.connection, this.agent);
  }

  /** How the broker and this client's forest are. */
  status(options?: StatusOptions): Promise<Status> {
    return this.forests.status(this.agent.forest, options);
  }

  /**
   * Locks one or many subtrees. Use it with `await using`, and write through the lock; or hand in work, during which it is
   * held: then loss of the lease rejects at once.
   */
  lock(targets: LockTargets, options?: LockOptions): Promise<Lock>;
  lock<Result>(targets: LockTargets, options: LockOptions, work: LockedWork<Result>): Promise<Result>;
  async lock<Result>(
    targets: LockTargets,
    options: LockOptions = {},
    work?: LockedWork<Result>,
  ): Promise<Lock | Result> {
    const lock = await acquireLock(this.connection, this.agent, targets, options);
    return work === undefined ? lock : runLocked(lock, work);
  }

  /** Who holds what, who waits, and for whom: in the order in which it was asked for. */
  locks(options: LocksOptions = {}): Paged<InspectedLock> {
    return inspectLocks(this.connection, this.agent, options);
  }

  /** Gives a lock back that this process does not hold itself, or gives up waiting for it. */
  releaseLock(lockId: string, leaseId: string, limits: CallLimits = {}): Promise<void> {
    return releaseLock(this.connection, this.agent, lockId, leaseId, limits);
  }

  /** Takes a lease, for nodes that are to go with this client. Use it with `await using`: leaving the block ends it. */
  lease(options: LeaseOptions = {}): Promise<Lease> {
    return grantLease(this.connection, this.agent, options);
  }

  /** A handle on a lease that someone else owns: it is neither kept alive nor ended at the end of a block. */
  attachLease(leaseId: string): Lease {
    return attachLease(this.connection, this.agent, leaseId);
  }

  /** The same, but kept alive by this client as well until it is disposed of: so its loss is told. Throws {@link LeaseLostError} where it is over. */
  keepLease(leaseId: string): Promise<Lease> {
    return keepLease(this.connection, this.agent, leaseId);
  }

  /** The leases of the forest, oldest first. */
  leases(limits: CallLimits = {}): Paged<LeaseInfo> {
    return leases(this.connection, this.agent, limits);
  }

  /** Reviews of ghosts, as the reviewer that their gates name; without a name, those of all reviewers. */
  review(reviewer = ''): Reviews {
    return new Reviews(this.connection, this.agent, reviewer);
  }

  /** A handle on a ghost that someone else owns: it is neither kept alive nor reverted at the end of a block. */
  async attach(ghostId: string, limits: CallLimits = {}): Promise<Ghost> {
    const info = await readGhostById(this.connection, this.agent, ghostId, limits);
    return new Ghost(this.connection, this.agent, info, false);
  }

  /** Ghosts, newest first; by default the live ones. */
  ghosts(state: GhostState = 'live', limits: CallLimits = {}): Paged<GhostInfo> {
    return new Paged(async (pageToken) => {
      const request = create(ListGhostsRequestSchema, {
        forest: this.agent.forest,
        state: wireGhostState(state),
        pageToken,
      });
      const response = await this.connection.caller.unary(ContextService.method.listGhosts, request, limits);
      return { items: response.ghosts.map(readGhost), nextPageToken: response.nextPageToken, revision: 0 };
    });
  }

  /** A sign of life for ghosts that someone else owns. Returns those that live; the others are over. */
  async keepAlive(ghostIds: readonly string[], limits: CallLimits = {}): Promise<readonly string[]> {
    const request = create(KeepAliveRequestSchema, { forest: this.agent.forest, ghostIds: [...ghostIds] });
    const response = await this.connection.caller.unary(ContextService.method.keepAlive, request, limits);
    return response.liveGhostIds;
  }

  /** What happened, in pages. */
  history(options: HistoryOptions = {}): Paged<Event> {
    return history(this.connection, this.agent, options);
  }

  /** What differs between two revisions (0: the newest, as the second one), in pages. */
  diff(fromRevision: number, toRevision = 0, options: DiffOptions = {}): Paged<NodeDifference> {
    return diffRevisions(this.connection, this.agent, fromRevision, toRevision, options);
  }

  /** Which publish made each value, in pages. */
  blame(path: string, options: BlameOptions = {}): Paged<BlameLine> {
    return blame(this.connection, this.agent, path, options);
  }

  /** What a publish was made from, nearest first: what its author had before it, as it was seen. */
  traceUpstream(start: TraceStart, options: TraceUpstreamOptions = {}): Paged<SeenNode, TracePage<SeenNode>> {
    return traceUpstream(this.connection, this.agent, start, options);
  }

  /** What was made from a publish, through any number of agents, nearest first: who has used what it wrote. */
  traceDownstream(
    start: TraceStart,
    options: TraceOptions = {},
  ): Paged<DerivedPublish, TracePage<DerivedPublish>> {
    return traceDownstream(this.connection, this.agent, start, options);
  }

  /**
   * Waits for the outcomes of all publishes, gives back what is held (leases and locks; a few seconds at most), then closes the connection
   * with all that share it.
   */
  close(): Promise<void> {
    return this.connection.close();
  }

  /** Closes at once: publishes without an outcome fail with CANCELLED, leases and locks are left to their ttl. */
  destroy(): void {
    this.connection.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Makes a client over a transport of one's own. */
export function connectOver(transport: Transport, options: ClientOptions = {}): Client {
  return new Client(new Connection(transport, options), options);
}
