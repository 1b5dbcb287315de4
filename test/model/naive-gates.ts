/**
 * Gates, reviewers and races as a child would write them: what was decided about which edition, and who takes part where.
 * Short enough to be checked by eye. It must not import anything that decides behaviour from `src`.
 */

import type { Random } from '../../src/base/random.ts';

/** What a ghost has of them. */
export interface NaiveGated {
  readonly parentId: string;
  /** How often what is staged has changed. */
  changes: number;
  /** By reviewer, the change that was approved last; -1 for none. */
  readonly approved: Map<string, number>;
  /** At most this many staged operations; 0: no limit. */
  readonly operationsMax: number;
  readonly raceId: string;
  readonly onViolation: 'refuse' | 'revert' | 'collect';
  /** A commit waits for reviewers. */
  pending: boolean;
}

export interface NaiveRace {
  readonly attemptsMax: number;
  attempts: number;
  readonly members: Set<string>;
  winnerId: string;
}

/** A ghost without gates. */
export const free: {
  readonly reviewers: readonly string[];
  readonly operationsMax: number;
  readonly raceId: string;
  readonly onViolation: 'refuse' | 'revert' | 'collect';
} = { reviewers: [], operationsMax: 0, raceId: '', onViolation: 'refuse' };

/** Gates of a new ghost, and its race: that of the next twenty ghosts. */
export function randomGates(random: Random, nextGhost: number, isTyped: boolean): typeof free {
  const reviewers = [[], [], ['ada'], ['ada', 'bob']][random.below(4)] ?? [];
  const operationsMax = random.below(4) === 0 ? 8 : 0;
  const raceId = random.below(3) === 0 ? `race_${Math.floor(nextGhost / 20)}` : '';
  const actions = ['refuse', 'revert', 'collect', 'collect'] as const;
  const onViolation = isTyped ? (actions[random.below(4)] ?? 'refuse') : 'refuse';
  return { reviewers, operationsMax, raceId, onViolation };
}

/** What gates and races can answer: all of it must come up. */
export const expectedTold: ReadonlySet<string> = new Set([
  'commit_pending',
  'reviewed',
  'GATE_LIMIT',
  'REVIEWER_NOT_FOUND',
  'REVIEW_OUTDATED',
  'RACE_OVER',
  'RACE_EXHAUSTED',
]);

/** What schemas can answer beside that. */
export const expectedOfSchemas: ReadonlySet<string> = new Set(['SCHEMA_VIOLATION', 'GATE_REVERTED']);

export class NaiveGates {
  readonly ghosts = new Map<string, NaiveGated>();
  readonly races = new Map<string, NaiveRace>();

  /** Why a ghost cannot begin, or `null`; then it has. */
  begin(
    id: string,
    parentId: string,
    gates: Pick<typeof free, 'reviewers' | 'operationsMax' | 'onViolation'>,
    raceId: string,
    attemptsMax: number,
  ): string | null {
    const { reviewers, operationsMax, onViolation } = gates;
    if (raceId !== '') {
      const race = this.races.get(raceId) ?? { attemptsMax, attempts: 0, members: new Set(), winnerId: '' };
      if (race.winnerId !== '') return 'RACE_OVER';
      for (const member of race.members)
        if (this.ghosts.get(member)?.parentId !== parentId) return 'INVALID_REQUEST';
      if (race.attempts === race.attemptsMax) return 'RACE_EXHAUSTED';
      race.attempts += 1;
      race.members.add(id);
      this.races.set(raceId, race);
    }
    const approved = new Map(reviewers.map((reviewer) => [reviewer, -1]));
    const gated = { parentId, changes: 0, approved, operationsMax, raceId, onViolation, pending: false };
    this.ghosts.set(id, gated);
    return null;
  }

  /** What is staged in a ghost has changed. */
  changed(id: string): void {
    const ghost = this.#ghost(id);
    ghost.changes += 1;
    ghost.pending = false;
  }

  /** A return to a checkpoint: false where the race has no attempt left. */
  takesAttempt(id: string): boolean {
    const race = this.races.get(this.#ghost(id).raceId);
    if (race === undefined) return true;
    if (race.attempts === race.attemptsMax) return false;
    race.attempts += 1;
    return true;
  }

  isOpen(id: string): boolean {
    const { approved, changes } = this.#ghost(id);
    return [...approved.values()].every((change) => change === changes);
  }

  isFull(id: string, operations: number): boolean {
    const { operationsMax } = this.#ghost(id);
    return operationsMax > 0 && operations > operationsMax;
  }

  /** What is to become of values that do not fit; on the trunk they are refused. */
  onViolation(id: string): 'refuse' | 'revert' | 'collect' {
    return this.ghosts.get(id)?.onViolation ?? 'refuse';
  }

  /** A ghost was committed: the other live ghosts of its race. */
  losers(id: string): string[] {
    const race = this.races.get(this.#ghost(id).raceId);
    if (race === undefined) return [];
    race.winnerId = id;
    return [...race.members].filter((member) => member !== id);
  }

  /** A ghost is over. */
  gone(id: string): void {
    this.races.get(this.#ghost(id).raceId)?.members.delete(id);
    this.ghosts.delete(id);
  }

  #ghost(id: string): NaiveGated {
    const ghost = this.ghosts.get(id);
    if (ghost === undefined) throw new Error(`no ghost ${id}`);
    return ghost;
  }
}
