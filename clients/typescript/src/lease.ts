/**
 * A lease: a time-limited ownership that the client keeps alive. Locks, ghosts and nodes hang on it and end with it. The rules:
 *
 * - It is lost when the broker says that it is over, or when no sign of life got through for its ttl. Lost is for ever: an answer
 *   that comes later changes nothing.
 * - Its loss reaches the program in one of three ways: its signal aborts, what is done under it is refused, or, where the program
 *   never asked for either, leaving its block throws.
 * - Closing the client ends the leases that are its own, and so their locks: nobody need wait for their ttl.
 */
import { create } from '@bufbuild/protobuf';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import type { Agent } from './agent.ts';
import type { Connection } from './connection.ts';
import {
  DeadlineExceededError,
  HyperloomError,
  LeaseLostError,
  makeError,
  UnavailableError,
} from './errors.ts';
import { ContextService, KeepAliveRequestSchema } from './gen/hyperloom/v1/context_service_pb.ts';
import {
  type EndLeaseRequest,
  EndLeaseRequestSchema,
  GrantLeaseRequestSchema,
  ListLeasesRequestSchema,
  LockService,
} from './gen/hyperloom/v1/lock_service_pb.ts';
import type { Kept, OverCause } from './keeper.ts';
import { leaseTtlMsDefault, leaveMsMax } from './limits.ts';
import { readLease, type LeaseInfo } from './lock-info.ts';
import { Paged } from './paged.ts';
import type { CallLimits } from './transport.ts';

/** Options of a new lease. */
export interface LeaseOptions extends CallLimits {
  /** How long it lives when this process goes away, 1 s to 24 h; the client keeps it alive meanwhile. Default: 30,000. */
  readonly ttlMs?: number | undefined;
  /** What it is, in a few words. */
  readonly label?: string | undefined;
}

/** What ended with a lease. */
export interface LeaseEnded {
  /** The trunk revision that deleted the nodes bound to it; 0 where there were none. */
  readonly revision: number;
  readonly deletedNodes: number;
  readonly releasedLocks: number;
  readonly revertedGhosts: number;
}

/** Whether a handle makes its lease live and ends it, makes it live only, or just names it. */
type LeaseHold = 'owned' | 'kept' | 'named';

export class Lease implements AsyncDisposable {
  /** What the broker told when it was granted. */
  readonly info: LeaseInfo;
  readonly #connection: Connection;
  readonly #agent: Agent;
  readonly #kept: Kept;
  readonly #isOwned: boolean;
  readonly #loss = new AbortController();
  #isEnded = false;
  #isTold = false;

  /** Not for programs: use `client.lease()`, `client.attachLease()` or `client.keepLease()`. `sinceMs`: when the call was sent that proves that it lives. */
  constructor(connection: Connection, agent: Agent, info: LeaseInfo, hold: LeaseHold, sinceMs?: number) {
    this.info = info;
    this.#connection = connection;
    this.#agent = agent;
    this.#isOwned = hold === 'owned';
    this.#kept = {
      kind: 'lease',
      forest: agent.forest,
      id: info.id,
      ttlMs: info.ttlMs,
      onOver: (cause) => this.#lose(cause),
    };
    if (hold !== 'named') connection.keeper.keep(this.#kept, sinceMs);
    if (hold === 'owned') connection.openLeases.add(this);
  }

  /** Its id. */
  get id(): string {
    return this.info.id;
  }

  /** Aborts with {@link LeaseLostError} when the lease is lost. Hand it to all work that must not go on then. */
  get signal(): AbortSignal {
    this.#isTold = true;
    return this.#loss.signal;
  }

  /** The program learns of a loss in another way, such as from the signal of a lock. Not for programs. */
  willTell(): void {
    this.#isTold = true;
  }

  /** The same signal, for what tells the program by itself. Not for programs. */
  get lost(): AbortSignal {
    return this.#loss.signal;
  }

  /** True once it was ended or lost, as far as this process knows. */
  get over(): boolean {
    return this.#refusal() !== undefined;
  }

