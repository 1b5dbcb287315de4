/**
 * A node on the way of some lock: who holds what there, and who waits with what. Locks leave their mode on their target and
 * an intention on every node above it; waiting ones leave reservations at the same nodes, which later requests respect.
 */
import { Heap } from '../../base/heap.ts';
import { Chain } from './chain.ts';
import type { Link } from './chain.ts';
import type { Lock } from './lock.ts';
import { conflictsOf } from './lock-mode.ts';
import type { ModeNumber } from './lock-mode.ts';
import { ModeCounts } from './mode-counts.ts';
import { LinkedList } from './linked-list.ts';
import type { Linked } from './linked-list.ts';
import type { IndexNode } from './path-index.ts';

/** Entries that a queue may hold beyond twice those that wait, before it is cleared of those that have left. */
const queueSlack = 16;

const nothing: readonly LockEntry[] = [];
/** Stakes that an owner looks for one behind the other; with more it keeps a map. */
const stakesListedMax = 16;

/** Whose locks these are: a lease, or what it has left. */
export class Owner {
  readonly leaseId: string;
  /** Of the lease's grant. */
  readonly position: number;
  /** In the order of their grants. */
  readonly held = new LinkedList<LockEntry>();
  /** In the order of their requests. */
  readonly waiting = new LinkedList<LockEntry>();
  #firstStake: Stake | null = null;
  #stakes = 0;
  #stakesByPoint: Map<Point, Stake> | null = null;

  constructor(leaseId: string, position: number) {
    this.leaseId = leaseId;
    this.position = position;
  }

  get hasNothing(): boolean {
    return this.held.size === 0 && this.waiting.size === 0;
  }

