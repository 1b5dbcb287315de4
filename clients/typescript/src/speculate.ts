/**
 * Works in a ghost until the result is accepted: the work is done in a ghost, verified there, and committed; or taken back and done again
 * with the reasons so far. Nothing that was refused is ever seen on the trunk.
 */
import type { Agent } from './agent.ts';
import type { Connection } from './connection.ts';
import { ConflictError, SpeculationFailed } from './errors.ts';
import { beginGhost, type Committed, type Ghost } from './ghost.ts';
import type { GhostOptions } from './options.ts';

/** One try. */
export interface Attempt {
  /** From 1. */
  readonly number: number;
  /** Why the earlier ones were refused, oldest first. */
  readonly reasons: readonly string[];
}

/** What a verifier says: true or nothing to accept; a reason, or false, to refuse. An error that it throws is a reason too. */
export type Verdict = boolean | string | undefined | void;

/** What to speculate on. */
export interface Speculation<Result> extends Omit<GhostOptions, 'baseRevision'> {
  /** Does the work in the ghost. An error that it throws is not a refusal: the ghost is reverted and the error thrown on. */
  work(ghost: Ghost, attempt: Attempt): Result | Promise<Result>;
  /** Judges what the ghost holds. */
  verify?(ghost: Ghost, result: Result): Verdict | Promise<Verdict>;
  /** Tries after the first. Default: 3. */
  readonly retries?: number | undefined;
  /** What must not have changed meanwhile. Default: `writes`. */
  readonly isolation?: 'writes' | 'serializable' | undefined;
  /** Called after each refusal. */
  onRefused?(attempt: Attempt, reason: string): void;
}

/** Work that was accepted and committed. */
export interface Speculated<Result> {
  readonly result: Result;
  /** The trunk revision it made; 0 in a parent ghost or where nothing was staged. */
  readonly revision: number;
  /** How many attempts it took. */
  readonly attempts: number;
  /** Why the earlier ones were refused. */
  readonly reasons: readonly string[];
}

/** Speculates on the trunk. Throws {@link SpeculationFailed} after the last attempt. */
export async function speculate<Result>(
  connection: Connection,
  agent: Agent,
  speculation: Speculation<Result>,
): Promise<Speculated<Result>> {
  const attemptsMax = 1 + (speculation.retries ?? 3);
  const reasons: string[] = [];
  let ghost: Ghost | undefined;
  let lastError: unknown;
  try {
    for (let number = 1; number <= attemptsMax; number += 1) {
      ghost ??= await beginWithCheckpoint(connection, agent, speculation);
      const attempt: Attempt = { number, reasons: [...reasons] };
      const result = await speculation.work(ghost, attempt);
      const outcome = await verifyAndCommit(ghost, speculation, result);
      if ('committed' in outcome)
        return { result, revision: outcome.committed.revision, attempts: number, reasons };
      reasons.push(outcome.reason);
      lastError = outcome.error;
      speculation.onRefused?.(attempt, outcome.reason);
      if (number === attemptsMax) break;
      if (outcome.error instanceof ConflictError) {
        // The base is outdated: only a new ghost sees what others did meanwhile.
        await ghost.revert(outcome.reason);
        ghost = undefined;
      } else await ghost.rewind({ checkpoint: beginning, reason: outcome.reason });
    }
    await ghost?.revert(reasons.at(-1) ?? '');
    throw new SpeculationFailed(reasons, lastError);
  } catch (error) {
    if (ghost !== undefined && !ghost.over) await ghost.revert(textOf(error)).catch(() => undefined);
    throw error;
  }
}

const beginning = 'speculate';

async function beginWithCheckpoint(
  connection: Connection,
  agent: Agent,
  options: GhostOptions,
): Promise<Ghost> {
  const ghost = await beginGhost(connection, agent, options, '');
  await ghost.checkpoint(beginning);
  return ghost;
}

type Judged = { readonly committed: Committed } | { readonly reason: string; readonly error: unknown };

async function verifyAndCommit<Result>(
  ghost: Ghost,
  speculation: Speculation<Result>,
  result: Result,
): Promise<Judged> {
  let verdict: Verdict;
  try {
    verdict = await speculation.verify?.(ghost, result);
  } catch (error) {
    return { reason: textOf(error), error };
  }
  if (verdict === false) return { reason: 'refused by the verifier', error: undefined };
  if (typeof verdict === 'string') return { reason: verdict, error: undefined };
  try {
    return { committed: await ghost.commit({ isolation: speculation.isolation, label: speculation.label }) };
  } catch (error) {
    if (error instanceof ConflictError) return { reason: textOf(error), error };
    throw error;
  }
}

/** An error as a reason: reasons have a limit of 4 KiB. */
function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.slice(0, 1_000);
}
