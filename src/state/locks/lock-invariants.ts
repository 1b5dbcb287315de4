/** What must hold of a lock table after every command; for tests and for checks in the field. */
import type { Lock } from './lock.ts';
import { conflictsOf } from './lock-mode.ts';
import type { LockTable } from './lock-table.ts';

/** What is wrong with a settled table; empty where nothing is. Takes as long as there are locks, squared. */
export function lockProblems(table: LockTable): string[] {
  const problems: string[] = [];
  const entries = Array.from(table.list(), ({ id }) => table.entry(id)).filter(
    (entry) => entry !== undefined,
  );
  const points = new Set(entries.flatMap(({ marks }) => marks.map(({ point }) => point)));
  for (const point of table.points()) {
    const isUsed = [...point.stakes()].some((stake) => !stake.isEmpty);
    if (isUsed && !points.has(point)) problems.push(`${point.node.segment}: nobody's node is left over`);
  }
  for (const { lock, owner, marks, blockedAt } of entries) {
    const isWaiting = lock.state === 'waiting';
    if (owner.waiting.size + owner.held.size === 0) problems.push(`${lock.id}: its owner has nothing`);
    if (isWaiting !== (lock.fencingToken === 0)) problems.push(`${lock.id}: ${lock.state} with its token`);
    if (isWaiting !== (blockedAt !== null)) problems.push(`${lock.id}: ${lock.state} in a queue`);
    if (blockedAt !== null && !blockedAt.point.isInTheWay(blockedAt, lock.position))
      problems.push(`${lock.id}: waits for nobody`);
    for (const mark of marks) {
      if (isWaiting !== (mark.reservation !== null)) problems.push(`${lock.id}: ${lock.state} and reserved`);
    }
  }
  const held = entries.filter(({ lock }) => lock.state !== 'waiting');
  for (const [index, one] of held.entries()) {
    for (const other of held.slice(index + 1)) {
      if (one.owner !== other.owner && clash(one.marks, other.marks))
        problems.push(`${one.lock.id} and ${other.lock.id} are held and do not go together`);
    }
  }
  return problems;
}

type Marks = NonNullable<ReturnType<LockTable['entry']>>['marks'];

function clash(some: Marks, others: Marks): boolean {
  return some.some(({ point, mode }) =>
    others.some((other) => other.point === point && conflictsOf(mode).includes(other.mode)),
  );
}

/** A lock in a line: for tables that are printed and compared. */
export function lockLine({ id, leaseId, state, targets, fencingToken }: Lock): string {
  const rights = targets.map(({ path, mode }) => `${mode} /${path.join('/')}`).join(', ');
  return `${id} ${leaseId} ${state === 'waiting' ? state : `${state} ${fencingToken}`}: ${rights}`;
}
