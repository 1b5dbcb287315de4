import type { StagedDiff } from '../state/ghosts/ghost.ts';

/** The diff copies from a past revision, whose root is not at hand when a snapshot is loaded. */
export function copiesThePast(diff: StagedDiff): boolean {
  return diff.operations.some((operation) => operation.kind === 'copy' && operation.sourceRevision !== 0);
}
