/**
 * Works in a ghost until the result is accepted: the work is done in a ghost, verified there, and committed; or taken back and done again
 * with the reasons so far. Nothing that was refused is ever seen on the trunk.
 *
 * What happens in a ghost is told before it is on the disk, so a crash of the broker can take the newest of it, or all. Whoever holds a ghost has to
 * look at it then; here the work is known from its beginning, and the same attempt is made once more in a new ghost.
 */
import {
  BasisRevertedError,
  ConflictError,
  GateRevertedError,
  HyperloomError,
  RaceExhaustedError,
  ReviewRejectedError,
} from './errors.ts';
import { SpeculationFailed } from './failed-attempts.ts';
import { crashesPerAttemptMax } from './limits.ts';
import type { CommitOptions, GhostOptions } from './options.ts';
import type { Committed, Reverted } from './outcomes.ts';
import { reasonOf } from './reasons.ts';

/** One try. */
export interface Attempt {
  /** From 1. */
  readonly number: number;
  /** Why the earlier ones were refused, oldest first. */
  readonly reasons: readonly string[];
  /** What the broker told when the one before was taken back; `undefined` at first, and where a reviewer's rejection did it. */
  readonly reverted: Reverted | undefined;
  /** Aborts when the work has become pointless: its caller has given up, or another alternative of its race has won. */
  readonly signal: AbortSignal;
}

/** What a verifier says: true or nothing to accept; a reason, or false, to refuse. An error that it throws is a reason too. */
export type Verdict = boolean | string | undefined | void;

/** What to speculate on, in ghosts of type `G`. */
export interface SpeculationIn<G, Result> extends Omit<GhostOptions, 'baseRevision'> {
  /** Does the work in the ghost. An error that it throws is not a refusal: the ghost is reverted and the error thrown on. */
  work(ghost: G, attempt: Attempt): Result | Promise<Result>;
  /** Judges what the ghost holds. */
  verify?(ghost: G, result: Result): Verdict | Promise<Verdict>;
  /** Tries after the first. Default: 3. */
  readonly retries?: number | undefined;
  /** What must not have changed meanwhile. Default: `writes`. */
  readonly isolation?: 'writes' | 'serializable' | undefined;
  /** Called after each refusal, when it was taken back; with what the broker told of that, as in {@link Attempt}. */
  onRefused?(attempt: Attempt, reason: string, reverted: Reverted | undefined): void;
}

/** Work that was accepted and committed. */
export interface Speculated<Result> {
  readonly result: Result;
  /** The trunk revision it made; 0 in a parent ghost or where nothing was staged. */
  readonly revision: number;
  /** The ghost that was committed. */
  readonly ghostId: string;
  /** How many attempts it took. */
  readonly attempts: number;
  /** Why the earlier ones were refused. */
  readonly reasons: readonly string[];
}

/** What is needed of a ghost. */
export interface SpeculativeGhost {
  readonly id: string;
  readonly over: boolean;
  checkpoint(name: string): Promise<unknown>;
  state(): Promise<{ readonly stagedOperations: number }>;
  rewind(options: { readonly checkpoint: string; readonly reason: string }): Promise<Reverted>;
  revert(reason: string): Promise<Reverted>;
  commit(options: CommitOptions): Promise<Committed>;
}

/** Speculates. `begin` begins a ghost where the work is to end up. Throws {@link SpeculationFailed} after the last attempt. */
export async function speculate<G extends SpeculativeGhost, Result>(
  begin: (options: GhostOptions) => Promise<G>,
  speculation: SpeculationIn<G, Result>,
): Promise<Speculated<Result>> {
  const attemptsMax = 1 + (speculation.retries ?? 3);
  const signal = speculation.signal ?? new AbortController().signal;
  const reasons: string[] = [];
  let ghost: G | undefined;
  let reverted: Reverted | undefined;
  let number = 1;
  let crashes = 0;
  try {
    for (;;) {
      signal.throwIfAborted();
      const isNew = ghost === undefined;
      ghost ??= await begin(ghostOptionsOf(speculation));
      const attempt: Attempt = { number, reasons: [...reasons], reverted, signal };
      const outcome = await attemptIn(ghost, isNew, speculation, attempt);
      if ('committed' in outcome) {
        const { revision } = outcome.committed;
        return { result: outcome.result, revision, ghostId: ghost.id, attempts: number, reasons };
      }
      if ('crash' in outcome) {
        if (crashes === crashesPerAttemptMax) throw outcome.crash;
        crashes += 1;
        await drop(ghost, outcome.crash);
        ghost = undefined;
        continue;
      }
      reasons.push(outcome.reason);
      const isLast = number === attemptsMax;
      const taken = await takeBack(ghost, outcome, isLast);
      reverted = taken.reverted;
      if (!taken.isOfUse) ghost = undefined;
      speculation.onRefused?.(attempt, outcome.reason, reverted);
      if (isLast) throw new SpeculationFailed(reasons, outcome.error);
      number += 1;
      crashes = 0;
    }
  } catch (error) {
    if (ghost !== undefined) await drop(ghost, error);
    if (error instanceof RaceExhaustedError && reasons.length > 0)
      throw new SpeculationFailed(reasons, error);
    throw error;
  }
}

