/** Commands about locks, as the bench's own agent sends them. */
import type { Settled } from '../../src/sequencer/forest.ts';
import type { LiveForest } from '../../src/sequencer/live-forest.ts';
import type { Patience } from '../../src/sequencer/patience.ts';
import type { Command } from '../../src/state/command.ts';
import type { AcquireLock } from '../../src/state/locks/lock-command.ts';

const words = { author: 'bench', request: null } as const;

/** Waits for as long as it takes. */
export const patient: Patience = { waitMs: Infinity, deadlineMs: undefined, onCancel: () => undefined };

/** Asks for an exclusive lock under a new lease. */
export function acquireOf(forest: Pick<LiveForest, 'newId'>, path: readonly string[]): AcquireLock {
  return {
    kind: 'acquire_lock',
    lockId: forest.newId(),
    leaseId: forest.newId(),
    ttlMs: 3_600_000,
    targets: [{ path, mode: 'x' }],
    noWait: false,
    delayMs: 0,
    label: '',
    ...words,
  };
}

/** Gives back what was granted, and its lease. Throws where it was refused. */
export function releaseOf({ outcome }: Settled): Command {
  if (outcome.kind !== 'lock_granted') throw new Error(`the lock came out as ${outcome.kind}`);
  const { lockId, leaseId } = outcome;
  return { kind: 'release_lock', lockId, leaseId, endLease: true, ...words };
}
