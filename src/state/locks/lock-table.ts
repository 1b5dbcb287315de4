/**
 * The locks of a forest: who holds what, who waits, and who is next.
 *
 * A request is granted when it goes with what all other owners hold at its targets and on the way to them, and with what
 * they asked for there earlier. Whoever cannot be granted waits at one node that stands in its way; only when something
 * there becomes weaker is it asked again, and then at the next such node. When several can be granted at once, the
 * earliest comes first: so the order of grants is a matter of what is held and asked for alone, not of how it came about,
 * and a table made again from the list of its locks goes on like the original.
 */
import { Heap } from '../../base/heap.ts';
import type { Path } from '../../trie/path.ts';
import type { Lock, LockChange, LockTarget } from './lock.ts';
import { conflictsOf, intentionOf, modeNumber, supremum } from './lock-mode.ts';
import type { ModeNumber } from './lock-mode.ts';
import { Owner, Point } from './lock-point.ts';
import type { LockEntry, Mark, Stake } from './lock-point.ts';
import { childOf, IndexNode, prune } from './path-index.ts';

/** What a grant needs from the state, and where it is noted. */
export interface Granting {
  readonly timeMs: number;
  nextToken(): number;
  readonly changes: LockChange[];
}

/** Enough that no key comes and goes often between two batches; sweeping as many takes less than a millisecond. */
const vacantMax = 1_024;

export class LockTable {
  /** In the order of their requests. */
  readonly #entries = new Map<string, LockEntry>();
  readonly #byToken = new Map<number, LockEntry>();
  readonly #owners = new Map<string, Owner>();
  readonly #root = new IndexNode<Point>(null, '');
  /** Nodes at which something has become weaker since the last {@link settle}. */
  readonly #weakened = new Set<Point>();
  /** Waiters whose owner has got more since then. */
  readonly #strengthened = new Set<LockEntry>();
  readonly #changed = new Set<Owner>();
  /**
   * What has become empty. It is let go in batches: a map to which one key is added and from which it is taken again and
   * again, among many others, becomes slow, since V8 keeps all that was deleted in the chain of its bucket for a while.
   */
  readonly #vacant: Stake[] = [];
  #waiting = 0;

