/**
 * Commits that wait for reviewers: their callers, and the commit itself when the last approval has come.
 *
 * A commit that is asked for is part of the state and outlives its caller, the broker too. A caller waits for what comes of
 * it, whoever asked first, and may go away at any time. When all reviewers have approved, the commit is proposed in the
 * same tick; and once more at the start of a broker that ended in between. It is tried once: where it conflicts, or others
 * hold a lock in its way, that is what its callers are told, and asking again needs no reviewer as long as the ghost is as it was.
 */
import type { Clock, Timer } from '../base/clock.ts';
import { commitWaitsPerForestMax } from '../base/limits.ts';
import type { Command, CommitGhost } from '../state/command.ts';
import type { Applied, ForestState } from '../state/forest.ts';
import { approvedCommit, areOpen } from '../state/ghosts/gates.ts';
import { reject } from '../state/outcome.ts';
import type { Rejection } from '../state/outcome.ts';
import type { PendingCommit } from '../state/ghosts/pending-commit.ts';
import type { AgreedWrites } from './agreed/agreed-writes.ts';
import type { CommitWait } from './forest.ts';
import { ghostsTouched } from './ghosts-touched.ts';
import type { Lifetimes } from './lifetimes.ts';
import { commitUnderNewestRules } from './newest-rules.ts';
import type { Patience } from './patience.ts';
import type { Objection, Settle, Settled } from './settled.ts';

/** After what time an approved commit is tried again that could not be taken, because the disk was too far behind. */
const retryMs = 1_000;

export interface CommitWaitsOptions {
  readonly clock: Clock;
  readonly state: ForestState;
  readonly submit: (
    command: Command,
    settle: Settle,
    givesWay?: boolean,
    objection?: Objection | null,
  ) => void;
  readonly durable: (position: number) => Promise<Rejection | null>;
  /**
   * The log of a forest that brokers share. Approved commits have their place right behind the last approval, on every replica; nobody proposes them but those that
   * found no room there.
   */
  readonly log: Pick<AgreedWrites, 'format'> | null;
  /** As `submit`, for a write that waits for locks of others. */
  readonly write: (
    command: CommitGhost,
    patience: Patience,
    settle: Settle,
    renew: null,
    objection: Objection | null,
  ) => void;
  readonly lifetimes: Lifetimes;
}

interface Caller {
  readonly ghostId: string;
  /** The lease that the ghost lives with; empty for none. */
  readonly leaseId: string;
  readonly settle: Settle;
  repeated: boolean;
}

interface Waiting {
  readonly commit: PendingCommit;
  readonly callers: Set<Caller>;
}

export class CommitWaits {
  readonly #options: CommitWaitsOptions;
  /** Callers whose command has not been applied yet. */
  readonly #asking = new Map<Command, Caller>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #retries = new Map<string, Timer>();
  #callers = 0;

  constructor(options: CommitWaitsOptions) {
    this.#options = options;
  }

  /** Callers who wait now. */
  get callers(): number {
    return this.#callers;
  }

  /** Proposes a commit. `settle` is called once, with what comes of it in the end, unless the caller gives up. */
  commit(
    asked: CommitGhost,
    patience: Patience | null,
    settle: Settle,
    objection: Objection | null = null,
  ): CommitWait {
    const { state, submit, write, log } = this.#options;
    const command = commitUnderNewestRules(asked, log);
    const ghost = state.ghosts.get(command.ghostId);
    const caller: Caller = {
      ghostId: command.ghostId,
      leaseId: ghost?.leaseId ?? '',
      settle,
      repeated: false,
    };
    if (this.#callers >= commitWaitsPerForestMax) {
      const metadata = { limit: 'commitWaitsPerForestMax', maximum: commitWaitsPerForestMax };
      const message = `${commitWaitsPerForestMax} calls wait for reviews already; look with GetGhost instead`;
      settle({ outcome: reject('QUOTA_EXCEEDED', message, metadata), repeated: false });
      return { giveUp: () => undefined };
    }
    this.#asking.set(command, caller);
    const tell = (settled: Settled): void => {
      this.#asking.delete(command);
      if (settled.outcome.kind === 'commit_pending') return;
      this.#remove(caller);
      settle(settled);
    };
    // Locks count when reviewers have approved.
    if (patience === null || (ghost !== undefined && !areOpen(ghost)))
      submit(command, tell, false, objection);
    else write(command, patience, tell, null, objection);
    return {
      giveUp: () => {
        this.#asking.delete(command);
        this.#remove(caller);
      },
    };
  }

