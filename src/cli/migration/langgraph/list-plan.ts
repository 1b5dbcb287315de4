/** How a list is stored: by runs of items that are there already, and those that are not. Pure. The rules: docs/frameworks/langgraph-layout.md, "Lists". */
import { listRunsMax, segmentBytesTarget } from '../limits.ts';

/** Items `from` (with) to `to` (without) of list `number`. */
export type Run = readonly [number: number, from: number, to: number];

/** A list that may be continued, and how long it is. */
export type Tail = readonly [number: number, length: number];

/** Items that go to list `number`, from index `start` on. */
export interface Segment {
  readonly number: number;
  readonly start: number;
  readonly items: readonly string[];
}

export interface ListPlan {
  readonly runs: readonly Run[];
  readonly segments: readonly Segment[];
  /** Places of the items that are new, in the value. */
  readonly added: readonly number[];
  readonly tail: Tail | undefined;
  /** The first number that is still free. */
  readonly next: number;
}

/** What a list is compared with: what the parent's value has, in order, and where that lies. */
export interface ListBasis {
  readonly runs: readonly Run[];
  readonly items: readonly string[];
  readonly tail: Tail | undefined;
  readonly next: number;
}

/** Finds the items that the parent's value has too, and appends the rest. */
export function planList(items: readonly string[], basis: ListBasis): ListPlan {
  const found = placesOf(items, basis.items);
  const added = items.flatMap((_, place) => (found[place] === undefined ? [place] : []));
  const positions = basis.runs.flatMap(([list, from, to]) =>
    Array.from({ length: to - from }, (_, index) => [list, from + index] as const),
  );
  const last = basis.runs.at(-1);
  const { tail, next } = basis;
  const isContinued = last !== undefined && tail !== undefined && last[0] === tail[0] && last[2] === tail[1];
  const [number, start] = isContinued ? tail : [next, 0];
  const runs: Run[] = [];
  let end = start;
  for (const place of found) {
    const [list, index] = (place === undefined ? undefined : positions[place]) ?? [number, end];
    if (place === undefined) end += 1;
    extend(runs, list, index);
  }
  if (runs.length > listRunsMax) return planAnew(items, next);
  return {
    runs,
    segments: segmentsOf(
      number,
      start,
      added.map((place) => items[place] ?? 'null'),
    ),
    added,
    tail: added.length === 0 ? undefined : [number, end],
    next: added.length > 0 && !isContinued ? next + 1 : next,
  };
}

/** All items in a list of their own. */
function planAnew(items: readonly string[], number: number): ListPlan {
  return {
    runs: [[number, 0, items.length]],
    segments: segmentsOf(number, 0, items),
    added: items.map((_, place) => place),
    tail: [number, items.length],
    next: number + 1,
  };
}

/** For each item its place in the parent's value. First what both begin with, then runs wherever they are. */
function placesOf(items: readonly string[], before: readonly string[]): readonly (number | undefined)[] {
  let same = 0;
  while (same < items.length && same < before.length && items[same] === before[same]) same += 1;
  const found: (number | undefined)[] = Array.from({ length: same }, (_, place) => place);
  if (same === before.length || same === items.length)
    return [...found, ...Array<undefined>(items.length - same).fill(undefined)];
  const places = new Map<string, number>();
  for (const [place, item] of before.entries()) if (!places.has(item)) places.set(item, place);
  let last = same - 1;
  for (const item of items.slice(same)) {
    const place = before[last + 1] === item ? last + 1 : places.get(item);
    found.push(place);
    if (place !== undefined) last = place;
  }
  return found;
}

function extend(runs: Run[], list: number, index: number): void {
  const last = runs.at(-1);
  if (last !== undefined && last[0] === list && last[2] === index)
    runs[runs.length - 1] = [list, last[1], index + 1];
  else runs.push([list, index, index + 1]);
}

/** Segments of at most 256 KiB, or of one item. */
function segmentsOf(number: number, start: number, items: readonly string[]): readonly Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  let size = 0;
  for (const [index, item] of items.entries()) {
    const bytes = Buffer.byteLength(item);
    if (size > 0 && size + bytes > segmentBytesTarget) {
      segments.push({ number, start: start + from, items: items.slice(from, index) });
      from = index;
      size = 0;
    }
    size += bytes + 1;
  }
  if (from < items.length) segments.push({ number, start: start + from, items: items.slice(from) });
  return segments;
}