  /** Held, delayed and waiting ones. */
  get size(): number {
    return this.#entries.size;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** With those that are delayed. */
  get held(): number {
    return this.#entries.size - this.#waiting;
  }

  get(lockId: string): Lock | undefined {
    return this.#entries.get(lockId)?.lock;
  }

  entry(lockId: string): LockEntry | undefined {
    return this.#entries.get(lockId);
  }

  /** The lock that a token was given for, as long as it is held. */
  withToken(token: number): Lock | undefined {
    return this.#byToken.get(token)?.lock;
  }

  /** All locks of a lease, in the order of their requests. */
  ownedBy(leaseId: string): LockEntry[] {
    const owner = this.#owners.get(leaseId);
    if (owner === undefined) return [];
    return [...owner.held, ...owner.waiting].sort((a, b) => a.lock.position - b.lock.position);
  }

  /** In the order of their requests. */
  *list(): Generator<Lock, void, undefined> {
    for (const { lock } of this.#entries.values()) yield lock;
  }

  /** Every node that something is known of. */
  *points(): Generator<Point, void, undefined> {
    const nodes = [this.#root];
    for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
      if (node.value !== undefined) yield node.value;
      nodes.push(...node.children());
    }
  }

  /** Takes in a lock as it is. Locks come in the order of their requests; {@link restored} must follow them. */
  restore(lock: Lock, leasePosition: number): void {
    const entry = this.#enter(lock, leasePosition);
    if (lock.state === 'waiting') this.#wait(entry);
    else this.#hold(entry);
  }

  /** Finds for every waiter of a table that was restored the node at which it waits. */
  restored(): void {
    for (const entry of this.#entries.values()) {
      if (entry.lock.state === 'waiting') this.#queue(entry);
    }
    // It was settled when it was written.
    this.#strengthened.clear();
    this.#changed.clear();
  }

  /** Enters a new request, the latest of all, and grants it if nobody stands before it. */
  request(lock: Lock, leasePosition: number, granting: Granting): LockEntry {
    const entry = this.#enter(lock, leasePosition);
    const inTheWay = markInTheWay(entry);
    if (inTheWay === null) this.#grant(entry, granting);
    else this.#wait(entry, inTheWay);
    return entry;
  }

  /** Takes a lock out, whether held, delayed or waited for. Others are granted by {@link settle}. */
  remove(entry: LockEntry): void {
    const { lock } = entry;
    if (lock.state === 'waiting') {
      this.#stopWaiting(entry);
      for (const { point } of entry.marks) this.#weaken(point);
    } else {
      this.#letGo(entry);
    }
    this.#entries.delete(lock.id);
    if (this.#vacant.length > vacantMax) this.#sweep();
  }

  /** Takes back the newest request, as if it had not been made. */
  refuse(entry: LockEntry): void {
    this.remove(entry);
    this.#weakened.clear();
  }

  /** Owners that wait and have got or given back something since the last call: circles can have closed through them. */
  takeChanged(): Owner[] {
    if (this.#changed.size === 0) return [];
    const changed = [...this.#changed].filter(({ waiting }) => waiting.size > 0);
    this.#changed.clear();
    return changed.sort((a, b) => a.position - b.position);
  }

  /** Its holder has vanished: it stays in everybody's way, and its token is over. */
  delay(entry: LockEntry): void {
    this.#byToken.delete(entry.lock.fencingToken);
    entry.lock.state = 'delayed';
  }

  /** Grants what can be granted now, the earliest first. */
  settle(granting: Granting): void {
    if (this.#weakened.size === 0 && this.#strengthened.size === 0) return;
    const ready = new Heap<LockEntry>((entry) => entry.lock.position);
    const known = new Set<LockEntry>();
    const add = (entry: LockEntry): void => {
      if (known.has(entry)) return;
      known.add(entry);
      ready.push(entry);
    };
    for (const point of this.#weakened) for (const entry of point.askAgain()) add(entry);
    this.#weakened.clear();
    for (;;) {
      for (const entry of this.#strengthened) add(entry);
      this.#strengthened.clear();
      const entry = ready.pop();
      if (entry === undefined) return;
      known.delete(entry);
      if (entry.lock.state !== 'waiting' || this.#entries.get(entry.lock.id) !== entry) continue;
      if (this.#queue(entry)) continue;
      this.#stopWaiting(entry);
      this.#grant(entry, granting);
    }
  }

  /**
   * The lock of another owner that stands in the way of a moment of `mode` at `path`, or `null`. Waiters stand in nobody's
   * way here: a write takes no time.
   */
  obstacle(path: Path, mode: 'ix' | 'x', leaseId: string): Lock | null {
    if (this.held === 0) return null;
    let node: IndexNode<Point> | undefined = this.#root;
    const owner = leaseId === '' ? undefined : this.#owners.get(leaseId);
    for (let depth = 0; node !== undefined; depth += 1) {
      const asked = depth === path.length ? modeNumber[mode] : modeNumber.ix;
      const point = node.value;
      if (point !== undefined && point.holdersAgainst(asked, owner?.at(point)?.mode ?? -1) > 0)
        return this.#holder(point, asked, leaseId);
      if (depth === path.length) return null;
      node = node.child(path[depth] as string);
    }
    return null;
  }

  /** A lock that stands before one that waits: the earliest that is held, or else the earliest that was asked for. */
  standsBefore(entry: LockEntry): { readonly lock: Lock; readonly point: Point } | null {
    const mark = entry.blockedAt;
    if (mark === null) return null;
    const { point, mode } = mark;
    const held = this.#holder(point, mode, entry.owner.leaseId);
    if (held !== null) return { lock: held, point };
    let first: Lock | null = null;
    for (const { lock } of point.waitersAgainst(mark, entry.lock.position)) {
      if (first === null || lock.position < first.position) first = lock;
    }
    return first === null ? null : { lock: first, point };
  }

  /** The earliest lock at `point` that does not go with `mode`. */
  #holder(point: Point, mode: ModeNumber, leaseId: string): Lock | null {
    let earliest: Lock | null = null;
    for (const stake of point.stakes()) {
      const otherId = stake.owner.leaseId;
      if (otherId === leaseId || stake.mode === -1 || !conflictsOf(mode).includes(stake.mode)) continue;
      const own = stake.targets.length > 0 ? stake.targets : stake.owner.held;
      for (const { lock, marks } of own) {
        const isHere = marks.some((mark) => mark.point === point && conflictsOf(mode).includes(mark.mode));
        if (isHere && (earliest === null || lock.position < earliest.position)) earliest = lock;
      }
    }
    return earliest;
  }

  #enter(lock: Lock, leasePosition: number): LockEntry {
    let owner = this.#owners.get(lock.leaseId);
    if (owner === undefined) {
      owner = new Owner(lock.leaseId, leasePosition);
      this.#owners.set(lock.leaseId, owner);
    }
    const entry: LockEntry = {
      lock,
      owner,
      marks: this.#marksOf(owner, lock.targets),
      blockedAt: null,
      previousListed: null,
      nextListed: null,
    };
    this.#entries.set(lock.id, entry);
    return entry;
  }

  #marksOf(owner: Owner, targets: readonly LockTarget[]): Mark[] {
    const marks: Mark[] = [];
    const known = targets.length === 1 ? null : new Map<Point, Mark>();
    for (const { path, mode } of targets) {
      const own = modeNumber[mode];
      let node = this.#root;
      for (let depth = 0; ; depth += 1) {
        const isTarget = depth === path.length;
        const point = (node.value ??= new Point(node));
        mark(marks, known, owner, point, isTarget ? own : intentionOf(own), isTarget);
        if (isTarget) break;
        node = childOf(node, path[depth] as string);
      }
    }
    return marks;
  }

  #grant(entry: LockEntry, granting: Granting): void {
    const { lock } = entry;
    lock.state = 'held';
    lock.fencingToken = granting.nextToken();
    lock.grantTimeMs = granting.timeMs;
    granting.changes.push({ lockId: lock.id, kind: 'granted', fencingToken: lock.fencingToken });
    this.#hold(entry);
  }

  #hold(entry: LockEntry): void {
    const { lock, owner } = entry;
    owner.held.add(entry);
    if (lock.state === 'held') this.#byToken.set(lock.fencingToken, entry);
    for (const mark of entry.marks) {
      for (const waiter of mark.point.hold(entry, mark)) this.#strengthened.add(waiter);
    }
    if (owner.waiting.size > 0) this.#changed.add(owner);
  }

  #letGo(entry: LockEntry): void {
    entry.owner.held.delete(entry);
    this.#byToken.delete(entry.lock.fencingToken);
    for (const mark of entry.marks) {
      mark.point.letGo(entry, mark);
      this.#vacate(mark.stake);
      this.#weaken(mark.point);
    }
    if (entry.owner.waiting.size > 0) this.#changed.add(entry.owner);
  }

  #wait(entry: LockEntry, inTheWay: Mark | null = null): void {
    this.#waiting += 1;
    entry.owner.waiting.add(entry);
    for (const mark of entry.marks) mark.point.reserve(entry, mark);
    entry.blockedAt = inTheWay;
    if (inTheWay !== null) inTheWay.point.queue(entry, inTheWay);
  }

  #stopWaiting(entry: LockEntry): void {
    this.#waiting -= 1;
    entry.owner.waiting.delete(entry);
    entry.blockedAt = null;
    for (const mark of entry.marks) {
      mark.point.giveUp(entry, mark);
      this.#vacate(mark.stake);
    }
  }

  /** Queues a waiter where somebody stands before it; false where nobody does. */
  #queue(entry: LockEntry): boolean {
    const inTheWay = markInTheWay(entry);
    entry.blockedAt = inTheWay;
    inTheWay?.point.queue(entry, inTheWay);
    return inTheWay !== null;
  }

  /** Something at `point` has become weaker, which matters where somebody waits. */
  #weaken(point: Point): void {
    if (point.isWaitedFor) this.#weakened.add(point);
  }

