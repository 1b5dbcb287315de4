/** Whom a waiter waits for: the edges of the waits-for graph, as people are shown them. */
import type { Lock } from './lock.ts';
import { conflictsOf } from './lock-mode.ts';
import type { LockEntry } from './lock-point.ts';

/**
 * The locks that stand before `entry`: held ones that it does not go with, and requests that it has to respect, each once, in the
 * order of their requests. Empty for one that does not wait. Looks at all owners at its nodes, so it is not for the way of a write.
 */
export function blockersOf(entry: LockEntry): Set<Lock> {
  const found = new Set<Lock>();
  if (entry.lock.state !== 'waiting') return found;
  for (const mark of entry.marks) {
    const { point, mode } = mark;
    const against = conflictsOf(mode);
    for (const { owner, mode: held } of point.stakes()) {
      if (owner === entry.owner || held === -1 || !against.includes(held)) continue;
      for (const { lock, marks } of owner.held) {
        if (marks.some((theirs) => theirs.point === point && against.includes(theirs.mode))) found.add(lock);
      }
    }
    for (const { lock } of point.waitersAgainst(mark, entry.lock.position)) found.add(lock);
  }
  return new Set([...found].sort((a, b) => a.position - b.position));
}
