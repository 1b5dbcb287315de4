/** What can be asked about locks and leases. */
import type { CommandCommon } from '../command-common.ts';
import type { LockTarget } from './lock.ts';

/** Takes a lease under an id that the sequencer made. */
export interface GrantLease extends CommandCommon {
  readonly kind: 'grant_lease';
  readonly leaseId: string;
  readonly ttlMs: number;
  readonly label: string;
}

/** Ends a lease and all that hangs on it. */
export interface EndLease extends CommandCommon {
  readonly kind: 'end_lease';
  readonly leaseId: string;
}

/** Proposed by the timekeeper when a lease's owner gave no sign of life for its ttl. */
export interface ExpireLease extends CommandCommon {
  readonly kind: 'expire_lease';
  readonly leaseId: string;
}

/** Asks for a lock under an id that the sequencer made: it is granted, waits, or is refused. */
export interface AcquireLock extends CommandCommon {
  readonly kind: 'acquire_lock';
  readonly lockId: string;
  readonly leaseId: string;
  /** Makes the lease as well. 0: it is there. */
  readonly ttlMs: number;
  readonly targets: readonly LockTarget[];
  readonly noWait: boolean;
  readonly delayMs: number;
  readonly label: string;
  /** How many its author may have, as of now. In no journal, as figures of operators change: brokers that share a forest say it beside the command. */
  readonly authorLocksMax?: number;
}

/**
 * Gives a lock back, or gives up waiting for it. The broker does the latter itself where a caller went away or has waited
 * long enough; `leaseId` is empty then.
 */
export interface ReleaseLock extends CommandCommon {
  readonly kind: 'release_lock';
  readonly lockId: string;
  readonly leaseId: string;
  /** Ends the lease as well where nothing else hangs on it. */
  readonly endLease: boolean;
}

/** Proposed by the timekeeper when a delayed lock has kept its targets quiet long enough. */
export interface EndLockDelay extends CommandCommon {
  readonly kind: 'end_lock_delay';
  readonly lockId: string;
}

export type LockCommand = GrantLease | EndLease | ExpireLease | AcquireLock | ReleaseLock | EndLockDelay;
