/** What the broker tells of leases and locks. */
import { durationMs, timestampDate, type Duration, type Timestamp } from '@bufbuild/protobuf/wkt';
import type { Lease as WireLease } from './gen/hyperloom/v1/lease_pb.ts';
import {
  LockMode as WireMode,
  LockState as WireState,
  type DeadlockMember as WireDeadlockMember,
  type Lock as WireLock,
  type LockTarget as WireTarget,
} from './gen/hyperloom/v1/lock_pb.ts';
import type { InspectedLock as WireInspectedLock } from './gen/hyperloom/v1/lock_service_pb.ts';

/**
 * The right on a subtree. `shared`: nobody else writes in it. `exclusive`: nobody else writes or locks anything in it.
 * `shared_intent_exclusive`: nobody else writes in it; others may share parts of it until the holder locks them exclusively.
 */
export type LockMode = 'shared' | 'exclusive' | 'shared_intent_exclusive';

/** A subtree, by its topmost node (it need not exist; `/` is the whole forest), and the right on it. */
export interface LockTarget {
  readonly path: string;
  readonly mode: LockMode;
}

/** Where a lock stands; `delayed`: its holder has vanished, and its targets are kept quiet for a while. */
export type LockState = 'waiting' | 'held' | 'delayed';

/** A lock as it was told. */
export interface LockInfo {
  readonly id: string;
  readonly leaseId: string;
  readonly targets: readonly LockTarget[];
  readonly state: LockState;
  /** Grows with every grant in the forest and is never given twice; 0 while it waits. */
  readonly fencingToken: number;
  readonly author: string;
  readonly label: string;
  readonly requestTime: Date;
  /** `undefined` while it waits. */
  readonly grantTime: Date | undefined;
  readonly delayMs: number;
  /** Journal position of the request: what came first is served first. */
  readonly position: number;
}

/** A lock and whom it waits for. */
export interface InspectedLock extends LockInfo {
  /** Ids of the locks that stand before it: at most 100 of them. */
  readonly waitsFor: readonly string[];
  readonly waitsForTotal: number;
}

/** A lease as it was told. */
export interface LeaseInfo {
  readonly id: string;
  readonly ttlMs: number;
  readonly author: string;
  readonly label: string;
  readonly grantTime: Date;
  /** Locks that it holds or waits for. */
  readonly locks: number;
  /** Nodes bound to it. */
  readonly nodes: number;
  /** Ghosts begun under it and still live. */
  readonly ghosts: number;
}

/** A member of a circle of waiting. */
export interface DeadlockMember {
  readonly leaseId: string;
  /** What it waits for. */
  readonly lockId: string;
  readonly author: string;
  readonly targets: readonly LockTarget[];
}

/** Reads a lock from its message. */
export function readLock(lock: WireLock): LockInfo {
  return {
    id: lock.id,
    leaseId: lock.leaseId,
    targets: lock.targets.map(readTarget),
    state: stateNames[lock.state] ?? 'waiting',
    fencingToken: Number(lock.fencingToken),
    author: lock.author,
    label: lock.label,
    requestTime: dateOf(lock.requestTime),
    grantTime: lock.grantTime === undefined ? undefined : timestampDate(lock.grantTime),
    delayMs: msOf(lock.delay),
    position: Number(lock.position),
  };
}

/** Reads a lock with its blockers; `undefined` where the message holds none. */
export function readInspectedLock(inspected: WireInspectedLock): InspectedLock | undefined {
  if (inspected.lock === undefined) return undefined;
  const { waitsFor, waitsForTotal } = inspected;
  return { ...readLock(inspected.lock), waitsFor, waitsForTotal: Number(waitsForTotal) };
}

/** Reads a lease from its message. */
export function readLease(lease: WireLease): LeaseInfo {
  return {
    id: lease.id,
    ttlMs: msOf(lease.ttl),
    author: lease.author,
    label: lease.label,
    grantTime: dateOf(lease.grantTime),
    locks: Number(lease.locks),
    nodes: Number(lease.nodes),
    ghosts: Number(lease.ghosts),
  };
}

/** Reads a member of a circle of waiting from its message. */
export function readDeadlockMember(member: WireDeadlockMember): DeadlockMember {
  const { leaseId, lockId, author } = member;
  return { leaseId, lockId, author, targets: member.targets.map(readTarget) };
}

function readTarget(target: WireTarget): LockTarget {
  return { path: target.path, mode: modeNames[target.mode] ?? 'exclusive' };
}

const modeNames: Readonly<Record<number, LockMode>> = {
  [WireMode.SHARED]: 'shared',
  [WireMode.EXCLUSIVE]: 'exclusive',
  [WireMode.SHARED_INTENT_EXCLUSIVE]: 'shared_intent_exclusive',
};

const modeNumbers: Readonly<Record<string, WireMode>> = {
  shared: WireMode.SHARED,
  exclusive: WireMode.EXCLUSIVE,
  shared_intent_exclusive: WireMode.SHARED_INTENT_EXCLUSIVE,
};

/** The mode's number on the wire; one that nobody has defined is left to the broker to refuse. */
export function wireLockMode(mode: LockMode): WireMode {
  return modeNumbers[mode] ?? WireMode.UNSPECIFIED;
}

const stateNames: Readonly<Record<number, LockState>> = {
  [WireState.WAITING]: 'waiting',
  [WireState.HELD]: 'held',
  [WireState.DELAYED]: 'delayed',
};

function dateOf(time: Timestamp | undefined): Date {
  return time === undefined ? new Date(0) : timestampDate(time);
}

function msOf(duration: Duration | undefined): number {
  return duration === undefined ? 0 : durationMs(duration);
}
