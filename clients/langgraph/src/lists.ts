/** Lists that grow: which items of a new value are there already, and what has to be appended. */
import { runsMax, segmentBytesTarget } from './limits.ts';
import type { Run, Tail } from './record.ts';
import { digestsIn } from './stored-json.ts';

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

/** Finds the items that the parent's value has too, and appends the rest. */
export function planList(items: readonly string[], basis: ListBasis): ListPlan {
  const at = positions(basis);
  const found = match(items, basis, at);
  const fresh = items.filter((_, index) => found[index] === undefined);
  const { number, start, next } = targetOf(basis, fresh.length);
  const runs: Run[] = [];
  let appended = start;
  for (const position of found) {
    const [list, index] = position ?? [number, appended];
    if (position === undefined) appended += 1;
    extend(runs, list, index);
  }
  if (runs.length > runsMax) return planAnew(items, basis.next);
  const tail: Tail | undefined = fresh.length === 0 ? undefined : [number, start + fresh.length];
  return { runs, segments: segmentsOf(number, start, fresh), tail, next };
}

/** All items in a list of their own. */
export function planAnew(items: readonly string[], number: number): ListPlan {
  const tail: Tail = [number, items.length];
  return {
    runs: [[number, 0, items.length]],
    segments: segmentsOf(number, 0, items),
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

/** For each item its place, or `undefined` where it is new. First what both begin with, then runs wherever they are. */
function match(
  items: readonly string[],
  basis: ListBasis,
  at: readonly Position[],
): (Position | undefined)[] {
  const found: (Position | undefined)[] = [];
  let same = 0;
  for (; same < items.length && isSame(basis.items[same], items[same]); same += 1) found.push(at[same]);
  if (same === items.length || same === basis.items.length) {
    while (found.length < items.length) found.push(undefined);
    return found;
  }
  const places = new Map<string, number>();
  for (const [place, { stored, own }] of basis.items.entries()) {
    if (!places.has(stored)) places.set(stored, place);
    if (own !== undefined && !places.has(own)) places.set(own, place);
  }
  let last = same - 1;
  for (const item of items.slice(same)) {
    const next = isSame(basis.items[last + 1], item) ? last + 1 : places.get(item);
    found.push(next === undefined ? undefined : at[next]);
    if (next !== undefined) last = next;
  }
  return found;
}

function isSame(known: KnownItem | undefined, item: string | undefined): boolean {
  return known !== undefined && (known.stored === item || known.own === item);
}

/** The list that new items go to: the parent's last one where nothing lies behind its end, otherwise a new one. */
function targetOf(
  basis: ListBasis,
  count: number,
): { readonly number: number; readonly start: number; readonly next: number } {
  const last = basis.runs.at(-1);
  const { tail, next } = basis;
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
