/** Applying again what is known to apply: for ghosts out of a snapshot, and for past revisions out of the journal. */
import { assert } from '../../base/assert.ts';
import { Transaction } from '../../trie/transaction.ts';
import type { Operation } from '../command.ts';
import type { Past } from '../forest.ts';
import type { Root, StagedDiff } from './ghost.ts';
import { operate } from '../values/operate.ts';
import type { Entry } from '../values/value.ts';

/** A diff as it took effect, with the author of each part. */
export interface KnownDiff {
  readonly author: string;
  readonly operations: readonly Operation[];
}

/** Applies diffs that have been applied before, all under one stamp. A refusal means that the journal was not what we think. */
export function reapply(root: Root, diffs: readonly KnownDiff[], stamp: number, past: Past): Root {
  const transaction = new Transaction<Entry>(root, stamp);
  for (const { author, operations } of diffs) {
    const context = {
      stamp,
      author,
      revision: Number.MAX_SAFE_INTEGER,
      compactedRevision: 0,
      past,
      sums: [],
    };
    for (const operation of operations) {
      const rejection = operate(transaction, operation, context);
      assert(
        rejection === null,
        `an operation of the journal does not apply again: ${rejection?.message ?? ''}`,
      );
    }
  }
  return transaction.commit();
}

/** A ghost's view from its base and its staged diffs. Past revisions that they copy from must come from `past`. */
export function restage(base: Root, diffs: readonly StagedDiff[], past: Past = noPast): Root {
  let root = base;
  for (const diff of diffs) root = reapply(root, [diff], -diff.sequence, past);
  return root;
}

const noPast: Past = (revision) => {
  assert(false, `the root of revision ${revision} is needed and not at hand`);
};
