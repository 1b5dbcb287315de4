/**
 * Writes that run into locks of others and wait for them. Such a write takes a ticket: a request for exactly the rights that
 * it needs for a moment, in the lock table's own order, so that it overtakes nobody, starves nobody and is found in circles.
 * In the tick of the grant the write is applied under the ticket's token, and the ticket is given back.
 *
 * Nothing is journaled of a write before it is its turn: it would be remembered as refused.
 */
import type { Clock, Timer } from '../base/clock.ts';
import { leaseTtlMsMin, momentsPerTicketMax } from '../base/limits.ts';
import type { Command, Operation } from '../state/command.ts';
import { checkFences, fencedOperations, momentOf } from '../state/locks/fencing.ts';
import type { FencedCommand } from '../state/locks/fencing.ts';
import type { Applied, ForestState } from '../state/forest.ts';
import type { DeadlockMember, LockTarget } from '../state/locks/lock.ts';
import type { AcquireLock } from '../state/locks/lock-command.ts';
import { deadlock } from '../state/locks/locks.ts';
import type { Outcome } from '../state/outcome.ts';
import { formatPath } from '../trie/path.ts';
import { overtaken } from './agreed/log-refusals.ts';
import type { Lifetimes } from './lifetimes.ts';
import type { Patience } from './patience.ts';
import type { Written } from './pending.ts';
import type { Objection, Settle, Settled } from './settled.ts';
import type { WriteTraces } from './write-trace.ts';

export interface WriteWaitsOptions {
  readonly clock: Clock;
  readonly state: ForestState;
  readonly lifetimes: Lifetimes;
  readonly newId: () => string;
  readonly submit: (
    command: Command,
    settle: Settle,
    givesWay?: boolean,
    objection?: Objection | null,
  ) => void;
  /** `null`: nobody traces anything. */
  readonly traces: WriteTraces | null;
  /** A command that is submitted has its place later only, and locks may come before it ({@link AgreedWrites}). */
  readonly isAgreed: boolean;
}

interface Ticket {
  readonly command: FencedCommand;
  readonly startMs: number;
  readonly settle: Settle;
  /** The command as it is to be now; `null` where that cannot be said at once: it is `overtaken` then. */
  readonly renew: (() => FencedCommand | null) | null;
  /** Asked each time that it is its turn. */
  readonly objection: Objection | null;
  /** The request of its present turn to wait; `null` between turns. */
  ask: AcquireLock | null;
  /** Its wait is its lease's sign of life. */
  isHolding: boolean;
  timer: Timer | null;
  isDone: boolean;
  /** It has waited for as long as it may. */
  isLate: boolean;
}

export class WriteWaits {
  readonly #options: WriteWaitsOptions;
  /** Tickets that wait, by the id of their lock. */
  readonly #waiting = new Map<string, Ticket>();
  /** Granted in this tick. */
  readonly #granted: { readonly ticket: Ticket; readonly ask: AcquireLock; readonly token: number }[] = [];
  /** Writes on their way to be applied, with the lock to give back behind them. */
  readonly #writing = new Map<Command, string>();
  /** Aborted waits, until they may be told. */
  readonly #aborted = new Map<
    string,
    { readonly ticket: Ticket; readonly circle: readonly DeadlockMember[] }
  >();
  #isRunning = false;
  /** Locks that nobody wants any more, and that are not there yet. */
  readonly #unwanted = new Set<string>();

  constructor(options: WriteWaitsOptions) {
    this.#options = options;
  }