  /** Throws {@link LeaseLostError} where it is lost, and {@link StateError} where it was ended. */
  check(): void {
    const refusal = this.refusal();
    if (refusal !== undefined) throw refusal;
  }

  /** Why nothing may be done under it any more, for whoever is about to. Not for programs. */
  refusal(): HyperloomError | undefined {
    const refusal = this.#refusal();
    if (refusal !== undefined) this.#isTold = true;
    return refusal;
  }

  /** It is lost because the broker has said so to some call. Not for programs. */
  lose(): void {
    this.#connection.keeper.release(this.#kept);
    if (!this.#isEnded) this.#lose('told');
  }

  /** Ends it and all that hangs on it, now: locks are released, ghosts reverted, nodes deleted. */
  async end(limits: CallLimits = {}): Promise<LeaseEnded> {
    const request = this.#endRequest(this.#connection.nextRequestId());
    const answer = await this.#connection.caller.unary(LockService.method.endLease, request, limits);
    this.#agent.see(Number(answer.revision));
    return {
      revision: Number(answer.revision),
      deletedNodes: Number(answer.deletedNodes),
      releasedLocks: Number(answer.releasedLocks),
      revertedGhosts: Number(answer.revertedGhosts),
    };
  }

  /**
   * Ends it for whoever does not ask what ended with it. Without a request id the broker need not wait for its disk where nothing but
   * locks hangs on it; that it is over may come of an attempt whose answer was lost. Not for programs.
   */
  async leave(limits: CallLimits = {}): Promise<void> {
    const { caller } = this.#connection;
    const request = this.#endRequest('');
    let attempts = 0;
    try {
      const answer = await caller.repeat('EndLease', limits, (left) => {
        attempts += 1;
        return caller.transport.unary(LockService.method.endLease, request, left);
      });
      this.#agent.see(Number(answer.revision));
    } catch (error) {
      if (attempts === 1 || !(error instanceof LeaseLostError)) throw error;
    }
  }

  #endRequest(requestId: string): EndLeaseRequest {
    this.#connection.keeper.release(this.#kept);
    this.#connection.openLeases.delete(this);
    this.#isEnded = true;
    const { forest, author } = this.#agent;
    return create(EndLeaseRequestSchema, { forest, author, leaseId: this.id, requestId });
  }

  /** Leaving an `await using` block ends it, if it is one's own. Throws {@link LeaseLostError} where it was lost and nobody has been told. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isEnded) return;
    const refusal = this.#refusal();
    if (refusal !== undefined) {
      if (!this.#isTold) throw refusal;
    } else if (this.#isOwned) await this.#endQuietly();
    else this.#connection.keeper.release(this.#kept);
  }

  /** Ends it because its client is being closed, if it lives. What is still done under it is told. Not for programs. */
  async closeWithClient(): Promise<void> {
    if (this.over) return;
    this.#isTold = true;
    await this.letGo();
    this.#loss.abort(lossOf(this.info, 'closed'));
  }

  /** Ends it, if it lives, and leaves it to its ttl where that does not work. Not for programs. */
  async letGo(): Promise<void> {
    if (this.over) return;
    try {
      await this.leave({ timeoutMs: Math.min(leaveMsMax, this.info.ttlMs) });
    } catch (error) {
      if (!(error instanceof HyperloomError)) throw error;
    }
  }

