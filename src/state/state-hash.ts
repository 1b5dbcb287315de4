/** The hash of a forest's whole state: equal on every replica and after every restart. */
import { hashSteps } from '../trie/hash.ts';
import { Hasher, hexOf } from '../trie/hasher.ts';
import { formatPath } from '../trie/path.ts';
import type { ForestState } from './forest.ts';
import type { Entry } from './value.ts';

/** Nodes hashed between two pauses. */
const budget = 2_000;

/**
 * Hashes the state as it is at the call: the trunk, the live ghosts with their views, and the revisions. The state may move
 * on between the steps. Returns 32 hexadecimal digits.
 */
export function forestHashSteps(state: ForestState): Generator<void, string, void> {
  const { revision, compactedRevision, root } = state;
  const ghosts = Array.from(state.ghosts.values(), (ghost) => ({
    id: ghost.id,
    scope: formatPath(ghost.scope),
    baseRevision: ghost.baseRevision,
    parentId: ghost.parentId,
    sequence: ghost.sequence,
    staged: ghost.staged?.operations ?? 0,
    checkpoints: ghost.checkpoints.map(({ name }) => name),
    root: ghost.root,
  }));
  return hashFrozen();

  function* hashFrozen(): Generator<void, string, void> {
    const trunk = yield* hashSteps(root, hashEntry, budget);
    const roots: string[] = [];
    for (const ghost of ghosts) roots.push(yield* hashSteps(ghost.root, hashEntry, budget));
    const hasher = new Hasher();
    hasher.reset();
    hasher.number(revision);
    hasher.number(compactedRevision);
    hasher.text(trunk);
    for (const [index, ghost] of ghosts.entries()) {
      for (const text of [ghost.id, ghost.scope, ghost.parentId, roots[index] ?? '', ...ghost.checkpoints])
        hasher.text(text);
      for (const number of [ghost.baseRevision, ghost.sequence, ghost.staged]) hasher.number(number);
    }
    return hexOf(hasher.finish());
  }
}

/** The same at once. For tests and small states. */
export function forestHash(state: ForestState): string {
  const steps = forestHashSteps(state);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

function hashEntry(entry: Entry, hasher: Hasher): void {
  // An array that is being appended to is the same value whether or not its text has its closing bracket already.
  hasher.text(entry.kind === 'items' ? 'json' : entry.kind);
  hasher.text(entry.kind === 'items' ? `${entry.data}]` : entry.data);
  hasher.text(entry.type);
  hasher.number(entry.created);
  hasher.number(entry.modified);
  hasher.number(entry.assigned);
  hasher.number(entry.version);
  hasher.text(entry.author);
}
