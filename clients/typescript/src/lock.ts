/**
 * A lock: a held right on one or many subtrees, and the verbs to work under it. The rules:
 *
 * - The outermost lock has a lease of its own, made and ended with it; locks that are taken through it use the same lease, so they
 *   never stand in one another's way.
 * - Writes through a lock, and through the ghosts begun in it, carry the fencing tokens of all that is held on the way, so the
 *   broker refuses them once any of that is lost. Here they are refused too, without asking it.
 * - Its release waits for the publishes that carry its token: the broker would refuse those that it overtakes.
 * - A call that was given up may have been granted meanwhile: it is asked once more, and what it holds is given back.
 */
import { create } from '@bufbuild/protobuf';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import type { Agent } from './agent.ts';
import type { Connection } from './connection.ts';
import { LeaseLostError, NotFoundError } from './errors.ts';
import { AcquireLockRequestSchema } from './gen/hyperloom/v1/lock_service_pb.ts';
import { Hold } from './hold.ts';
import { startLease, type Lease } from './lease.ts';
import { leaseTtlMsDefault } from './limits.ts';
import { askForLock, lockOf, releaseLock, targetsOf, type LockTargets } from './lock-calls.ts';
import { readLease, type LockInfo, type LockMode } from './lock-info.ts';
import { limitsUnder, under } from './ownership.ts';
import { orAborted } from './time.ts';
import type { CallLimits } from './transport.ts';
import { TrunkVerbs } from './trunk-verbs.ts';

/** Options of a lock that is taken through another. */
export interface NestedLockOptions extends CallLimits {
  /** The right on the targets that name none. Default: `exclusive`. */
  readonly mode?: LockMode | undefined;
  /** How long to wait for others. Default: the client's timeout. `Infinity`: until the signal aborts. */
  readonly waitMs?: number | undefined;
  /** Does not wait at all: {@link LockedError} where others stand before it. */
  readonly noWait?: boolean | undefined;
  /** How long the targets stay quiet after this process has vanished. Default 0, at most 60,000. */
  readonly delayMs?: number | undefined;
  /** What it is for, in a few words. */
  readonly label?: string | undefined;
}

/** Options of a lock. */
export interface LockOptions extends NestedLockOptions {
  /** How long it is held when this process goes away, 1 s to 24 h; the client keeps it alive meanwhile. Default: 30,000. */
  readonly ttlMs?: number | undefined;
  /** Whose it is. Default: a lease of its own, which ends with it. */
  readonly lease?: Lease | undefined;
}

/** Work that is done under a lock. */
export type LockedWork<Result> = (lock: Lock) => Result | Promise<Result>;

export class Lock extends TrunkVerbs implements AsyncDisposable {
  /** What the broker told when it was granted. */
  readonly info: LockInfo;
  /** Whose it is. */
  readonly lease: Lease;
  readonly #hold: Hold;
  readonly #endsLease: boolean;

  /** Not for programs: use `client.lock()` or `lock.lock()`. */
  constructor(connection: Connection, agent: Agent, info: LockInfo, hold: Hold, endsLease: boolean) {
    super(connection, agent, '', hold);
    this.info = info;
    this.lease = hold.lease;
    this.#hold = hold;
    this.#endsLease = endsLease;
  }

  /** Its id. */
  get id(): string {
    return this.info.id;
  }

  /** Proves to anything else that is written under this lock that it is still the latest: it grows with every grant. */
  get fencingToken(): number {
    return this.info.fencingToken;
  }

  /** Aborts with {@link LeaseLostError} when the lock is lost. Hand it to all work that must not go on then. */
  get signal(): AbortSignal {
    this.lease.willTell();
    return this.#hold.lost;
  }

  /** False once it was released or lost, as far as this process knows. */
  get held(): boolean {
    return !this.#hold.isReleased && !this.#hold.lost.aborted && !this.lease.over;
  }

  /** True once it was released or lost, as far as this process knows. */
  get over(): boolean {
    return !this.held;
  }

  /** Throws {@link LeaseLostError} where it is lost, and {@link StateError} where it was released. */
  check(): void {
    const refusal = this.#hold.refusal();
    if (refusal !== undefined) throw refusal;
  }

