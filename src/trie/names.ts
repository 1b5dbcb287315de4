/**
 * The names of the children in one chunk, ascending, as one string: a third of what a list of strings takes, nothing that
 * the collector has to follow, and a search that stays within a few lines of the processor's cache.
 *
 * The first character is how many characters all names begin with alike. Then come places, counted from the beginning of the string: where each
 * name begins, and where the last one ends; each is two characters, `place >>> 8` and `place & 0xff`, so that the engine
 * needs one byte a character as long as the names do. Behind them come the names.
 */
import { compareCodeUnits } from './path.ts';

/** Names in one string. */
export type Names = string & { readonly isNames: true };

/** Packs names, which are ascending. */
export function packNames(names: readonly string[]): Names {
  const { length } = names;
  const codes = codesFor(length);
  codes[0] = length === 0 ? 0 : alikeIn(names[0] as string, names[length - 1] as string, alikeMax);
  let place = codes.length;
  for (let at = 0; at < length; at += 1) {
    setPlace(codes, at, place);
    place += (names[at] as string).length;
  }
  setPlace(codes, length, place);
  return packed([String.fromCharCode.apply(null, codes), ...names]);
}

/** How many names there are. */
export function nameCount(names: Names): number {
  return (placeOf(names, 0) - 1) / 2 - 1;
}

/** The name at `index`, which is there. A long one is a view, which keeps the whole string alive. */
export function nameAt(names: Names, index: number): string {
  return names.slice(placeOf(names, index), placeOf(names, index + 1));
}

/** All names. */
export function unpackNames(names: Names): string[] {
  return Array.from({ length: nameCount(names) }, (_, index) => nameAt(names, index));
}

/** The names from `from` up to, but without, `to`. */
export function sliceNames(names: Names, from: number, to: number): Names {
  const codes = codesFor(to - from);
  codes[0] = from === to ? 0 : alikeIn(nameAt(names, from), nameAt(names, to - 1), alikeMax);
  const [start, end] = [placeOf(names, from), placeOf(names, to)];
  const shift = codes.length - start;
  for (let at = from; at <= to; at += 1) setPlace(codes, at - from, placeOf(names, at) + shift);
  return packed([String.fromCharCode.apply(null, codes), names.slice(start, end)]);
}

/** The names with one more, which gets this index. */
export function insertName(names: Names, index: number, name: string): Names {
  const count = nameCount(names);
  const codes = codesFor(count + 1);
  codes[0] =
    count === 0 ? alikeIn(name, name, alikeMax) : alikeIn(nameAt(names, 0), name, names.charCodeAt(0));
  const start = placeOf(names, index);
  const shift = 2 + name.length;
  for (let at = 0; at <= index; at += 1) setPlace(codes, at, placeOf(names, at) + 2);
  for (let at = index; at <= count; at += 1) setPlace(codes, at + 1, placeOf(names, at) + shift);
  const head = String.fromCharCode.apply(null, codes);
  return packed([head, names.slice(placeOf(names, 0), start), name, names.slice(start)]);
}

/** The names without the one at `index`. */
export function removeName(names: Names, index: number): Names {
  const last = nameCount(names) - 1;
  const codes = codesFor(last);
  const [left, right] = [index === 0 ? 1 : 0, index === last ? last - 1 : last];
  codes[0] = last === 0 ? 0 : alikeIn(nameAt(names, left), nameAt(names, right), alikeMax);
  const [start, end] = [placeOf(names, index), placeOf(names, index + 1)];
  const shift = end - start + 2;
  for (let at = 0; at < index; at += 1) setPlace(codes, at, placeOf(names, at) - 2);
  for (let at = index + 1; at <= last + 1; at += 1) setPlace(codes, at - 1, placeOf(names, at) - shift);
  const head = String.fromCharCode.apply(null, codes);
  return packed([head, names.slice(placeOf(names, 0), start), names.slice(end)]);
}

/**
 * Index of the name that is `segment`, or else the complement (`~`) of the index where it belongs. The order is that of
 * `compareSegments`, written out here because it is where lookups spend their time: what all names begin with is compared
 * once, names between two that begin alike begin so too, and what is known to be alike is not compared again.
 */
export function searchNames(names: Names, segment: string): number {
  const { length } = segment;
  const first = placeOf(names, 0);
  const count = (first - 1) / 2 - 1;
  const alike = names.charCodeAt(0);
  for (let at = 0; at < alike; at += 1) {
    if (at === length) return ~0;
    const left = names.charCodeAt(first + at);
    const right = segment.charCodeAt(at);
    if (left !== right) return compareCodeUnits(left, right) < 0 ? ~count : ~0;
  }
  let low = 0;
  let high = count;
  let alikeLow = alike;
  let alikeHigh = alike;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const start = placeOf(names, middle);
    const nameLength = placeOf(names, middle + 1) - start;
    const end = nameLength < length ? nameLength : length;
    let at = alikeLow < alikeHigh ? alikeLow : alikeHigh;
    let order = nameLength - length;
    for (; at < end; at += 1) {
      const left = names.charCodeAt(start + at);
      const right = segment.charCodeAt(at);
      if (left === right) continue;
      order = compareCodeUnits(left, right);
      break;
    }
    if (order < 0) {
      low = middle + 1;
      alikeLow = at;
    } else {
      if (order === 0) return middle;
      high = middle;
      alikeHigh = at;
    }
  }
  return ~low;
}

/** Names that begin alike for longer are taken to do so for this many characters, which one byte tells. */
const alikeMax = 0xff;

/** How many characters, up to `max`, two texts begin with alike. */
function alikeIn(left: string, right: string, max: number): number {
  const end = Math.min(left.length, right.length, max);
  let at = 0;
  while (at < end && left.charCodeAt(at) === right.charCodeAt(at)) at += 1;
  return at;
}

/** Where the name at `index` begins, or where the last one ends. */
function placeOf(names: Names, index: number): number {
  return (names.charCodeAt(2 * index + 1) << 8) | names.charCodeAt(2 * index + 2);
}

function setPlace(codes: number[], index: number, place: number): void {
  codes[2 * index + 1] = place >>> 8;
  codes[2 * index + 2] = place & 0xff;
}

/** By the number of names, what comes before them: a new array each time would be larger than the string. */
const codesByCount: number[][] = [];

function codesFor(count: number): number[] {
  while (codesByCount.length <= count) {
    const length = 1 + 2 * (codesByCount.length + 1);
    codesByCount.push(Array.from({ length }, () => 0));
  }
  return codesByCount[count] as number[];
}

/** `join` makes one flat string, where `+` would leave a tree of parts until it is read first. */
function packed(parts: readonly string[]): Names {
  return parts.join('') as Names;
}
