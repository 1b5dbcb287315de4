/** Lists that grow: which items of a new value are there already, and what has to be appended. */
import { runsMax, segmentBytesTarget } from './limits.ts';
import type { Run, Tail } from './record.ts';
import { digestsIn } from './stored-json.ts';
import type { Witness } from './witness.ts';

/** An item that lies in a list. */
export interface KnownItem {
  /** Stored JSON as it lies there. */
  readonly stored: string;
  /** The same as this process would write it, which differs where another language or version wrote it. */
  own?: string;
  /** Digests of the texts that it names. */
  digests?: readonly string[];
  /** Its value, once it was read; nobody else's. */
  read?: object;
  /** Tells values that are this item. */
  witness?: Witness;
}

/** Digests of the texts that an item names. */
export function digestsOf(item: KnownItem): readonly string[] {
  if (item.digests === undefined) {
    const digests = new Set<string>();
    digestsIn(item.stored, digests);
    item.digests = [...digests];
  }
  return item.digests;
}

/** Items that go to a list, from index `start` on. */
export interface Segment {
  readonly number: number;
  readonly start: number;
  readonly items: readonly string[];
}

/** How a value becomes a list. */
export interface ListPlan {
  readonly runs: readonly Run[];
  readonly segments: readonly Segment[];
  /** How many items at its beginning are the parent's. */
  readonly same: number;
  /** The list that may be continued, where something was appended. */
  readonly tail: Tail | undefined;
  /** The first number that is still free. */
  readonly next: number;
}

/** What a value is compared with. */
export interface ListBasis {
  /** The runs of the parent's value, and its items. */
  readonly runs: readonly Run[];
  readonly items: readonly KnownItem[];
  /** The channel's list that may be continued. */
  readonly tail: Tail | undefined;
  readonly next: number;
}

/**
 * Finds the items that the parent's value has too, and appends the rest. As a rule a list has only grown: then nothing but the comparison of
 * what both begin with depends on how long it is.
 */
export function planList(items: readonly string[], basis: ListBasis): ListPlan {
  let same = 0;
  while (same < items.length && isSame(basis.items[same], items[same])) same += 1;
  const rest = items.slice(same);
  const hasGrown = rest.length === 0 || same === basis.items.length;
  const found = hasGrown ? rest.map(() => undefined) : match(rest, basis, same);
  const runs = firstOf(basis.runs, same);
  const fresh = rest.filter((_, index) => found[index] === undefined);
  const { number, start, next } = targetOf(basis, fresh.length);
  let appended = start;
  for (const position of found) {
    const [list, index] = position ?? [number, appended];
    if (position === undefined) appended += 1;
    extend(runs, list, index);
  }
  if (runs.length > runsMax) return planAnew(items, basis.next);
  const tail: Tail | undefined = fresh.length === 0 ? undefined : [number, start + fresh.length];
  return { runs, segments: segmentsOf(number, start, fresh), same, tail, next };
}

/**
 * The plan for a list that has only grown, by these items: what was there before is not looked at. `undefined` where that would take too many runs,
 * and all of it has to be written anew.
 */
export function planGrown(added: readonly string[], basis: ListBasis): ListPlan | undefined {
  const runs = [...basis.runs];
  const { number, start, next } = targetOf(basis, added.length);
  for (let index = 0; index < added.length; index += 1) extend(runs, number, start + index);
  if (runs.length > runsMax) return undefined;
  const tail: Tail | undefined = added.length === 0 ? undefined : [number, start + added.length];
  return { runs, segments: segmentsOf(number, start, added), same: basis.items.length, tail, next };
}

/** All items in a list of their own. */
export function planAnew(items: readonly string[], number: number): ListPlan {
  const tail: Tail = [number, items.length];
  return {
    runs: [[number, 0, items.length]],
    segments: segmentsOf(number, 0, items),
    same: 0,
    tail,
    next: number + 1,
  };
}

type Position = readonly [list: number, index: number];

/** Where each item of the parent's value lies. */
function positions(basis: ListBasis): Position[] {
  const all: Position[] = [];
  for (const [list, from, to] of basis.runs)
    for (let index = from; index < to; index += 1) all.push([list, index]);
  return all;
}

/** The runs of so many items at the beginning. */
function firstOf(runs: readonly Run[], count: number): Run[] {
  const first: Run[] = [];
  let left = count;
  for (const [number, from, to] of runs) {
    if (left <= 0) break;
    first.push([number, from, Math.min(to, from + left)]);
    left -= to - from;
  }
  return first;
}

/** For each item its place, or `undefined` where it is new: runs of the parent's items, wherever they are. */
function match(rest: readonly string[], basis: ListBasis, same: number): (Position | undefined)[] {
  const at = positions(basis);
  const places = new Map<string, number>();
  for (const [place, { stored, own }] of basis.items.entries()) {
    if (!places.has(stored)) places.set(stored, place);
    if (own !== undefined && !places.has(own)) places.set(own, place);
  }
  let last = same - 1;
  return rest.map((item) => {
    const next = isSame(basis.items[last + 1], item) ? last + 1 : places.get(item);
    if (next !== undefined) last = next;
    return next === undefined ? undefined : at[next];
  });
}

function isSame(known: KnownItem | undefined, item: string | undefined): boolean {
  return known !== undefined && (known.stored === item || known.own === item);
}

/** The list that new items go to: the parent's last one where nothing lies behind its end, otherwise a new one. */
function targetOf(
  { runs, tail, next }: ListBasis,
  count: number,
): { readonly number: number; readonly start: number; readonly next: number } {
  const last = runs.at(-1);
  if (last !== undefined && tail !== undefined && last[0] === tail[0] && last[2] === tail[1])
    return { number: tail[0], start: tail[1], next };
  return { number: next, start: 0, next: count === 0 ? next : next + 1 };
}

function extend(runs: Run[], list: number, index: number): void {
  const last = runs.at(-1);
  if (last !== undefined && last[0] === list && last[2] === index)
    runs[runs.length - 1] = [list, last[1], index + 1];
  else runs.push([list, index, index + 1]);
}

/** Segments of at most 256 KiB, or of one item. */
function segmentsOf(number: number, start: number, items: readonly string[]): Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  let size = 0;
  for (const [index, item] of items.entries()) {
    if (size > 0 && size + item.length > segmentBytesTarget) {
      segments.push({ number, start: start + from, items: items.slice(from, index) });
      from = index;
      size = 0;
    }
    size += item.length + 1;
  }
  if (from < items.length) segments.push({ number, start: start + from, items: items.slice(from) });
  return segments;
}
