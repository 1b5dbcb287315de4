/** Leases and locks as they may be shown: what is told is durable when it is told. */
import type { Clock } from '../base/clock.ts';
import { blockersOf } from '../state/locks/lock-blockers.ts';
import type { ForestState } from '../state/forest.ts';
import { findLease } from '../state/locks/lease-table.ts';
import type { Lease, Lock } from '../state/locks/lock.ts';
import { reject } from '../state/outcome.ts';
import type { Rejection } from '../state/outcome.ts';
import { formatPath, isWithin } from '../trie/path.ts';
import type { Path } from '../trie/path.ts';
import { turn } from '../base/slices.ts';

/** Which locks are asked for; those behind a position, at most so many. */
export interface LockQuery {
  /** Only with a target here, below or above; `null`: all. */
  readonly path: Path | null;
  /** Only of this lease; empty: of all. */
  readonly leaseId: string;
  readonly afterPosition: number;
  readonly count: number;
  /** Leaves out what its reader may not see. */
  readonly isVisible: (lock: Lock) => boolean;
}

/** Which leases are asked for; those behind a position, at most so many. */
export interface LeaseQuery {
  readonly afterPosition: number;
  readonly count: number;
  readonly isVisible: (lease: Lease) => boolean;
}

/** A lock and whom it waits for. */
export interface LockView {
  readonly lock: Lock;
  readonly waitsFor: readonly string[];
  readonly waitsForTotal: number;
}

/** A part of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly isLast: boolean;
}

/** How long one turn may look for what stands before waiters. */
const sliceMs = 4;

export class LockViews {
  readonly #state: ForestState;
  readonly #clock: Clock;
  readonly #durable: (position: number) => Promise<Rejection | null>;

  constructor(state: ForestState, clock: Clock, durable: (position: number) => Promise<Rejection | null>) {
    this.#state = state;
    this.#clock = clock;
    this.#durable = durable;
  }

  lease(leaseId: string): Lease | Rejection {
    return findLease(this.#state, leaseId);
  }

  lock(lockId: string): Lock | Rejection {
    const lock = this.#state.locks.get(lockId);
    return lock ?? reject('LOCK_NOT_FOUND', `there is no lock ${lockId}, or it is over`, { lock_id: lockId });
  }

  /** The lease that a node of the trunk is bound to, and was at `revision`; empty where it is bound to none. */
  leaseOf(path: Path, revision: number): string {
    const { bindings, leases } = this.#state;
    if (bindings.size === 0) return '';
    const leaseId = bindings.get(path) ?? '';
    const bound = leases.get(leaseId)?.nodes.get(formatPath(path)) ?? Infinity;
    return bound <= revision ? leaseId : '';
  }

  /** Oldest first. */
  async leases<T>(
    { afterPosition, count, isVisible }: LeaseQuery,
    show: (lease: Lease) => T,
  ): Promise<Page<T> | Rejection> {
    const items: T[] = [];
    let isLast = true;
    for (const lease of this.#state.leases.values()) {
      if (lease.position <= afterPosition || !isVisible(lease)) continue;
      isLast = items.length < count;
      if (!isLast) break;
      items.push(show(lease));
    }
    return (await this.#durable(this.#state.position)) ?? { items, isLast };
  }

  /** In the order of their requests. Looks at a turn's worth of them at a time, each as it then is. */
  async locks<T>(
    query: LockQuery,
    blockersMax: number,
    show: (view: LockView) => T,
  ): Promise<Page<T> | Rejection> {
    const items: T[] = [];
    let startMs = this.#clock.monotonicMs();
    let isLast = true;
    for (const lock of this.#state.locks.list()) {
      if (!isAskedFor(lock, query)) continue;
      isLast = items.length < query.count;
      if (!isLast) break;
      items.push(show(this.#viewOf(lock, blockersMax)));
      if (this.#clock.monotonicMs() - startMs < sliceMs) continue;
      await turn(this.#clock);
      startMs = this.#clock.monotonicMs();
    }
    return (await this.#durable(this.#state.position)) ?? { items, isLast };
  }

  #viewOf(lock: Lock, blockersMax: number): LockView {
    const entry = this.#state.locks.entry(lock.id);
    if (entry === undefined || lock.state !== 'waiting') return { lock, waitsFor: [], waitsForTotal: 0 };
    const blockers = blockersOf(entry);
    const waitsFor: string[] = [];
    for (const { id } of blockers) if (waitsFor.push(id) >= blockersMax) break;
    return { lock, waitsFor, waitsForTotal: blockers.size };
  }
}

function isAskedFor(lock: Lock, { path, leaseId, afterPosition, isVisible }: LockQuery): boolean {
  if (lock.position <= afterPosition || !isVisible(lock)) return false;
  if (leaseId !== '' && lock.leaseId !== leaseId) return false;
  return (
    path === null || lock.targets.some((target) => isWithin(target.path, path) || isWithin(path, target.path))
  );
}
