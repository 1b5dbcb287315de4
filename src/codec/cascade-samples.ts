/** Random reverts with what was derived: see `samples.ts`. */
import type { BasisEntry, Operation, Precondition, RevertCascade } from '../state/command.ts';
import type { Path } from '../trie/path.ts';

/** What {@link cascadeSample} is made from: `Samples` draws it. */
export interface Drawing {
  number(): number;
  text(): string;
  word(): string;
  path(): Path;
  chance(oneIn: number): boolean;
  operation(): Operation;
  precondition(): Precondition;
  basisEntry(): BasisEntry;
  list<T>(max: number, make: () => T): T[];
  pick<T>(choices: readonly T[]): T;
}

/** One from what `samples` draws. */
export function cascadeSample(
  samples: Drawing,
  sender: Pick<RevertCascade, 'author' | 'request'>,
): RevertCascade {
  return {
    kind: 'revert_cascade',
    revision: samples.number(),
    operations: samples.list(4, () => samples.operation()),
    preconditions: samples.list(3, () => samples.precondition()),
    reason: samples.text(),
    undone: samples.list(3, () => ({
      revision: samples.number(),
      hops: samples.number() % 2 ** 32,
      author: samples.text(),
      label: samples.text(),
    })),
    notUndone: samples.list(2, () => ({
      path: samples.path(),
      revision: samples.number(),
      cause: samples.pick(['overwritten', 'built_upon', 'history_gone', 'schema'] as const),
      overwrittenBy: samples.number(),
    })),
    notUndoneTotal: samples.number(),
    ghosts: samples.list(2, () => ({
      ghostId: samples.word(),
      author: samples.text(),
      reads: samples.list(2, () => ({ basis: samples.basisEntry(), sequence: samples.number() })),
    })),
    agents: samples.list(2, () => ({
      author: samples.text(),
      revisions: samples.list(3, () => samples.number()),
      ghostIds: samples.list(2, () => samples.word()),
      basis: samples.list(2, () => samples.basisEntry()),
    })),
    alone: samples.chance(2),
    ...sender,
  };
}