  /** What it has at a node. */
  at(point: Point): Stake | undefined {
    if (this.#stakesByPoint !== null) return this.#stakesByPoint.get(point);
    let stake = this.#firstStake;
    while (stake !== null && stake.point !== point) stake = stake.nextOfOwner;
    return stake ?? undefined;
  }

  /** What it has at a node, where it may have nothing yet. */
  stake(point: Point): Stake {
    const known = this.at(point);
    if (known !== undefined) return known;
    const stake = point.newStake(this);
    this.#stakes += 1;
    if (this.#stakes > stakesListedMax) this.#stakesByPoint ??= this.#mapOfStakes();
    if (this.#stakesByPoint !== null) this.#stakesByPoint.set(point, stake);
    else {
      stake.nextOfOwner = this.#firstStake;
      this.#firstStake = stake;
    }
    return stake;
  }

  /** Lets an empty stake go. */
  drop(stake: Stake): void {
    stake.point.drop(stake);
    this.#stakes -= 1;
    if (this.#stakesByPoint !== null) {
      this.#stakesByPoint.delete(stake.point);
      if (this.#stakes === 0) this.#stakesByPoint = null;
      return;
    }
    let before: Stake | null = null;
    for (let other = this.#firstStake; other !== null && other !== stake; other = other.nextOfOwner)
      before = other;
    if (before === null) this.#firstStake = stake.nextOfOwner;
    else before.nextOfOwner = stake.nextOfOwner;
  }

  #mapOfStakes(): Map<Point, Stake> {
    const byPoint = new Map<Point, Stake>();
    for (let stake = this.#firstStake; stake !== null; stake = stake.nextOfOwner)
      byPoint.set(stake.point, stake);
    this.#firstStake = null;
    return byPoint;
  }
}

/** A lock with all that follows from it. */
export interface LockEntry extends Linked<LockEntry> {
  readonly lock: Lock;
  readonly owner: Owner;
  readonly marks: readonly Mark[];
  /** While it waits: a node at which it cannot go on. */
  blockedAt: Mark | null;
}

/** What a lock leaves at a node, held or reserved. */
export interface Mark {
  readonly point: Point;
  /** What its owner has there. */
  readonly stake: Stake;
  mode: ModeNumber;
  /** The node is a target of the lock. */
  isTarget: boolean;
  /** Only while it is reserved. */
  reservation: Link<LockEntry> | null;
  /** Only while it is reserved and its owner has a strong stake. */
  upgrade: Link<LockEntry> | null;
}

/** What an owner has at a node: the modes of its locks that are held there, and what it has reserved. */
export class Stake extends ModeCounts {
  readonly owner: Owner;
  readonly point: Point;
  /** Its marks that are reserved. */
  reserved: Set<Mark> | null = null;
  /** Of its held locks, those that have a target here. */
  targets: readonly LockEntry[] = nothing;
  /** It is among those that are let go if they are still empty by then. */
  isVacant = false;
  /** Another of its owner, as long as that has few. */
  nextOfOwner: Stake | null = null;
  /** Others at the same node. */
  previous: Stake | null = null;
  next: Stake | null = null;

  constructor(owner: Owner, point: Point) {
    super();
    this.owner = owner;
    this.point = point;
  }

  /** It holds more than an intention to read: its requests here are upgrades, which go before those of others. */
  get isStrong(): boolean {
    return this.mode > 0;
  }

  get isEmpty(): boolean {
    return this.mode === -1 && this.reserved === null;
  }
}

/** How far the reservations of a node were looked at: a search that has seen them goes on behind them. */
export type SeenChains = Map<Chain<LockEntry>, Link<LockEntry>>;

/** Who waits at a node, by mode. */
class Waits {
  /** All reservations. */
  readonly all = chains();
  /** Those of owners with a strong stake. */
  readonly upgrades = chains();
  /** Those that cannot go on here and whose owner has nothing else here, earliest first. Some may have left. */
  readonly queues = ([0, 1, 2, 3, 4] as const).map(() => new Heap<LockEntry>(positionOf));
  /** Those that cannot go on here and whose owner has a stake here. */
  readonly staked = new Set<LockEntry>();
  size = 0;
}

export class Point {
  readonly node: IndexNode<Point>;
  /** Everybody's stake, the newest first. */
  #first: Stake | null = null;
  /** How many owners hold each mode. */
  readonly #owners = [0, 0, 0, 0, 0];
  #waits: Waits | null = null;

  constructor(node: IndexNode<Point>) {
    this.node = node;
  }

  get isEmpty(): boolean {
    return this.#first === null;
  }

  /** Somebody waits for something here. */
  get isWaitedFor(): boolean {
    return this.#waits !== null;
  }

  /** In no particular order; some may be empty. */
  *stakes(): Generator<Stake, void, undefined> {
    for (let stake = this.#first; stake !== null; stake = stake.next) yield stake;
  }

  /** Only for {@link Owner}, which keeps its own list of them. */
  newStake(owner: Owner): Stake {
    const stake = new Stake(owner, this);
    stake.next = this.#first;
    if (this.#first !== null) this.#first.previous = stake;
    this.#first = stake;
    return stake;
  }

  /** Likewise. */
  drop({ previous, next }: Stake): void {
    if (previous === null) this.#first = next;
    else previous.next = next;
    if (next !== null) next.previous = previous;
  }

  /** How many owners hold what does not go with `mode`; `own` is what the asking one holds, which does not count. */
  holdersAgainst(mode: ModeNumber, own: ModeNumber | -1): number {
    let count = 0;
    for (const other of conflictsOf(mode)) {
      count += this.#owners[other] ?? 0;
      if (other === own) count -= 1;
    }
    return count;
  }

  /** Somebody stands before a request for `mode`: by what is held, or by what was asked for earlier. */
  isInTheWay(mark: Mark, position: number): boolean {
    if (this.holdersAgainst(mark.mode, mark.stake.mode) > 0) return true;
    return this.#waits !== null && this.waitersAgainst(mark, position).next().done !== true;
  }

  /**
   * Reservations that a request has to respect. Those of owners with a strong stake come before all others; what is equal
   * in that comes by position. An owner with an intention to read passes those who want everything: they wait for it anyway.
   */
  *waitersAgainst(
    { mode, stake: { owner, mode: own } }: Mark,
    position: number,
    seen: SeenChains | null = null,
  ): Generator<LockEntry, void, undefined> {
    const waits = this.#waits;
    if (waits === null) return;
    for (const other of conflictsOf(mode)) {
      yield* before(waits.upgrades[other], owner, own > 0 ? position : Infinity, seen);
      if (own > 0 || (own === 0 && other === 4)) continue;
      yield* before(waits.all[other], owner, position, seen);
    }
  }

  /** Those of others that wait for what `entry` has here, or may come to wait for it, the latest first. */
  *waitersBehind(entry: LockEntry, mark: Mark): Generator<LockEntry, void, undefined> {
    const waits = this.#waits;
    if (waits === null) return;
    const isFirst = entry.lock.state !== 'waiting' || mark.upgrade !== null;
    const after = isFirst ? -1 : entry.lock.position;
    for (const other of conflictsOf(mark.mode)) {
      let link = waits.all[other]?.last ?? null;
      for (; link !== null && link.position > after; link = link.previous) {
        if (link.item.owner !== entry.owner) yield link.item;
      }
    }
  }

  /** Returns those of the same owner that wait here and may be helped by this. */
  hold(entry: LockEntry, { stake, mode, isTarget }: Mark): readonly LockEntry[] {
    if (isTarget) stake.targets = stake.targets.length === 0 ? [entry] : [...stake.targets, entry];
    if (!this.#count(stake, mode, 1) || stake.reserved === null) return nothing;
    const own = Array.from(stake.reserved, ({ reservation }) => reservation?.item);
    return own.filter((other) => other !== undefined).filter((other) => other.blockedAt?.point === this);
  }

  /** Its stake may be empty then. */
  letGo(entry: LockEntry, { stake, mode, isTarget }: Mark): void {
    if (isTarget) {
      const isOnly = stake.targets.length === 1;
      stake.targets = isOnly ? nothing : stake.targets.filter((other) => other !== entry);
    }
    this.#count(stake, mode, -1);
  }

  reserve(entry: LockEntry, mark: Mark): void {
    const { stake } = mark;
    (stake.reserved ??= new Set()).add(mark);
    const waits = (this.#waits ??= new Waits());
    waits.size += 1;
    mark.reservation = waits.all[mark.mode]?.add(entry, entry.lock.position) ?? null;
    if (stake.isStrong) this.#upgrade(mark, true);
  }

  /** Its stake may be empty then. */
  giveUp(entry: LockEntry, mark: Mark): void {
    const waits = this.#waits;
    const { stake } = mark;
    stake.reserved?.delete(mark);
    if (stake.reserved?.size === 0) stake.reserved = null;
    if (mark.upgrade !== null) this.#upgrade(mark, false);
    if (waits !== null && mark.reservation !== null) {
      waits.all[mark.mode]?.remove(mark.reservation);
      waits.staked.delete(entry);
      waits.size -= 1;
      if (waits.size === 0) this.#waits = null;
    }
    mark.reservation = null;
  }

  /** Notes that `entry` cannot go on here. */
  queue(entry: LockEntry, mark: Mark): void {
    const waits = this.#waits;
    if (waits === null) return;
    const { stake } = mark;
    const isAlone = stake.mode === -1 && stake.reserved?.size === 1;
    if (!isAlone) {
      waits.staked.add(entry);
      return;
    }
    const queue = waits.queues[mark.mode];
    if (queue === undefined) return;
    if (queue.size > 2 * waits.size + queueSlack) queue.filter((other) => other.blockedAt?.point === this);
    queue.push(entry);
  }

  /**
   * Takes those out of the queue for whom it is worth asking again, after something here has become weaker. Of those who
   * wait with the same mode and have nothing else here, none can go on before the earliest.
   */
  *askAgain(): Generator<LockEntry, void, undefined> {
    const waits = this.#waits;
    if (waits === null) return;
    for (const entry of waits.staked) {
      if (entry.blockedAt?.point === this) yield entry;
      else waits.staked.delete(entry);
    }
    for (const mode of [0, 1, 2, 3, 4] as const) {
      const queue = waits.queues[mode];
      if (queue === undefined || queue.size === 0 || this.holdersAgainst(mode, -1) > 0) continue;
      const until = this.#earliestAgainst(waits, mode);
      for (let entry = queue.peek(); entry !== undefined; entry = queue.peek()) {
        const isHere = entry.blockedAt?.point === this;
        if (isHere && entry.lock.position > until) break;
        queue.pop();
        if (isHere) yield entry;
      }
    }
  }

  #earliestAgainst(waits: Waits, mode: ModeNumber): number {
    let earliest = Infinity;
    for (const other of conflictsOf(mode)) {
      if (waits.upgrades[other]?.first != null) return 0;
      earliest = Math.min(earliest, waits.all[other]?.first?.position ?? Infinity);
    }
    return earliest;
  }

  /** Whether the stake has become another one. */
  #count(stake: Stake, mode: ModeNumber, by: 1 | -1): boolean {
    const before = stake.mode;
    stake.count(mode, by);
    if (stake.mode === before) return false;
    if (before !== -1) this.#owners[before] = (this.#owners[before] ?? 0) - 1;
    if (stake.mode !== -1) this.#owners[stake.mode] = (this.#owners[stake.mode] ?? 0) + 1;
    if (stake.isStrong !== before > 0) {
      for (const mark of stake.reserved ?? []) this.#upgrade(mark, stake.isStrong);
    }
    return true;
  }

  #upgrade(mark: Mark, isUpgrade: boolean): void {
    const chain = this.#waits?.upgrades[mark.mode];
    if (chain === undefined || mark.reservation === null) return;
    if (mark.upgrade !== null) chain.remove(mark.upgrade);
    mark.upgrade = isUpgrade ? chain.add(mark.reservation.item, mark.reservation.position) : null;
  }
}

function* before(
  chain: Chain<LockEntry> | undefined,
  owner: Owner,
  position: number,
  seen: SeenChains | null,
): Generator<LockEntry, void, undefined> {
  if (chain === undefined) return;
  const last = seen?.get(chain);
  let link = last === undefined ? chain.first : last.next;
  for (; link !== null && link.position < position; link = link.next) {
    seen?.set(chain, link);
    if (link.item.owner !== owner) yield link.item;
  }
}

function chains(): readonly Chain<LockEntry>[] {
  return [0, 1, 2, 3, 4].map(() => new Chain<LockEntry>());
}

function positionOf(entry: LockEntry): number {
  return entry.lock.position;
}
