/** Whose time runs in a forest, and what is proposed when it is over. */
import type { Clock } from '../base/clock.ts';
import { ghostTtlMsMin, leaseTtlMsMin } from '../base/limits.ts';
import type { Command } from '../state/command.ts';
import type { Applied, ForestState } from '../state/forest.ts';
import { HeldSigns } from './agreed/held-signs.ts';
import { Timekeeper } from './timekeeper.ts';

export interface LifetimesOptions {
  readonly clock: Clock;
  readonly state: ForestState;
  readonly propose: (command: Command) => void;
  /** Passes a sign of life on to all replicas, this one included ({@link Lifetimes.hear}). Absent where there are no others. */
  readonly sign?: (id: string) => void;
}

const broker = { author: '', request: null } as const;

export class Lifetimes {
  readonly #state: ForestState;
  readonly #ghosts: Timekeeper;
  readonly #leases: Timekeeper;
  readonly #delays: Timekeeper;
  readonly #sign: ((id: string) => void) | null;
  readonly #held: HeldSigns | null;

  constructor({ clock, state, propose, sign }: LifetimesOptions) {
    this.#state = state;
    this.#sign = sign ?? null;
    this.#held = sign === undefined ? null : new HeldSigns(clock, sign);
    this.#ghosts = new Timekeeper({
      clock,
      expire: (ghostId) => {
        if (state.ghosts.has(ghostId)) propose({ kind: 'expire_ghost', ghostId, ...broker });
        else this.#ghosts.release(ghostId);
      },
    });
    this.#leases = new Timekeeper({
      clock,
      expire: (leaseId) => {
        if (state.leases.has(leaseId)) propose({ kind: 'expire_lease', leaseId, ...broker });
        else this.#leases.release(leaseId);
      },
    });
    this.#delays = new Timekeeper({
      clock,
      expire: (lockId) => {
        if (state.locks.get(lockId)?.state === 'delayed')
          propose({ kind: 'end_lock_delay', lockId, ...broker });
        else this.#delays.release(lockId);
      },
    });
    for (const ghost of state.ghosts.values()) this.#watchGhost(ghost.id);
    for (const lease of state.leases.values()) this.#leases.watch(lease.id, lease.ttlMs);
    for (const lock of state.locks.list()) {
      if (lock.state === 'delayed') this.#delays.watch(lock.id, lock.delayMs);
    }
  }

  /** A sign of life of a ghost's owner; false where the ghost is over. */
  keepGhost(ghostId: string): boolean {
    if (this.#sign === null) this.#ghosts.touch(ghostId);
    else this.#sign(ghostId);
    return this.#state.ghosts.has(ghostId);
  }

  /** A sign of life of a lease's owner; false where the lease is over. */
  keepLease(leaseId: string): boolean {
    if (this.#sign === null) this.#leases.touch(leaseId);
    else this.#sign(leaseId);
    return this.#state.leases.has(leaseId);
  }

  /** A sign of life that came to one of the replicas. */
  hear(id: string): void {
    this.#ghosts.touch(id);
    this.#leases.touch(id);
  }

  /** Nobody could give a sign of life for a while: everybody has its full ttl again. */
  resume(): void {
    for (const keeper of [this.#ghosts, this.#leases]) keeper.touchAll();
  }

  /** A call that waits is its lease's sign of life, until {@link letGoLease}. */
  holdLease(leaseId: string): void {
    this.#leases.hold(leaseId);
    this.#held?.hold(leaseId, this.#state.leases.get(leaseId)?.ttlMs ?? leaseTtlMsMin);
  }

  letGoLease(leaseId: string): void {
    this.#leases.letGo(leaseId);
    this.#held?.letGo(leaseId);
  }

  /** The same for a ghost that lives without a lease, until {@link letGoGhost}. */
  holdGhost(ghostId: string): void {
    this.#ghosts.hold(ghostId);
    this.#held?.hold(ghostId, this.#state.ghosts.get(ghostId)?.ttlMs ?? ghostTtlMsMin);
  }

  letGoGhost(ghostId: string): void {
    this.#ghosts.letGo(ghostId);
    this.#held?.letGo(ghostId);
  }

  /** Begins to watch what a command began, and forgets what it ended. */
  onApplied(command: Command, { effects }: Applied): void {
    if (effects.rejected) return;
    if ('ghostId' in command && command.ghostId !== '') this.#noteGhost(command.ghostId, command.kind);
    for (const ghostId of effects.endedGhostIds) this.#ghosts.release(ghostId);
    if ('leaseId' in command && typeof command.leaseId === 'string') this.#noteLease(command.leaseId);
    for (const { lockId, kind } of effects.lockChanges) {
      if (kind === 'delayed') this.#delays.watch(lockId, this.#state.locks.get(lockId)?.delayMs ?? 0);
    }
    if (command.kind === 'end_lock_delay') this.#delays.release(command.lockId);
  }

  close(): void {
    this.#held?.close();
    for (const keeper of [this.#ghosts, this.#leases, this.#delays]) keeper.close();
  }

  #noteGhost(ghostId: string, kind: Command['kind']): void {
    if (!this.#state.ghosts.has(ghostId)) this.#ghosts.release(ghostId);
    else if (kind === 'begin_ghost') this.#watchGhost(ghostId);
    // A reviewer's word is no sign of the owner's life.
    else if (kind !== 'review_ghost') this.#ghosts.touch(ghostId);
  }

  #watchGhost(ghostId: string): void {
    const ghost = this.#state.ghosts.get(ghostId);
    if (ghost !== undefined && ghost.leaseId === '') this.#ghosts.watch(ghost.id, ghost.ttlMs);
  }

  #noteLease(leaseId: string): void {
    const lease = this.#state.leases.get(leaseId);
    if (lease === undefined) this.#leases.release(leaseId);
    else if (!this.#leases.has(leaseId)) this.#leases.watch(leaseId, lease.ttlMs);
  }
}