const beginning = 'speculate';

function ghostOptionsOf(speculation: GhostOptions): GhostOptions {
  const { label, scope, ttlMs, author, gates, race, lease, migration, signal, timeoutMs } = speculation;
  return { label, scope, ttlMs, author, gates, race, lease, migration, signal, timeoutMs };
}

type Refused = { readonly reason: string; readonly error: unknown };
type Accepted<Result> = { readonly result: Result; readonly committed: Committed };
type Crashed = { readonly crash: unknown };

/** Does the work, and what comes after it. Where a schema gate takes the ghost back meanwhile, the work is refused, not at fault. */
async function attemptIn<G extends SpeculativeGhost, Result>(
  ghost: G,
  isNew: boolean,
  speculation: SpeculationIn<G, Result>,
  attempt: Attempt,
): Promise<Refused | Accepted<Result> | Crashed> {
  try {
    if (isNew) await ghost.checkpoint(beginning);
    const result = await speculation.work(ghost, attempt);
    attempt.signal.throwIfAborted();
    const outcome = await verifyAndCommit(ghost, speculation, result);
    return 'committed' in outcome ? { ...outcome, result } : outcome;
  } catch (error) {
    if (isTakenByCrash(error, ghost)) return { crash: error };
    if (error instanceof GateRevertedError && error.ghostId === ghost.id)
      return { reason: reasonOf(error), error };
    throw error;
  }
}

async function verifyAndCommit<G extends SpeculativeGhost, Result>(
  ghost: G,
  speculation: SpeculationIn<G, Result>,
  result: Result,
): Promise<Refused | { readonly committed: Committed }> {
  const { isolation, label, signal } = speculation;
  let verdict: Verdict;
  try {
    verdict = await speculation.verify?.(ghost, result);
  } catch (error) {
    if (isTakenByCrash(error, ghost)) throw error;
    return { reason: reasonOf(error), error };
  }
  if (verdict === false) return { reason: 'refused by the verifier', error: undefined };
  if (typeof verdict === 'string') return { reason: verdict, error: undefined };
  signal?.throwIfAborted();
  try {
    return { committed: await ghost.commit({ isolation, label, signal }) };
  } catch (error) {
    if (
      error instanceof ConflictError ||
      error instanceof BasisRevertedError ||
      error instanceof GateRevertedError
    )
      return { reason: reasonOf(error), error };
    if (error instanceof ReviewRejectedError) return { reason: error.reviewReason, error };
    throw error;
  }
}

/** Takes a refused attempt back. The ghost is of use for the next one unless it is over, or a crash has taken where it began. */
async function takeBack(
  ghost: SpeculativeGhost,
  refused: Refused,
  isLast: boolean,
): Promise<{ readonly reverted: Reverted | undefined; readonly isOfUse: boolean }> {
  try {
    const reverted = await goBack(ghost, refused, isLast);
    return { reverted, isOfUse: !ghost.over };
  } catch (error) {
    if (!isTakenByCrash(error, ghost)) throw error;
    await drop(ghost, error);
    return { reverted: undefined, isOfUse: false };
  }
}

/** To the beginning of the ghost, or with the ghost where it can be of no more use. */
async function goBack(
  ghost: SpeculativeGhost,
  { reason, error }: Refused,
  isLast: boolean,
): Promise<Reverted | undefined> {
  if (ghost.over) return undefined;
  // What it stands on was changed, or taken back: only a new ghost, and another look, can do better.
  if (isLast || error instanceof ConflictError || error instanceof BasisRevertedError)
    return ghost.revert(reason);
  // Who rejects has taken the ghost back to its newest checkpoint. Going back counts as an attempt in a race, so only where that was not ours.
  const isTakenBack = error instanceof ReviewRejectedError || error instanceof GateRevertedError;
  if (isTakenBack && (await ghost.state()).stagedOperations === 0) return undefined;
  return ghost.rewind({ checkpoint: beginning, reason });
}

/** Leaves nothing of a ghost. Its ttl does the same where the broker cannot be told. */
async function drop(ghost: SpeculativeGhost, why: unknown): Promise<void> {
  if (!ghost.over) await ghost.revert(reasonOf(why)).catch(() => undefined);
}

/** A crash of the broker has taken this ghost, its first checkpoint, or what was done in it last. */
function isTakenByCrash(error: unknown, ghost: SpeculativeGhost): boolean {
  if (!(error instanceof HyperloomError) || error.metadata['ghost_id'] !== ghost.id) return false;
  if (error.reason === 'CHECKPOINT_NOT_FOUND') return error.metadata['checkpoint'] === beginning;
  return error.reason === 'GHOST_NOT_FOUND' || error.reason === 'GHOST_INTERRUPTED';
}