  /** A broker that cannot be reached ends it by itself when its ttl has passed: no longer is worth waiting for. */
  async #endQuietly(): Promise<void> {
    const timeoutMs = Math.min(this.#connection.caller.timeoutMs, this.info.ttlMs);
    try {
      await this.leave({ timeoutMs });
    } catch (error) {
      const isAway = error instanceof UnavailableError || error instanceof DeadlineExceededError;
      if (!isAway && !(error instanceof LeaseLostError && this.#isTold)) throw error;
    }
  }

  #refusal(): HyperloomError | undefined {
    this.#connection.keeper.check(this.#kept);
    const { aborted, reason } = this.#loss.signal;
    if (aborted) return reason as HyperloomError;
    if (!this.#isEnded) return undefined;
    const message = `lease ${this.id} was ended: nothing may be done under it any more`;
    return makeError({ code: 'FAILED_PRECONDITION', message, metadata: { lease_id: this.id } });
  }

  #lose(cause: OverCause): void {
    this.#connection.openLeases.delete(this);
    this.#loss.abort(lossOf(this.info, cause));
  }
}

/** Takes a lease. */
export async function grantLease(
  connection: Connection,
  agent: Agent,
  options: LeaseOptions,
): Promise<Lease> {
  const request = create(GrantLeaseRequestSchema, {
    forest: agent.forest,
    ttl: durationFromMs(options.ttlMs ?? leaseTtlMsDefault),
    label: options.label ?? '',
    author: agent.author,
    requestId: connection.nextRequestId(),
  });
  const sentMs = connection.clock.monotonicMs();
  const { lease } = await connection.caller.unary(LockService.method.grantLease, request, options);
  if (lease === undefined) throw new Error('the broker answered without a lease');
  return startLease(connection, agent, readLease(lease), sentMs);
}

/**
 * Begins to keep a lease that was just granted, by a call that was sent at `sentMs`. Where the answer took long, as it does after a
 * wait for a lock, or because this process stood still, nobody here knows how much of the ttl is left: then it asks first.
 */
export async function startLease(
  connection: Connection,
  agent: Agent,
  info: LeaseInfo,
  sentMs: number,
): Promise<Lease> {
  const isLate = connection.clock.monotonicMs() - sentMs > info.ttlMs / 3;
  const sinceMs = isLate ? await proveLife(connection, agent, info) : sentMs;
  return new Lease(connection, agent, info, 'owned', sinceMs);
}

/** Asks whether a lease lives, which is a sign of life as well. Returns when it was asked. */
async function proveLife({ clock, caller }: Connection, agent: Agent, info: LeaseInfo): Promise<number> {
  const sentMs = clock.monotonicMs();
  const request = create(KeepAliveRequestSchema, { forest: agent.forest, leaseIds: [info.id] });
  const limits = { timeoutMs: info.ttlMs };
  const { liveLeaseIds } = await caller.unary(ContextService.method.keepAlive, request, limits);
  if (!liveLeaseIds.includes(info.id)) throw lossOf(info, 'told');
  return sentMs;
}

/** A handle on a lease that someone else keeps alive. */
export function attachLease(connection: Connection, agent: Agent, id: string): Lease {
  const unknown = { ttlMs: 0, label: '', author: '', grantTime: new Date(0), locks: 0, nodes: 0, ghosts: 0 };
  return new Lease(connection, agent, { id, ...unknown }, 'named');
}

/** A handle on someone else's lease that keeps it alive, and learns of its loss, until it is disposed of. */
export async function keepLease(connection: Connection, agent: Agent, id: string): Promise<Lease> {
  for await (const info of leases(connection, agent, {})) {
    if (info.id !== id) continue;
    return new Lease(connection, agent, info, 'kept', await proveLife(connection, agent, info));
  }
  const message = `there is no lease ${id}`;
  throw makeError({ code: 'NOT_FOUND', reason: 'LEASE_NOT_FOUND', message, metadata: { lease_id: id } });
}

/** The leases of a forest, in pages. */
export function leases(connection: Connection, agent: Agent, limits: CallLimits): Paged<LeaseInfo> {
  return new Paged(async (pageToken) => {
    const request = create(ListLeasesRequestSchema, { forest: agent.forest, pageToken });
    const answer = await connection.caller.unary(LockService.method.listLeases, request, limits);
    return { items: answer.leases.map(readLease), nextPageToken: answer.nextPageToken, revision: 0 };
  });
}

function lossOf({ id, ttlMs }: LeaseInfo, cause: OverCause): HyperloomError {
  const why = {
    told: 'the broker says that it is over',
    silence: `no sign of life has reached the broker for ${ttlMs} ms`,
    closed: 'the client was closed',
  }[cause];
  const message = `lease ${id} is lost: ${why}`;
  return makeError({
    code: 'FAILED_PRECONDITION',
    reason: 'LEASE_LOST',
    message,
    metadata: { lease_id: id },
  });
}
