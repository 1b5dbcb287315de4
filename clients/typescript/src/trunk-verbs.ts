/** The verbs that a client and a lock have in common: both stand on the trunk, the one with nothing, the other with a right. */
import { Verbs } from './verbs.ts';
import { beginGhost, type Ghost, type Speculation } from './ghost.ts';
import type { LeaseReference } from './operation.ts';
import type { GhostOptions } from './options.ts';
import type { Reverted } from './outcomes.ts';
import { race, type Alternative, type RaceOptions, type RaceWon } from './race.ts';
import { revert, type RevertOptions } from './revert.ts';
import { speculate, type Speculated } from './speculate.ts';

export abstract class TrunkVerbs extends Verbs {
  /** Begins a ghost. Use it with `await using`: leaving the block without `commit` reverts it. */
  ghost(options: GhostOptions = {}): Promise<Ghost> {
    const { connection, agent, ownership } = this;
    const lease: LeaseReference | undefined =
      options.lease ?? (ownership === undefined ? undefined : { id: ownership.leaseId });
    return beginGhost(connection, agent, { ...options, lease }, null, ownership);
  }

  /**
   * Works in a ghost until the result is accepted, then commits it. See {@link Speculation}. Where a crash of the broker takes what an attempt has staged,
   * the same attempt is made again from its beginning, in a new ghost; at most three times.
   */
  speculate<Result>(speculation: Speculation<Result>): Promise<Speculated<Result>> {
    return speculate((options: GhostOptions) => this.ghost(options), speculation);
  }

  /**
   * Works on several alternatives at once, each in a ghost of its own. The first whose result is accepted is committed; the others are told
   * by `attempt.signal` and are reverted. Throws {@link RaceFailed} where none is accepted.
   */
  race<Result>(
    alternatives: readonly Alternative<Ghost, Result>[],
    options: RaceOptions<Ghost, Result> = {},
  ): Promise<RaceWon<Result>> {
    const raceId = options.id ?? this.connection.nextRequestId();
    return race((begin: GhostOptions) => this.ghost(begin), raceId, alternatives, options);
  }

  /**
   * Writes the inverse of a trunk revision as a new revision. Throws {@link ConflictError} where others have built on it. With `cascade`, all
   * that was derived from it goes with it, or is reported.
   */
  revertRevision(revision: number, reason = '', options: RevertOptions = {}): Promise<Reverted> {
    const target = { case: 'revision', value: BigInt(revision) } as const;
    return revert(this.connection, this.agent, target, reason, options, this.ownership);
  }
}
