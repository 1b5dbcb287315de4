/**
 * Callers who wait for a lock. A waiting request is part of the state and keeps its place whoever asks for it; here are only
 * those who want to be told. They are woken by what commands did to locks, and told when that is durable.
 *
 * A place without a caller is given up: at once where the caller has said so or has waited long enough; a little later where
 * its connection was lost and its request can be repeated, so that the repetition finds the place again.
 */
import type { Clock, Timer } from '../base/clock.ts';
import { lockReconnectMsMax } from '../base/limits.ts';
import type { Command } from '../state/command.ts';
import type { Applied, ForestState } from '../state/forest.ts';
import type { DeadlockMember, LockChange } from '../state/locks/lock.ts';
import type { AcquireLock } from '../state/locks/lock-command.ts';
import { deadlock, locked } from '../state/locks/locks.ts';
import { reject } from '../state/outcome.ts';
import type { Outcome, Rejection } from '../state/outcome.ts';
import { pathOf } from '../state/locks/path-index.ts';
import { formatPath } from '../trie/path.ts';
import type { Settled } from './forest.ts';
import type { Lifetimes } from './lifetimes.ts';
import type { Patience } from './patience.ts';
import type { Written } from './pending.ts';

export interface LockWaitsOptions {
  readonly clock: Clock;
  readonly state: ForestState;
  readonly lifetimes: Lifetimes;
  readonly submit: (command: Command, settle: (settled: Settled) => void) => void;
  readonly durable: (position: number) => Promise<Rejection | null>;
}

interface Caller {
  readonly command: AcquireLock;
  readonly startMs: number;
  readonly settle: (settled: Settled) => void;
  /** Empty until its command was applied. */
  lockId: string;
  leaseId: string;
  repeated: boolean;
  timer: Timer | null;
  /** What it is told when its own withdrawal is durable. */
  ending: Rejection | null;
  isDone: boolean;
  /** It has waited for as long as it wanted to, or as its call could. */
  isLate: boolean;
  /** Who came before it and waits for the same lock. */
  before: Caller | null;
}

export class LockWaits {
  readonly #options: LockWaitsOptions;
  /** The one that came last of those who wait for each lock; as a rule it is the only one. */
  readonly #callers = new Map<string, Caller>();
  /** Circles of waits that were aborted, until they are told. */
  readonly #circles = new Map<string, readonly DeadlockMember[]>();
  /** Places that lost their caller, and when they are given up. */
  readonly #abandoned = new Map<string, Timer>();
  /** Places whose end is on its way. Where a log gives places to commands, a grant may come before it: that is told to nobody. */
  readonly #ending = new Set<string>();
  /** Callers whose commands are on their way. */
  readonly #asking = new Map<Command, Caller>();

  constructor(options: LockWaitsOptions) {
    this.#options = options;
  }

  /** Asks for a lock and settles when it is granted or refused, or was waited for long enough. */
  acquire(command: AcquireLock, patience: Patience, settle: (settled: Settled) => void): void {
    const { clock, submit } = this.#options;
    const startMs = clock.monotonicMs();
    const caller = newCaller(command, startMs, settle);
    this.#asking.set(command, caller);
    submit(command, (settled) => {
      this.#asking.delete(command);
      this.#answered(caller, settled);
    });
    if (caller.isDone) return;
    if (!command.noWait && patience.waitMs < Infinity)
      caller.timer = clock.setTimer(patience.waitMs, () => this.#late(caller));
    patience.onCancel(() => {
      const isLate = patience.deadlineMs !== undefined && clock.monotonicMs() >= patience.deadlineMs;
      this.#cancel(caller, isLate);
    });
  }

  onApplied(command: Command, { outcome, repeated, deadlocks }: Applied): void {
    const caller = this.#asking.size === 0 ? undefined : this.#asking.get(command);
    if (caller !== undefined) {
      this.#asking.delete(command);
      caller.repeated = repeated;
      if (outcome.kind === 'lock_waiting' || outcome.kind === 'lock_granted') {
        caller.lockId = outcome.lockId;
        caller.leaseId = outcome.leaseId;
        if (caller.isDone) this.#abandon(caller);
        else this.#join(caller);
        // Its time was over before its place was there.
        if (caller.isLate) this.#late(caller);
      }
    } else if (repeated && (outcome.kind === 'lock_waiting' || outcome.kind === 'lock_granted')) {
      // Its caller came back to another broker, which takes care of it from now on.
      this.#keep(outcome.lockId);
    }
    for (const { lockId, circle } of deadlocks)
      if (this.#callers.has(lockId)) this.#circles.set(lockId, circle);
  }

  onDurable(entries: readonly Written[]): void {
    for (const { effects } of entries) for (const change of effects.lockChanges) this.#tell(change);
  }

  close(): void {
    for (const timer of this.#abandoned.values()) timer.cancel();
    this.#abandoned.clear();
  }

  #tell({ lockId, kind, fencingToken }: LockChange): void {
    let next = this.#callers.get(lockId);
    if (next === undefined || kind === 'delayed') return;
    if (kind === 'granted' && this.#ending.has(lockId)) return;
    const circle = this.#circles.size === 0 ? undefined : this.#circles.get(lockId);
    if (circle !== undefined) this.#circles.delete(lockId);
    while (next !== undefined) {
      const caller: Caller = next;
      next = caller.before ?? undefined;
      const { leaseId } = caller;
      if (kind === 'granted') this.#finish(caller, { kind: 'lock_granted', lockId, leaseId, fencingToken });
      else if (kind === 'aborted') this.#finish(caller, deadlock(lockId, circle ?? []));
      else this.#finish(caller, caller.ending ?? this.#gone(caller));
    }
  }

  #answered(caller: Caller, { outcome, repeated }: Settled): void {
    if (caller.isDone) return;
    caller.repeated = repeated;
    if (outcome.kind !== 'lock_waiting' && (outcome.kind !== 'lock_granted' || !repeated)) {
      this.#finish(caller, outcome);
      return;
    }
    // A remembered outcome may be over: what counts is where the lock stands now.
    const lock = this.#options.state.locks.get(caller.lockId);
    if (lock?.state === 'waiting' || this.#ending.has(caller.lockId)) return;
    if (lock?.state !== 'held') {
      this.#finish(caller, caller.ending ?? this.#gone(caller));
      return;
    }
    const { id: lockId, leaseId, fencingToken } = lock;
    void this.#options.durable(this.#options.state.position).then((refused) => {
      this.#finish(caller, refused ?? { kind: 'lock_granted', lockId, leaseId, fencingToken });
    });
  }

  #join(caller: Caller): void {
    const { lockId, leaseId } = caller;
    this.#keep(lockId);
    caller.before = this.#callers.get(lockId) ?? null;
    this.#callers.set(lockId, caller);
    this.#options.lifetimes.holdLease(leaseId);
  }