  /** Locks more, for the same owner: on the same path it is an upgrade. With work it is held while that runs. */
  lock(targets: LockTargets, options?: NestedLockOptions): Promise<Lock>;
  lock<Result>(targets: LockTargets, options: NestedLockOptions, work: LockedWork<Result>): Promise<Result>;
  async lock<Result>(
    targets: LockTargets,
    options: NestedLockOptions = {},
    work?: LockedWork<Result>,
  ): Promise<Lock | Result> {
    const within = { ...options, lease: this.lease };
    const lock = await under(this.#hold, () =>
      acquireLock(this.connection, this.agent, targets, within, this.#hold),
    );
    return work === undefined ? lock : runLocked(lock, work);
  }

  /**
   * Gives it back once the publishes under it have their outcomes; it stays held where the limits end before that. With a lease of its own,
   * all that hangs on that ends: locks and ghosts that were begun in it. Throws {@link LeaseLostError} where it was lost before.
   */
  async release(limits: CallLimits = {}): Promise<void> {
    if (this.#hold.isReleased) return;
    const loss = this.#hold.refusal();
    if (loss !== undefined) {
      if (this.#endsLease) await this.lease.letGo();
      throw loss;
    }
    const left = await this.#giveBack(limits);
    if (this.#endsLease) await this.lease.leave(left);
    else await releaseLock(this.connection, this.agent, this.id, this.lease.id, left);
  }

  /** Refuses what comes from now on, and waits for what is under way. */
  async #giveBack(limits: CallLimits): Promise<CallLimits> {
    this.#hold.isReleased = true;
    try {
      return await this.connection.caller.behind(this.#hold.published(), limits);
    } catch (error) {
      this.#hold.isReleased = false;
      throw error;
    }
  }

  /** Leaving an `await using` block releases it. Throws {@link LeaseLostError} where it was lost and nobody has been told. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hold.isReleased) return;
    if (this.#endsLease && this.#hold.lost.aborted && !this.lease.over) {
      // The lock alone was lost: a call has told the program so.
      await this.lease.letGo();
    } else if (this.#endsLease) {
      this.#hold.isReleased = true;
      await this.#hold.published();
      await this.lease[Symbol.asyncDispose]();
    } else if (this.held) await this.#releaseQuietly();
  }

  /** A lock that went with its lease needs no release, and whoever left the lease's block is told there. */
  async #releaseQuietly(): Promise<void> {
    try {
      await this.release();
    } catch (error) {
      if (!(error instanceof LeaseLostError || error instanceof NotFoundError)) throw error;
    }
  }
}

/** Locks subtrees. */
export async function acquireLock(
  connection: Connection,
  agent: Agent,
  targets: LockTargets,
  options: LockOptions,
  outer?: Hold,
): Promise<Lock> {
  const { lease: given } = options;
  const refusal = given?.refusal();
  if (refusal !== undefined) throw refusal;
  const waitMs = options.noWait === true ? 0 : (options.waitMs ?? connection.caller.timeoutMs);
  const request = create(AcquireLockRequestSchema, {
    forest: agent.forest,
    owner:
      given === undefined
        ? { case: 'ttl', value: durationFromMs(options.ttlMs ?? leaseTtlMsDefault) }
        : { case: 'leaseId', value: given.id },
    targets: targetsOf(targets, options.mode ?? 'exclusive'),
    delay: durationFromMs(options.delayMs ?? 0),
    label: options.label ?? '',
    author: agent.author,
    requestId: connection.nextRequestId(),
    ...(waitMs === Infinity ? {} : { wait: durationFromMs(waitMs) }),
  });
  // The broker tells when the wait is over; the deadline is for a broker that tells nothing.
  const timeoutMs = options.timeoutMs ?? waitMs + connection.caller.timeoutMs;
  const sentMs = connection.clock.monotonicMs();
  const limits = limitsUnder(outer ?? given, { signal: options.signal, timeoutMs });
  const answer = await askForLock(connection, request, limits);
  const info = lockOf(answer);
  if (given !== undefined) return new Lock(connection, agent, info, new Hold(given, info, outer), false);
  if (answer.lease === undefined) throw new Error('the broker answered without a lease');
  const lease = await startLease(connection, agent, readLease(answer.lease), sentMs);
  return new Lock(connection, agent, info, new Hold(lease, info, undefined), true);
}

/** Runs work under a lock and gives it back. Loss of the lease rejects at once, whatever the work does. */
export async function runLocked<Result>(lock: Lock, work: LockedWork<Result>): Promise<Result> {
  await using held = lock;
  const working = (async () => work(held))();
  return await orAborted(working, held.signal);
}