  /** Proposes what was approved before the broker was started. */
  resume(): void {
    for (const ghostId of [...this.#options.state.ghosts.keys()]) this.#proposeIfApproved(ghostId);
  }

  /** In the tick in which a command was applied. */
  onApplied(command: Command, applied: Applied): void {
    if (command.kind === 'commit_ghost') this.#wait(command, applied);
    if (this.#waiting.size > 0) for (const ghostId of ghostsTouched(command, applied)) this.#wake(ghostId);
    if (command.kind === 'review_ghost' && applied.recorded && this.#options.log === null)
      this.#proposeIfApproved(command.ghostId);
  }

  /** Proposes an approved commit once more, after a while. */
  tryLater(ghostId: string): void {
    if (this.#retries.has(ghostId)) return;
    const again = (): void => {
      this.#retries.delete(ghostId);
      this.#proposeIfApproved(ghostId);
    };
    this.#retries.set(ghostId, this.#options.clock.setTimer(retryMs, again));
  }

  /** Ends all waits, so that their callers ask again elsewhere, or later. */
  end(outcome: Rejection): void {
    for (const [ghostId, { callers }] of [...this.#waiting]) {
      this.#waiting.delete(ghostId);
      for (const caller of callers) this.#tell(caller, { outcome, repeated: caller.repeated });
    }
  }

  close(): void {
    for (const timer of this.#retries.values()) timer.cancel();
    this.#retries.clear();
  }

  #wait(command: CommitGhost, { outcome, repeated }: Applied): void {
    const caller = this.#asking.get(command);
    this.#asking.delete(command);
    const commit = this.#options.state.ghosts.get(command.ghostId)?.pendingCommit ?? null;
    if (caller === undefined || outcome.kind !== 'commit_pending' || commit === null) return;
    caller.repeated = repeated;
    const waiting = this.#waiting.get(command.ghostId) ?? { commit, callers: new Set() };
    waiting.callers.add(caller);
    this.#waiting.set(command.ghostId, waiting);
    this.#callers += 1;
    const { lifetimes } = this.#options;
    if (caller.leaseId === '') lifetimes.holdGhost(caller.ghostId);
    else lifetimes.holdLease(caller.leaseId);
  }

  #wake(ghostId: string): void {
    const waiting = this.#waiting.get(ghostId);
    if (waiting === undefined || waiting.commit.outcome === null) return;
    this.#waiting.delete(ghostId);
    void this.#tellWhenDurable(waiting);
  }

  async #tellWhenDurable({ commit, callers }: Waiting): Promise<void> {
    const { outcome } = commit;
    const lost = await this.#options.durable(this.#options.state.position);
    if (outcome === null) return;
    for (const caller of callers) this.#tell(caller, { outcome: lost ?? outcome, repeated: caller.repeated });
  }

  #tell(caller: Caller, settled: Settled): void {
    this.#letGo(caller);
    caller.settle(settled);
  }

  #letGo({ ghostId, leaseId }: Caller): void {
    const { lifetimes } = this.#options;
    this.#callers -= 1;
    if (leaseId === '') lifetimes.letGoGhost(ghostId);
    else lifetimes.letGoLease(leaseId);
  }

  #remove(caller: Caller): void {
    const waiting = this.#waiting.get(caller.ghostId);
    if (waiting?.callers.delete(caller) !== true) return;
    this.#letGo(caller);
    if (waiting.callers.size === 0) this.#waiting.delete(caller.ghostId);
  }

  #proposeIfApproved(ghostId: string): void {
    const { state, submit, log } = this.#options;
    const ghost = state.ghosts.get(ghostId);
    const command = ghost === undefined ? null : approvedCommit(ghost);
    if (command === null) return;
    submit(command, ({ outcome }) => {
      // A refusal by the state machine has ended the wait; one before it has not. A log that several brokers share comes back.
      if (outcome.kind !== 'rejected') return;
      const { reason } = outcome;
      const isAway = log !== null && reason === 'JOURNAL_UNAVAILABLE';
      if (isAway || reason === 'QUOTA_EXCEEDED' || reason === 'DISK_FULL') this.tryLater(ghostId);
    });
  }
}
