/** Ghosts of the naive forest: copies of trees, and lists of diffs. */
import type { NaiveDiff, NaiveOperation, NaiveTree } from './naive-forest.ts';

/** A live ghost. */
export interface NaiveGhost {
  readonly parentId: string;
  readonly base: NaiveTree;
  readonly firstSequence: number;
  view: NaiveTree;
  sequence: number;
  staged: NaiveDiff[];
  checkpoints: { name: string; sequence: number; view: NaiveTree; staged: NaiveDiff[] }[];
}

/** How many operations diffs have. */
export function operationsIn(diffs: readonly NaiveDiff[]): number {
  return diffs.reduce((sum, { operations }) => sum + operations.length, 0);
}

/** Applies operations in order, or says why one of them does not apply. */
export function operateAll(
  view: NaiveTree,
  operations: readonly NaiveOperation[],
  stamp: number,
  author: string,
  past: (revision: number) => NaiveTree,
): string | null {
  for (const operation of operations) {
    const problem = view.operate(operation, stamp, author, past);
    if (problem !== null) return problem;
  }
  return null;
}
