/** Asking for locks and giving them back. */
import { lockWaitersPerForestMax, leasesPerForestMax, locksPerForestMax } from '../../base/limits.ts';
import { formatPath } from '../../trie/path.ts';
import type { Proposal } from '../command.ts';
import { noEffects } from '../describe.ts';
import type { Deadlock, ForestState } from '../forest.ts';
import { endIfBare, findLease, newLease } from './lease-table.ts';
import type { DeadlockMember, Lock, LockChange } from './lock.ts';
import { findCircle, membersOf, victimOf } from './lock-circles.ts';
import type { AcquireLock, EndLockDelay, ReleaseLock } from './lock-command.ts';
import type { LockEntry, Owner } from './lock-point.ts';
import { pathOf } from './path-index.ts';
import type { Granting } from './lock-table.ts';
import { reject } from '../outcome.ts';
import type { Rejection } from '../outcome.ts';
import type { Step } from '../step.ts';

/** Grants a lock, lets it wait, or refuses it. */
export function applyAcquire(state: ForestState, proposal: Proposal, command: AcquireLock): Step | Rejection {
  const isNew = command.ttlMs > 0;
  const lease = isNew ? newLease(proposal, command) : findLease(state, command.leaseId);
  if ('reason' in lease) return lease;
  if (isNew && state.leases.size >= leasesPerForestMax) return full('leasesPerForestMax', leasesPerForestMax);
  if (state.locks.size >= locksPerForestMax) return full('locksPerForestMax', locksPerForestMax);
  const granting = grantingOf(state, proposal);
  const entry = state.locks.request(newLock(proposal, command), lease.position, granting);
  const refused = entry.lock.state === 'waiting' ? refusalOf(state, entry, command) : null;
  if (refused !== null) {
    state.locks.refuse(entry);
    return refused;
  }
  if (isNew) state.leases.set(lease.id, lease);
  lease.locks += 1;
  const deadlocks = settle(state, granting, entry.owner);
  const { id: lockId, leaseId, fencingToken } = entry.lock;
  return {
    outcome:
      entry.lock.state === 'held'
        ? { kind: 'lock_granted', lockId, leaseId, fencingToken }
        : { kind: 'lock_waiting', lockId, leaseId },
    effects: { ...noEffects, lockChanges: granting.changes },
    roots: null,
    deadlocks,
  };
}

/** Gives a lock back, or stops waiting for it. */
export function applyRelease(state: ForestState, proposal: Proposal, command: ReleaseLock): Step | Rejection {
  const entry = state.locks.entry(command.lockId);
  if (entry === undefined || entry.lock.state === 'delayed') return noLock(command.lockId);
  const { lock } = entry;
  if (command.leaseId !== '' && command.leaseId !== lock.leaseId) {
    const metadata = { lock_id: lock.id, lease_id: lock.leaseId };
    return reject('NOT_LOCK_OWNER', `lock ${lock.id} belongs to lease ${lock.leaseId}`, metadata);
  }
  const granting = grantingOf(state, proposal);
  dropLock(state, entry, lock.state === 'held' ? 'released' : 'withdrawn', granting.changes);
  const lease = state.leases.get(lock.leaseId);
  if (lease !== undefined && command.endLease) endIfBare(state, lease);
  return {
    outcome: { kind: 'lock_released', lockId: lock.id },
    roots: null,
    ...settled(state, granting),
  };
}

/** Lets others at the targets of a lock whose holder vanished a while ago. */
export function applyEndDelay(
  state: ForestState,
  proposal: Proposal,
  command: EndLockDelay,
): Step | Rejection {
  const entry = state.locks.entry(command.lockId);
  if (entry === undefined || entry.lock.state !== 'delayed') return noLock(command.lockId);
  const granting = grantingOf(state, proposal);
  dropLock(state, entry, 'released', granting.changes);
  return {
    outcome: { kind: 'lock_delay_ended', lockId: command.lockId },
    roots: null,
    ...settled(state, granting),
  };
}

/** What grants of this command need, and its changes so far. */
export function grantingOf(state: ForestState, { timeMs }: Proposal): Granting {
  const nextToken = (): number => {
    state.fencingToken += 1;
    return state.fencingToken;
  };
  return { timeMs, nextToken, changes: [] };
}