  /** Somebody came back for a place that had lost its caller. */
  #keep(lockId: string): void {
    const giveUp = this.#abandoned.size === 0 ? undefined : this.#abandoned.get(lockId);
    giveUp?.cancel();
    if (giveUp !== undefined) this.#abandoned.delete(lockId);
  }

  #leave(caller: Caller): void {
    caller.isDone = true;
    caller.timer?.cancel();
    if (caller.lockId === '') return;
    const { lockId, before, leaseId } = caller;
    const last = this.#callers.get(lockId);
    if (last !== caller) {
      for (let other = last; other !== undefined; other = other.before ?? undefined)
        if (other.before === caller) other.before = before;
    } else if (before === null) this.#callers.delete(lockId);
    else this.#callers.set(lockId, before);
    this.#options.lifetimes.letGoLease(leaseId);
  }

  #finish(caller: Caller, outcome: Outcome): void {
    if (caller.isDone) return;
    this.#leave(caller);
    caller.settle({ outcome, repeated: caller.repeated });
  }

  /** It has waited for as long as it wanted to. What is granted already, and on its way to the disk, it will still be told. */
  #late(caller: Caller): void {
    if (caller.isDone || caller.ending !== null) return;
    caller.isLate = true;
    const { state, clock } = this.#options;
    const entry = state.locks.entry(caller.lockId);
    if (entry === undefined || entry.lock.state !== 'waiting') return;
    const before = state.locks.standsBefore(entry);
    const path = before === null ? '/' : formatPath(pathOf(before.point.node));
    const refused = locked(path, before?.lock ?? entry.lock);
    const waitMs = String(Math.round(clock.monotonicMs() - caller.startMs));
    caller.ending = { ...refused, metadata: { ...refused.metadata, wait_ms: waitMs } };
    const hasOthers = this.#callers.get(caller.lockId) !== caller || caller.before !== null;
    if (hasOthers) this.#finish(caller, caller.ending);
    else this.#giveUp(caller.lockId);
  }

  #cancel(caller: Caller, isLate: boolean): void {
    if (caller.isDone) return;
    this.#leave(caller);
    caller.isLate = isLate;
    this.#abandon(caller);
  }

  /** What becomes of the place of somebody who has left. */
  #abandon({ lockId, ending, command, isLate }: Caller): void {
    if (lockId === '' || this.#callers.has(lockId) || ending !== null) return;
    if (command.request === null || isLate) {
      this.#giveUp(lockId);
      return;
    }
    const giveUp = (): void => {
      this.#abandoned.delete(lockId);
      this.#giveUp(lockId);
    };
    this.#abandoned.set(lockId, this.#options.clock.setTimer(lockReconnectMsMax, giveUp));
  }

  /** Takes back a request that nobody waits for, or the grant that nobody was told of. */
  #giveUp(lockId: string): void {
    const { state, submit } = this.#options;
    const lock = state.locks.get(lockId);
    if (lock === undefined || lock.state === 'delayed') return;
    const endLease = state.leases.get(lock.leaseId)?.position === lock.position;
    const broker = { leaseId: '', author: '', request: null };
    this.#ending.add(lockId);
    submit({ kind: 'release_lock', lockId, endLease, ...broker }, ({ outcome }) => {
      this.#ending.delete(lockId);
      // The disk did not take it: those who still wait are told so.
      if (outcome.kind !== 'rejected') return;
      for (let next = this.#callers.get(lockId) ?? null; next !== null;) {
        const caller = next;
        next = caller.before;
        this.#finish(caller, outcome);
      }
    });
  }

  #gone({ lockId, leaseId }: Caller): Rejection {
    if (this.#options.state.leases.has(leaseId))
      return reject('LOCK_NOT_FOUND', `lock ${lockId} is over`, { lock_id: lockId });
    const message = `lease ${leaseId} is over, and with it its lock ${lockId}; take a new one`;
    return reject('LEASE_NOT_FOUND', message, { lease_id: leaseId });
  }
}

function newCaller(command: AcquireLock, startMs: number, settle: (settled: Settled) => void): Caller {
  return {
    command,
    startMs,
    settle,
    lockId: '',
    leaseId: '',
    repeated: false,
    timer: null,
    ending: null,
    isDone: false,
    isLate: false,
    before: null,
  };
}
