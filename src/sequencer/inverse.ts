/** The inverse of a trunk revision: operations that undo it, and preconditions that nobody has built on it. */
import type { Operation, Precondition } from '../state/command.ts';
import type { Change } from '../state/event.ts';
import type { Root } from '../state/ghosts/ghost.ts';
import { standingOf } from '../state/values/standing.ts';
import { formatPath, isWithin } from '../trie/path.ts';
import type { Path } from '../trie/path.ts';

export interface Inverse {
  readonly operations: readonly Operation[];
  readonly preconditions: readonly Precondition[];
}

/** For a command whose outcome is known before its inverse is. */
export const noInverse: Inverse = { operations: [], preconditions: [] };

/** Works out the inverse of `revision`, whose changes led from the root `before` to the root `after`. */
export function inverseOf(revision: number, changes: readonly Change[], before: Root, after: Root): Inverse {
  const operations: Operation[] = [];
  const preconditions: Precondition[] = [];
  const subtrees = outermost(
    changes.flatMap(({ operation }) => (replacesSubtree(operation) ? [operation.path] : [])),
  );
  for (const path of subtrees) {
    const isThere = standingOf(after, path).present;
    preconditions.push(
      isThere
        ? { kind: 'subtree_unchanged_since', path, revision }
        : { kind: 'presence', path, present: false },
    );
    const wasThere = standingOf(before, path).present;
    if (wasThere) operations.push({ kind: 'copy', path, source: path, sourceRevision: revision - 1 });
    else operations.push({ kind: 'delete', path, scope: 'subtree' });
  }
  const values = new Map<string, Operation[]>();
  for (const { operation } of changes) {
    if (subtrees.some((path) => isWithin(operation.path, path))) continue;
    const key = formatPath(operation.path);
    values.set(key, [...(values.get(key) ?? []), operation]);
  }
  for (const made of values.values()) {
    const path = made[0]?.path ?? [];
    const counter = counterInverse(made, before);
    if (counter !== null) {
      operations.push(counter);
      continue;
    }
    preconditions.push({
      kind: 'modified_revision',
      path,
      revision: Math.max(0, standingOf(after, path).modified),
    });
    const { entry } = standingOf(before, path);
    if (entry === null) operations.push({ kind: 'delete', path, scope: 'node' });
    else
      operations.push({
        kind: 'put',
        path,
        value: { kind: entry.kind, data: entry.data, bytes: entry.bytes, type: entry.type },
      });
  }
  return { operations, preconditions };
}

function replacesSubtree(operation: Operation): boolean {
  return operation.kind === 'copy' || (operation.kind === 'delete' && operation.scope === 'subtree');
}

/** Increments of a number that was there commute with what came later, so they are simply subtracted. */
function counterInverse(made: readonly Operation[], before: Root): Operation | null {
  const path = made[0]?.path ?? [];
  let sum: bigint | number | null = null;
  for (const operation of made) {
    if (operation.kind !== 'increment' || (sum !== null && typeof sum !== typeof operation.amount))
      return null;
    if (typeof operation.amount === 'bigint') sum = (typeof sum === 'bigint' ? sum : 0n) + operation.amount;
    else sum = (typeof sum === 'number' ? sum : 0) + operation.amount;
  }
  if (sum === null || standingOf(before, path).entry === null) return null;
  const amount = -sum;
  return typeof amount === 'bigint' && (amount < -(2n ** 63n) || amount > 2n ** 63n - 1n)
    ? null
    : { kind: 'increment', path, amount };
}

/** The paths that lie in no other one, each once. */
function outermost(paths: readonly Path[]): Path[] {
  const kept: Path[] = [];
  for (const path of paths.toSorted((a, b) => a.length - b.length)) {
    if (!kept.some((other) => isWithin(path, other))) kept.push(path);
  }
  return kept;
}