/** Takes a lock out of the table. A lease that was made with it, and has nothing else, ends with it unless it was held. */
export function dropLock(
  state: ForestState,
  entry: LockEntry,
  kind: LockChange['kind'],
  changes: LockChange[],
): void {
  const { lock } = entry;
  state.locks.remove(entry);
  changes.push({ lockId: lock.id, kind, fencingToken: 0 });
  const lease = state.leases.get(lock.leaseId);
  if (lease === undefined) return;
  lease.locks -= 1;
  if (kind !== 'released' && lease.position === lock.position) endIfBare(state, lease);
}

/**
 * Grants what can be granted, and aborts waits until no circle is left. Circles close only through an owner that has asked
 * for more (`asking`), or that waits and has got or given back something.
 */
export function settle(
  state: ForestState,
  granting: Granting,
  asking: Owner | null = null,
): readonly Deadlock[] {
  const { locks } = state;
  locks.settle(granting);
  const changed = locks.takeChanged();
  if (locks.waiting === 0) return none;
  const deadlocks: Deadlock[] = [];
  const suspects = asking === null ? changed : [asking, ...changed];
  for (let next = 0; next < suspects.length; next += 1) {
    const owner = suspects[next];
    for (;;) {
      const circle = owner === undefined ? null : findCircle(owner);
      if (circle === null) break;
      const victim = victimOf(circle);
      deadlocks.push({ lockId: victim.lock.id, circle: membersOf(circle, victim) });
      dropLock(state, victim, 'aborted', granting.changes);
      locks.settle(granting);
      suspects.push(...locks.takeChanged());
    }
  }
  return deadlocks;
}

function settled(state: ForestState, granting: Granting): Pick<Step, 'effects' | 'deadlocks'> {
  const deadlocks = settle(state, granting);
  return { effects: { ...noEffects, lockChanges: granting.changes }, deadlocks };
}

/** Why a request that would have to wait cannot, or `null`; waits of others that have to be aborted for it come later. */
function refusalOf(state: ForestState, entry: LockEntry, command: AcquireLock): Rejection | null {
  if (command.noWait) return lockedBy(state, entry);
  if (state.locks.waiting > lockWaitersPerForestMax) {
    return full('lockWaitersPerForestMax', lockWaitersPerForestMax);
  }
  const without = new Set<LockEntry>();
  for (;;) {
    const circle = findCircle(entry.owner, without);
    if (circle === null) return null;
    const victim = victimOf(circle);
    if (victim.owner === entry.owner) return deadlock(entry.lock.id, membersOf(circle, victim));
    without.add(victim);
  }
}

function lockedBy(state: ForestState, entry: LockEntry): Rejection {
  const before = state.locks.standsBefore(entry);
  const path = before === null ? '/' : formatPath(pathOf(before.point.node));
  return locked(path, before?.lock ?? entry.lock);
}

/** The refusal of what runs into `lock` at `path`. */
export function locked(path: string, lock: Lock): Rejection {
  const how = { held: 'is locked by', delayed: 'is kept quiet after', waiting: 'was asked for earlier by' };
  const message = `${path} ${how[lock.state]} ${lock.author === '' ? 'somebody' : lock.author} (lock ${lock.id}); wait for it, or try again later`;
  return reject('LOCKED', message, {
    path,
    lock_id: lock.id,
    lease_id: lock.leaseId,
    holder: lock.author,
    fencing_token: lock.fencingToken,
    wait_ms: 0,
  });
}

/** The refusal of a wait that closed a circle. */
export function deadlock(lockId: string, circle: readonly DeadlockMember[]): Rejection {
  const others = circle.slice(1, 10).map(({ lockId: id, author }) => `${id} (${author})`);
  const message = `lock ${lockId} would wait for ever, in a circle with ${others.join(', ')}; release everything and start again`;
  return { ...reject('DEADLOCK', message, { lock_id: lockId }), circle };
}

const none: readonly Deadlock[] = [];

function newLock({ position, timeMs }: Proposal, command: AcquireLock): Lock {
  const { lockId, leaseId, targets, author, label, delayMs } = command;
  return {
    id: lockId,
    leaseId,
    targets,
    author,
    label,
    delayMs,
    position,
    requestTimeMs: timeMs,
    state: 'waiting',
    fencingToken: 0,
    grantTimeMs: 0,
  };
}

function noLock(lockId: string): Rejection {
  return reject('LOCK_NOT_FOUND', `there is no lock ${lockId}, or it is over`, { lock_id: lockId });
}

function full(limit: string, maximum: number): Rejection {
  return reject('QUOTA_EXCEEDED', `no more locks: ${limit} is ${maximum}; release some first`, {
    limit,
    maximum,
  });
}