  /** Applies a write, once the locks that it runs into let it. `renew` gives what is to be applied when it is its turn. */
  submit(
    command: FencedCommand,
    patience: Patience,
    settle: Settle,
    renew: (() => FencedCommand | null) | null = null,
    objection: Objection | null = null,
  ): void {
    const { clock } = this.#options;
    const operations = this.#obstructed(command);
    if (operations === null && !this.#options.isAgreed) {
      this.#options.submit(command, settle, false, objection);
      return;
    }
    const startMs = clock.monotonicMs();
    const standing = { ask: null, isHolding: false, timer: null, isDone: false, isLate: false };
    const ticket: Ticket = { command, startMs, settle, renew, objection, ...standing };
    if (patience.waitMs < Infinity) ticket.timer = clock.setTimer(patience.waitMs, () => this.#late(ticket));
    if (operations === null) this.#try(ticket);
    else this.#ask(ticket, operations);
    patience.onCancel(() => this.#cancel(ticket));
  }

  /** Submits it as if nothing were in its way; what comes in its way before it has its place makes it wait all the same. */
  #try(ticket: Ticket): void {
    const command = present(ticket);
    if (command === null) {
      this.#finish(ticket, overtaken);
      return;
    }
    const settle = ({ outcome, repeated }: Settled): void => {
      const isHeldUp = outcome.kind === 'rejected' && outcome.reason === 'LOCKED' && !repeated;
      if (ticket.isDone || !isHeldUp || ticket.isLate) {
        this.#finish(ticket, outcome, repeated);
        return;
      }
      const operations = this.#obstructed(command);
      if (operations === null) this.#try(ticket);
      else this.#ask(ticket, operations);
    };
    this.#options.submit(command, settle, true, ticket.objection);
  }

  onApplied(command: Command, { outcome, effects, deadlocks }: Applied): void {
    const lockId = this.#writing.get(command);
    if (lockId !== undefined) this.#giveBack(command, lockId);
    if (command.kind === 'acquire_lock') this.#asked(command, outcome);
    if (effects.lockChanges.length === 0) return;
    for (const change of effects.lockChanges) {
      const ticket = this.#waiting.get(change.lockId);
      if (ticket === undefined || ticket.ask === null) continue;
      this.#stopWaiting(ticket, ticket.ask);
      if (change.kind === 'granted')
        this.#granted.push({ ticket, ask: ticket.ask, token: change.fencingToken });
      else if (change.kind === 'aborted') this.#abort(ticket, change.lockId, deadlocks);
      else this.#writePresent(ticket);
    }
    this.#run();
  }

  onDurable(entries: readonly Written[]): void {
    if (this.#aborted.size === 0) return;
    for (const { effects } of entries) {
      for (const { lockId } of effects.lockChanges) {
        const aborted = this.#aborted.get(lockId);
        if (aborted === undefined) continue;
        this.#aborted.delete(lockId);
        this.#finish(aborted.ticket, deadlock(lockId, aborted.circle));
      }
    }
  }

  /** A request to wait was applied. */
  #asked(ask: AcquireLock, outcome: Outcome): void {
    const { lockId, leaseId } = ask;
    const isRefused = outcome.kind === 'rejected';
    if (this.#unwanted.delete(lockId) && !isRefused) this.#release(lockId);
    if (isRefused) this.#waiting.delete(lockId);
    const ticket = this.#waiting.get(lockId);
    if (ticket === undefined || ticket.ask !== ask) return;
    ticket.isHolding = true;
    this.#options.lifetimes.holdLease(leaseId);
  }

  /** What a command writes, where locks of others are in its way; `null` where it can be applied, or must be refused. */
  #obstructed(command: FencedCommand): Iterable<Operation> | null {
    const { state } = this.#options;
    if (state.locks.size === 0 && command.fencingTokens === undefined) return null;
    if (command.request !== null && state.requests.find(command.request.id) !== undefined) return null;
    const operations = fencedOperations(state, command);
    return checkFences(state, command, operations)?.reason === 'LOCKED' ? operations : null;
  }

  #ask(ticket: Ticket, operations: Iterable<Operation>): void {
    const { state, newId, submit } = this.#options;
    const { command } = ticket;
    const token = command.fencingTokens?.[0];
    const owner = token === undefined ? undefined : state.locks.withToken(token)?.leaseId;
    const ask: AcquireLock = {
      kind: 'acquire_lock',
      lockId: newId(),
      leaseId: owner ?? newId(),
      // The call is its sign of life. After a crash nobody waits any more, and it must not be in anybody's way for long.
      ttlMs: owner === undefined ? leaseTtlMsMin : 0,
      targets: this.#momentsOf(command, operations),
      noWait: false,
      delayMs: 0,
      label: `a ${names[command.kind]} that waits`,
      author: command.author,
      request: null,
    };
    ticket.ask = ask;
    this.#waiting.set(ask.lockId, ticket);
    submit(ask, ({ outcome }) => {
      if (outcome.kind !== 'rejected') return;
      this.#waiting.delete(ask.lockId);
      this.#unwanted.delete(ask.lockId);
      this.#finish(ticket, outcome);
    });
  }

