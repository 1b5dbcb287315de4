/** Gray's modes as numbers, from the weakest to the strongest, and what goes with what. */
import type { LockMode } from './lock.ts';

/** is 0, ix 1, s 2, six 3, x 4. */
export type ModeNumber = 0 | 1 | 2 | 3 | 4;

/** By number. */
export const modes: readonly LockMode[] = ['is', 'ix', 's', 'six', 'x'];

export const modeNumber = { is: 0, ix: 1, s: 2, six: 3, x: 4 } as const satisfies Record<
  LockMode,
  ModeNumber
>;

/**
 * What does not go with each mode. All that goes with two modes goes with their supremum as well, so that a request is
 * checked by itself, whatever its owner holds there already.
 */
const conflicts: readonly (readonly ModeNumber[])[] = [
  [4],
  [2, 3, 4],
  [1, 3, 4],
  [1, 2, 3, 4],
  [0, 1, 2, 3, 4],
];

export function conflictsOf(mode: ModeNumber): readonly ModeNumber[] {
  return conflicts[mode] as readonly ModeNumber[];
}

export function isCompatible(one: LockMode, other: LockMode): boolean {
  return !conflictsOf(modeNumber[one]).includes(modeNumber[other]);
}

/** What a lock leaves on the nodes above it. */
export function intentionOf(mode: ModeNumber): ModeNumber {
  return mode === 0 || mode === 2 ? 0 : 1;
}

/** The weakest mode that gives both rights. */
export function supremum(one: ModeNumber, other: ModeNumber): ModeNumber {
  const [weak, strong] = one < other ? [one, other] : [other, one];
  return weak === 1 && strong === 2 ? 3 : strong;
}
