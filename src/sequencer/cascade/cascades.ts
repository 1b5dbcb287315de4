/**
 * Reverts of a trunk revision with all that was derived from it:
 *
 *   who had read it → what they wrote, and others since → operations … nothing of that changed? → one command, in one turn
 *
 * What takes time happens beside other writes. Those are noted meanwhile and taken in, in the turn in which the command is proposed,
 * so that it is never refused for what was worked out too early; only where one of them may have read what is undone, all is
 * looked at again. One at a time in a forest: it may read a long history.
 *
 * Where brokers share the forest there is no one turn: the command says at which position it was looked, is left out where that is another one,
 * and is tried again.
 */
import {
  cascadeAttemptsMax,
  cascadeCommitsMax,
  cascadeEntriesWatchedMax,
  cascadesWaitingMax,
} from '../../base/limits.ts';
import { TraceRefused } from '../../provenance/pause.ts';
import type { Command, RevertCascade } from '../../state/command.ts';
import type { FencedCommand } from '../../state/locks/fencing.ts';
import type { Applied } from '../../state/forest.ts';
import { checkRevision } from '../../state/values/operate.ts';
import { reject } from '../../state/outcome.ts';
import type { Rejection } from '../../state/outcome.ts';
import { HistoryGone } from '../../subscriptions/source.ts';
import { overtaken } from '../agreed/log-refusals.ts';
import type { RevisionRevert, Settled } from '../settled.ts';
import type { StoredEntry } from '../history.ts';
import type { Patience } from '../patience.ts';
import { historyGivenUp } from '../retained-history.ts';
import { CascadePlan } from './plan.ts';
import type { CascadePlanOptions, Point, Worked } from './plan.ts';

export interface CascadesOptions extends CascadePlanOptions {
  readonly submit: (command: Command, settle: (settled: Settled) => void) => void;
  /** As `submit`, of what is worked out in the turn in which it goes; `overtaken` where that cannot be said then, or others came in between. */
  readonly submitLate: (make: () => Command | null, settle: (settled: Settled) => void) => void;
  /** As `submit`, for a write that waits for locks of others; `renew` brings it up to the turn in which it is applied. */
  readonly write: (
    command: FencedCommand,
    patience: Patience,
    settle: (settled: Settled) => void,
    renew?: (() => FencedCommand | null) | null,
  ) => void;
  readonly durable: (position: number) => Promise<Rejection | null>;
  readonly positionOf: (revision: number) => Promise<number | Rejection>;
}

/** What came of a cascade, or would. */
export interface CascadeSettled extends Settled {
  /** `null` where it was refused, or where it repeats one whose history is compacted. */
  readonly report: Worked | null;
}