  /** The rights that it needs, each once. Of a great many only those that are taken now: what is left is asked for then. */
  #momentsOf(command: FencedCommand, operations: Iterable<Operation>): LockTarget[] {
    const { state } = this.#options;
    const moments = new Map<string, LockTarget>();
    const tokens = command.fencingTokens;
    const leaseId = tokens === undefined ? '' : (state.locks.withToken(tokens[0] ?? 0)?.leaseId ?? '');
    let [hasAll, obstructed] = [true, 0];
    for (const operation of operations) {
      const { path } = operation;
      const mode = momentOf(operation);
      const key = formatPath(path);
      const known = moments.get(key);
      if (known !== undefined && (known.mode === 'x' || known.mode === mode)) continue;
      const isTaken = state.locks.obstacle(path, mode, leaseId) !== null;
      if (isTaken) obstructed += 1;
      if (moments.size >= momentsPerTicketMax) hasAll = false;
      if (isTaken ? obstructed <= momentsPerTicketMax : hasAll) moments.set(key, { path, mode });
    }
    return [...moments.values()];
  }

  /** Applies granted writes, and what their ends grant in turn, one behind the other. */
  #run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    // The list grows while it is gone through.
    for (const { ticket, ask, token } of this.#granted) {
      const command = present(ticket);
      if (command === null) {
        this.#release(ask.lockId);
        this.#finish(ticket, overtaken);
        continue;
      }
      const fenced = { ...command, fencingTokens: [...(command.fencingTokens ?? []), token] };
      const operations = ticket.isDone ? null : this.#obstructed(fenced);
      if (ticket.isDone || operations !== null) {
        this.#release(ask.lockId);
        if (operations !== null) this.#ask(ticket, operations);
        continue;
      }
      this.#writing.set(fenced, ask.lockId);
      this.#write(ticket, fenced);
    }
    this.#granted.length = 0;
    this.#isRunning = false;
  }

  #writePresent(ticket: Ticket): void {
    const command = present(ticket);
    if (command === null) this.#finish(ticket, overtaken);
    else this.#write(ticket, command);
  }

  #write(ticket: Ticket, command: FencedCommand): void {
    ticket.ask = null;
    ticket.timer?.cancel();
    this.#options.traces?.waited(command, ticket.startMs);
    const settle: Settle = (settled) => {
      // It was refused before it was applied.
      const lockId = this.#writing.get(command);
      if (lockId !== undefined) this.#giveBack(command, lockId);
      this.#finish(ticket, settled.outcome, settled.repeated);
    };
    this.#options.submit(command, settle, false, ticket.objection);
  }

  #giveBack(command: Command, lockId: string): void {
    this.#writing.delete(command);
    this.#release(lockId);
  }

  #release(lockId: string): void {
    const { state, submit } = this.#options;
    const lock = state.locks.get(lockId);
    if (lock === undefined) return;
    const endLease = state.leases.get(lock.leaseId)?.position === lock.position;
    const broker = { leaseId: '', author: '', request: null };
    submit({ kind: 'release_lock', lockId, endLease, ...broker }, () => undefined);
  }

  #stopWaiting(ticket: Ticket, { lockId, leaseId }: AcquireLock): void {
    this.#waiting.delete(lockId);
    if (ticket.isHolding) this.#options.lifetimes.letGoLease(leaseId);
    ticket.isHolding = false;
  }

  #abort(ticket: Ticket, lockId: string, deadlocks: Applied['deadlocks']): void {
    ticket.timer?.cancel();
    const circle = deadlocks.find((each) => each.lockId === lockId)?.circle ?? [];
    this.#aborted.set(lockId, { ticket, circle });
  }

  /** It is refused as it would have been without waiting, or takes effect where its way has just become free. */
  #late(ticket: Ticket): void {
    ticket.isLate = true;
    const { ask } = ticket;
    if (ticket.isDone || ask === null || !this.#waiting.has(ask.lockId)) return;
    this.#withdraw(ticket, ask);
    this.#writePresent(ticket);
  }

  #cancel(ticket: Ticket): void {
    const { ask } = ticket;
    // What is on its way to be applied cannot be called back; it will not wait any more.
    if (ask === null) ticket.isLate = true;
    if (ticket.isDone || ask === null) return;
    ticket.isDone = true;
    ticket.timer?.cancel();
    if (this.#waiting.has(ask.lockId)) this.#withdraw(ticket, ask);
  }

  /** Gives up a place in the queue, or the way to it. */
  #withdraw(ticket: Ticket, ask: AcquireLock): void {
    const isOnItsWay = !ticket.isHolding;
    this.#stopWaiting(ticket, ask);
    if (isOnItsWay) this.#unwanted.add(ask.lockId);
    else this.#release(ask.lockId);
  }

  #finish(ticket: Ticket, outcome: Outcome, repeated = false): void {
    if (ticket.isDone) return;
    ticket.isDone = true;
    ticket.timer?.cancel();
    if (outcome.kind !== 'rejected' || outcome.reason !== 'LOCKED') {
      ticket.settle({ outcome, repeated });
      return;
    }
    const waitMs = String(Math.round(this.#options.clock.monotonicMs() - ticket.startMs));
    const metadata = { ...outcome.metadata, wait_ms: waitMs };
    ticket.settle({ outcome: { ...outcome, metadata }, repeated });
  }
}

/** What a ticket is to do now; `null` where that cannot be said at once. */
function present({ command, renew }: Ticket): FencedCommand | null {
  return renew === null ? command : renew();
}

const names = {
  publish: 'publish',
  commit_ghost: 'commit',
  revert_revision: 'revert',
  revert_cascade: 'revert',
} as const;
