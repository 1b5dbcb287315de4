/**
 * Paths and the rules of their segments. A path is the list of its segments, already checked: everything behind the
 * edge may rely on it. Paths are ordered by the UTF-8 bytes of their segments, one segment after the other, an ancestor
 * before what is below it.
 */
import { pathBytesMax, pathDepthMax, segmentBytesMax } from '../base/limits.ts';

/** Segments from the top; `[]` is the root of the forest. */
export type Path = readonly string[];

/** Why a text is no path. Told apart from a {@link Path} by `'problem' in result`. */
export interface PathProblem {
  /** What is wrong, for people, with the part at fault. */
  readonly problem: string;
}

/** The path of the forest's root. */
export const rootPath: Path = [];

const slash = 0x2f;
const dot = 0x2e;
const star = 0x2a;

/**
 * Reads `/a/b/c`, or `/` for the root. One pass over plain ASCII, which is nearly all there is; whatever looks unusual
 * is left to {@link parseUnusual}, which finds the words for it.
 */
export function parsePath(text: string): Path | PathProblem {
  const { length } = text;
  if (length < 2 || length > pathBytesMax || text.charCodeAt(0) !== slash) return parseUnusual(text);
  let depth = 0;
  let start = 1;
  for (let at = 1; at <= length; at += 1) {
    const code = at === length ? slash : text.charCodeAt(at);
    if (code !== slash) {
      if (code < 0x20 || code >= 0x7f) return parseUnusual(text);
      continue;
    }
    const first = text.charCodeAt(start);
    if (at === start || at - start > segmentBytesMax || first === dot || first === star)
      return parseUnusual(text);
    if (depth === pathDepthMax) return parseUnusual(text);
    parsed[depth] = at - start < viewedLengthMin ? text.slice(start, at) : copied(text, start, at);
    depth += 1;
    start = at + 1;
  }
  return parsed.slice(0, depth);
}

/** The segments of the path that is being parsed. A list of its own would have room for seventeen, and paths stay for a while. */
const parsed: string[] = [];

/** V8 makes slices of so many characters views of the text, which whoever keeps a segment would keep alive. */
const viewedLengthMin = 13;

/** The characters of an ASCII text in `[start, end)`, as a string that refers to no other. */
function copied(text: string, start: number, end: number): string {
  const codes: number[] = [];
  for (let at = start; at < end; at += 1) codes.push(text.charCodeAt(at));
  return String.fromCharCode.apply(null, codes);
}

function parseUnusual(text: string): Path | PathProblem {
  if (text === '/') return rootPath;
  if (!text.startsWith('/'))
    return { problem: text === '' ? 'a path is empty; the root is "/"' : 'a path begins with "/"' };
  if (text.length > pathBytesMax) return { problem: `a path is longer than ${pathBytesMax} bytes` };
  if (text.endsWith('/')) return { problem: 'a path ends with "/"' };
  const segments = text.slice(1).split('/');
  const problem = pathProblem(segments);
  return problem === null ? segments : { problem };
}

/** Why a list of segments is no path, or `null` if it is one. */
export function pathProblem(segments: readonly string[]): string | null {
  if (segments.length > pathDepthMax)
    return `a path has ${segments.length} segments; ${pathDepthMax} is the maximum`;
  let bytes = 0;
  for (const segment of segments) {
    const problem = segmentProblem(segment);
    if (problem !== null) return problem;
    bytes += 1 + utf8Length(segment);
  }
  return bytes > pathBytesMax ? `a path is longer than ${pathBytesMax} bytes` : null;
}

/** Why a text is no segment, or `null` if it is one. */
export function segmentProblem(segment: string): string | null {
  if (segment === '') return 'a segment is empty';
  if (segment === '.' || segment === '..') return `"${segment}" is no segment: paths are absolute`;
  if (segment.startsWith('*')) return 'a segment begins with "*", which is kept for patterns';
  if (!segment.isWellFormed()) return 'a segment is not well-formed Unicode: it has half a surrogate pair';
  if (segment.length > segmentBytesMax || utf8Length(segment) > segmentBytesMax) {
    return `a segment is longer than ${segmentBytesMax} bytes`;
  }
  for (let at = 0; at < segment.length; at += 1) {
    const code = segment.charCodeAt(at);
    if (code === slash) return 'a segment contains "/"';
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {
      return `a segment contains the control character U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
    }
  }
  return null;
}

/** The text of a path: `/a/b`, or `/` for the root. */
export function formatPath(path: Path): string {
  return `/${path.join('/')}`;
}

/** `path` is `ancestor` or lies below it. */
export function isWithin(path: Path, ancestor: Path): boolean {
  if (path.length < ancestor.length) return false;
  // From the end: paths of one forest begin alike.
  for (let depth = ancestor.length - 1; depth >= 0; depth -= 1)
    if (path[depth] !== ancestor[depth]) return false;
  return true;
}

/** Negative, zero or positive, by the order of code points, which is that of UTF-8 bytes (but not of UTF-16 units). */
export function compareSegments(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right)
      return left >= 0xd800 && right >= 0xd800 ? codeUnitRank(left) - codeUnitRank(right) : left - right;
  }
  return a.length - b.length;
}

/**
 * The order of the first two UTF-16 code units in which texts differ: surrogates, which make code points from U+10000,
 * come behind U+E000–U+FFFF.
 */
export function compareCodeUnits(left: number, right: number): number {
  return left >= 0xd800 && right >= 0xd800 ? codeUnitRank(left) - codeUnitRank(right) : left - right;
}

function codeUnitRank(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

/** Negative, zero or positive: segment by segment, an ancestor before what is below it. */
export function comparePaths(a: Path, b: Path): number {
  const depth = Math.min(a.length, b.length);
  for (let at = 0; at < depth; at += 1) {
    const order = compareSegments(a[at] as string, b[at] as string);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Bytes of `text` in UTF-8. Half a surrogate pair counts as the three bytes of U+FFFD, which encoders put for it. */
export function utf8Length(text: string): number {
  const { length } = text;
  let bytes = length;
  for (let at = 0; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x80) continue;
    if (code < 0x800) {
      bytes += 1;
    } else {
      bytes += 2;
      if (code >= 0xd800 && code < 0xdc00 && isLowSurrogate(text.charCodeAt(at + 1))) at += 1;
    }
  }
  return bytes;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code < 0xe000;
}