export class Cascades {
  readonly #options: CascadesOptions;
  /** What was applied since a plan was made; `null` while there is none. */
  #watched: StoredEntry[] | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(options: CascadesOptions) {
    this.#options = options;
  }

  /** In the tick in which a command was applied. */
  onApplied(command: Command, { effects, recorded }: Applied): void {
    if (this.#watched === null || !recorded || effects.rejected) return;
    const { position, timeMs } = this.#options.state;
    // One more than are looked at says that there were too many.
    if (this.#watched.length <= cascadeEntriesWatchedMax)
      this.#watched.push({ proposal: { position, timeMs, command }, effects });
  }

  /** What would be undone. Changes nothing. */
  report(revision: number): Promise<CascadeSettled> {
    return this.#inTurn(async () => {
      const plan = await this.#plan(revision);
      if ('reason' in plan) return refused(plan);
      const unfinished = await this.#extend(plan);
      if (unfinished !== null) return refused(unfinished);
      return { outcome: { kind: 'revision_reverted', revision: 0 }, repeated: false, report: plan.worked() };
    });
  }

  /** Undoes a revision, and what was derived from it. */
  revert(revert: RevisionRevert, patience: Patience | null): Promise<CascadeSettled> {
    return this.#inTurn(async () => {
      const { revision, request } = revert;
      // What was answered before is answered again, whether its history is still there or not.
      if (this.#isKnown(revert)) return this.#repeated(await this.#propose(revert, nothing));
      const plan = await this.#plan(revision);
      if ('reason' in plan) return refused(plan);
      for (let attempt = 1; attempt <= cascadeAttemptsMax; attempt += 1) {
        this.#watched = [];
        const unfinished = await this.#extend(plan);
        if (unfinished !== null) return refused(unfinished);
        if (request !== null && this.#isKnown(revert))
          return this.#repeated(await this.#propose(revert, nothing));
        if (plan.isEmpty) return refused(emptyRevision(revision));
        if (!this.#catchUp(plan)) continue;
        const settled = await this.#settle(revert, plan, patience);
        if (settled === null) continue;
        return { ...settled, report: settled.outcome.kind === 'rejected' ? null : plan.worked() };
      }
      return refused(neverDone(revision, cascadeAttemptsMax));
    });
  }

  async #inTurn(run: () => Promise<CascadeSettled>): Promise<CascadeSettled> {
    if (this.#waiting >= cascadesWaitingMax) {
      const metadata = { limit: 'cascadesWaitingMax', maximum: cascadesWaitingMax };
      return refused(
        reject('QUOTA_EXCEEDED', `${cascadesWaitingMax} cascades wait already; try again`, metadata),
      );
    }
    this.#waiting += 1;
    const done = this.#turn.then(run);
    this.#turn = done.catch(() => undefined);
    try {
      return await done;
    } catch (error) {
      if (error instanceof TraceRefused) return refused(error.rejection);
      if (!(error instanceof HistoryGone)) throw error;
      return refused(historyGivenUp(this.#options.state, 0));
    } finally {
      this.#waiting -= 1;
      this.#watched = null;
    }
  }

  async #plan(revision: number): Promise<CascadePlan | Rejection> {
    const { state, durable, positionOf } = this.#options;
    const lost = await durable(state.position);
    if (lost !== null) return lost;
    const refusal =
      checkRevision(revision, state.revision, state.compactedRevision) ?? this.#isGone(revision);
    if (refusal !== null) return refusal;
    const position = await positionOf(revision);
    if (typeof position !== 'number') return position;
    return new CascadePlan(this.#options, revision, position, this.#point());
  }

  /**
   * Takes in what is durable by now. Where history was given up meanwhile, the walk may have missed what wrote over something, and so
   * found too much.
   */
  async #extend(plan: CascadePlan): Promise<Rejection | null> {
    const point = this.#point();
    const unfinished = (await this.#options.durable(point.position)) ?? (await plan.extend(point));
    return unfinished ?? this.#isGone(plan.revision);
  }

  #isGone(revision: number): Rejection | null {
    const { state } = this.#options;
    const needed = Math.max(1, revision - 1);
    return needed < state.compactedRevision ? historyGivenUp(state, needed) : null;
  }

  #point(): Point {
    const { root, revision, position } = this.#options.state;
    return { root, revision, position };
  }

  #catchUp(plan: CascadePlan): boolean {
    const entries = this.#watched ?? [];
    this.#watched = [];
    return entries.length <= cascadeEntriesWatchedMax && plan.catchUp(entries, this.#point());
  }

  /** What came of it; `null` where all has to be looked at again. */
  async #settle(
    revert: RevisionRevert,
    plan: CascadePlan,
    patience: Patience | null,
  ): Promise<Settled | null> {
    const { clock, submitLate, write } = this.#options;
    const startMs = clock.monotonicMs();
    const standing = { isOutdated: false };
    const make = (): RevertCascade | null => {
      standing.isOutdated ||= !this.#catchUp(plan);
      return standing.isOutdated ? null : commandOf(revert, plan.worked());
    };
    for (let tries = 1; tries <= cascadeCommitsMax; tries += 1) {
      const settled = await new Promise<Settled>((resolve) => {
        const command = patience === null ? null : make();
        if (patience === null || command === null) submitLate(make, resolve);
        else write(command, rested(patience, clock.monotonicMs() - startMs), resolve, make);
      });
      if (settled.outcome !== overtaken) return settled;
      // What others did meanwhile can be taken in at once most of the time.
      if (standing.isOutdated) return null;
    }
    return null;
  }

  #propose(revert: RevisionRevert, worked: Worked): Promise<Settled> {
    return new Promise((resolve) => {
      this.#options.submit(commandOf(revert, worked), resolve);
    });
  }

  #isKnown({ request }: RevisionRevert): boolean {
    return request !== null && this.#options.state.requests.find(request.id) !== undefined;
  }

  /** The report of an earlier cascade, out of its journal entry. */
  async #repeated(settled: Settled): Promise<CascadeSettled> {
    const { outcome } = settled;
    if (outcome.kind !== 'revision_reverted') return { ...settled, report: null };
    const { history, positionOf } = this.#options;
    const position = await positionOf(outcome.revision);
    if (typeof position !== 'number') return { ...settled, report: null };
    for await (const entries of history.entries(position, position)) {
      const command = entries[0]?.proposal.command;
      if (command?.kind === 'revert_cascade') return { ...settled, report: command };
    }
    return { ...settled, report: null };
  }
}

/** For a command whose outcome is known. */
const nothing: Worked = {
  operations: [],
  preconditions: [],
  undone: [],
  notUndone: [],
  notUndoneTotal: 0,
  ghosts: [],
  agents: [],
};

function commandOf(revert: RevisionRevert, worked: Worked): RevertCascade {
  return { kind: 'revert_cascade', ...revert, ...worked, alone: false };
}

/** What is left of it. */
function rested(patience: Patience, spentMs: number): Patience {
  const { waitMs, deadlineMs } = patience;
  return { waitMs: Math.max(0, waitMs - spentMs), deadlineMs, onCancel: (gone) => patience.onCancel(gone) };
}

function refused(outcome: Rejection): CascadeSettled {
  return { outcome, repeated: false, report: null };
}

function emptyRevision(revision: number): Rejection {
  const message = `revision ${revision} changed no node, so there is nothing to take back`;
  return reject('INVALID_REQUEST', message, { revision });
}

function neverDone(revision: number, attempts: number): Rejection {
  const message =
    `what revision ${revision} has led to was read or changed in each of ${attempts} attempts to undo it; try again when less is written, ` +
    `or take a lock`;
  return reject('CONFLICT', message, { revision, conflicts: 0 });
}