  #vacate(stake: Stake): void {
    if (!stake.isEmpty || stake.isVacant) return;
    stake.isVacant = true;
    this.#vacant.push(stake);
  }

  /** Lets go of what is empty: stakes, the nodes that nobody else has one at, and owners of nothing. */
  #sweep(): void {
    for (const stake of this.#vacant) {
      stake.isVacant = false;
      if (!stake.isEmpty) continue;
      const { owner, point } = stake;
      owner.drop(stake);
      if (owner.hasNothing) this.#owners.delete(owner.leaseId);
      if (!point.isEmpty) continue;
      this.#weakened.delete(point);
      point.node.value = undefined;
      prune(point.node);
    }
    this.#vacant.length = 0;
  }
}

/** Notes the right that a lock needs at a node; with what it needs there for another target, where it has several. */
function mark(
  marks: Mark[],
  known: Map<Point, Mark> | null,
  owner: Owner,
  point: Point,
  mode: ModeNumber,
  isTarget: boolean,
): void {
  const other = known?.get(point);
  if (other !== undefined) {
    other.mode = supremum(other.mode, mode);
    other.isTarget ||= isTarget;
    return;
  }
  const own: Mark = { point, stake: owner.stake(point), mode, isTarget, reservation: null, upgrade: null };
  marks.push(own);
  known?.set(point, own);
}

function markInTheWay({ lock, marks }: LockEntry): Mark | null {
  for (const mark of marks) if (mark.point.isInTheWay(mark, lock.position)) return mark;
  return null;
}
