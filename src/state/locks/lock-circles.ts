/**
 * Circles of waiting. A waiter waits for the owners of what it does not go with: locks that are held, and requests that it
 * has to respect. An owner that waits for anything gives back nothing, so a circle of owners would wait for ever.
 */
import type { DeadlockMember } from './lock.ts';
import { conflictsOf } from './lock-mode.ts';
import type { ModeNumber } from './lock-mode.ts';
import type { LockEntry, Mark, Owner, Point, SeenChains } from './lock-point.ts';

/** A circle: each waits for the owner of the next, the last for that of the first. */
export type Circle = readonly LockEntry[];

/**
 * The shortest circle through `owner`, or `null`. `without` are waiters that are going to be aborted. Looks at a few of those
 * who wait for `owner`; only where they are many, at every owner and every reservation in front of it, each about once.
 */
export function findCircle(owner: Owner, without: ReadonlySet<LockEntry> = nobody): Circle | null {
  if (isOutOfReach(owner)) return null;
  const search = new Search(owner, without);
  return search.run();
}

/** The member whose lease is the youngest. */
export function victimOf(circle: Circle): LockEntry {
  return circle.reduce((victim, entry) => (entry.owner.position > victim.owner.position ? entry : victim));
}

/** A circle as it is told, its victim first. */
export function membersOf(circle: Circle, victim: LockEntry): DeadlockMember[] {
  const start = circle.findIndex(({ owner }) => owner === victim.owner);
  const turned = [...circle.slice(start), ...circle.slice(0, start)];
  return turned.map(({ lock }) => ({
    leaseId: lock.leaseId,
    lockId: lock.id,
    author: lock.author,
    targets: lock.targets,
  }));
}

const nobody: ReadonlySet<LockEntry> = new Set();

/** Nodes and waiters that are looked at backwards, before the search goes forwards. */
const backwardsMax = 256;

/**
 * Nobody who waits for `owner`, through whomever, is waited for by it. Most have nobody behind them, or few, while in front
 * of them there may be a long queue. False where it would take too long to tell.
 */
function isOutOfReach(owner: Owner): boolean {
  let left = backwardsMax;
  const seen = new Set([owner]);
  for (const at of seen) {
    for (const entries of [at.waiting, at.held]) {
      for (const entry of entries) {
        for (const mark of entry.marks) {
          if ((left -= 1) < 0) return false;
          for (const behind of mark.point.waitersBehind(entry, mark)) {
            if (behind.owner === owner || (left -= 1) < 0) return false;
            seen.add(behind.owner);
          }
        }
      }
    }
  }
  return true;
}

interface Step {
  readonly entry: LockEntry;
  readonly from: Step | null;
}

class Search {
  readonly #start: Owner;
  readonly #without: ReadonlySet<LockEntry>;
  readonly #steps: Step[] = [];
  readonly #seen = new Set<Owner>();
  /** What stands in the way of one stands in that of the next as well, so each holder and reservation is looked at once. */
  readonly #seenChains: SeenChains = new Map();
  readonly #seenHolders = new Map<Point, number>();

  constructor(start: Owner, without: ReadonlySet<LockEntry>) {
    this.#start = start;
    this.#without = without;
    this.#visit(start, null);
  }

  run(): Circle | null {
    for (let next = 0; next < this.#steps.length; next += 1) {
      const step = this.#steps[next] as Step;
      for (const mark of step.entry.marks) {
        if (this.#follow(step, mark)) return circleTo(step);
      }
    }
    return null;
  }

  /** Goes on to all that stand before `step` at a node; true where the start is one of them. */
  #follow(step: Step, mark: Mark): boolean {
    const { point, mode } = mark;
    const { owner, lock } = step.entry;
    const isStart = owner === this.#start;
    const seenModes = this.#seenHolders.get(point) ?? 0;
    const isSeen = (seenModes & (1 << mode)) !== 0;
    if (!isStart) this.#seenHolders.set(point, seenModes | (1 << mode));
    if (!isSeen && point.holdersAgainst(mode, -1) > 0 && this.#followHolders(step, point, mode)) return true;
    const seen = isStart ? null : this.#seenChains;
    for (const entry of point.waitersAgainst(mark, lock.position, seen)) {
      if (this.#without.has(entry)) continue;
      if (entry.owner === this.#start) return true;
      this.#visit(entry.owner, step);
    }
    return false;
  }

  #followHolders(step: Step, point: Point, mode: ModeNumber): boolean {
    const against = conflictsOf(mode);
    const found: Owner[] = [];
    for (const { owner, mode: held } of point.stakes()) {
      if (held === -1 || owner === step.entry.owner || !against.includes(held)) continue;
      if (owner === this.#start) return true;
      if (owner.waiting.size > 0) found.push(owner);
    }
    found.sort((a, b) => a.position - b.position);
    for (const other of found) this.#visit(other, step);
    return false;
  }

  #visit(owner: Owner, from: Step | null): void {
    if (this.#seen.has(owner)) return;
    this.#seen.add(owner);
    for (const entry of owner.waiting) if (!this.#without.has(entry)) this.#steps.push({ entry, from });
  }
}

function circleTo(last: Step): Circle {
  const circle: LockEntry[] = [];
  for (let step: Step | null = last; step !== null; step = step.from) circle.unshift(step.entry);
  return circle;
}
