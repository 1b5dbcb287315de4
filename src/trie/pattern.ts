/**
 * Patterns over paths: `*` stands for exactly one segment, `**` for any number of them, none included. So `/a/**` is
 * `/a` and everything below it, `/**` is everything, and a plain path is that node alone. A wildcard is a whole segment;
 * segments of paths never begin with `*`, so the two cannot be mixed up.
 */
import { pathBytesMax, pathDepthMax } from '../base/limits.ts';
import { formatPath, segmentProblem, utf8Length } from './path.ts';
import type { Path } from './path.ts';

/** A pattern, checked. */
export interface Pattern {
  /** Segments, among them {@link anyOne} and {@link anyDepth}. */
  readonly segments: readonly string[];
}

/** Why a text is no pattern. Told apart from a {@link Pattern} by `'problem' in result`. */
export interface PatternProblem {
  readonly problem: string;
}

export const anyOne = '*';
export const anyDepth = '**';

/** Reads a pattern such as `/a/**`, or `/` for the root. The limits are those of paths. */
export function parsePattern(text: string): Pattern | PatternProblem {
  if (text === '/') return { segments: [] };
  if (!text.startsWith('/')) return { problem: 'a pattern begins with "/"' };
  if (text.endsWith('/')) return { problem: 'a pattern ends with "/"' };
  if (utf8Length(text) > pathBytesMax) return { problem: `a pattern is longer than ${pathBytesMax} bytes` };
  const segments = text.slice(1).split('/');
  if (segments.length > pathDepthMax) return { problem: `a pattern has more than ${pathDepthMax} segments` };
  for (const [at, segment] of segments.entries()) {
    if (segment === anyDepth && segments[at - 1] === anyDepth) {
      return { problem: '"**" follows "**": one of them says the same' };
    }
    if (segment === anyOne || segment === anyDepth) continue;
    if (segment.startsWith(anyOne)) return { problem: '"*" and "**" stand for whole segments' };
    const problem = segmentProblem(segment);
    if (problem !== null) return { problem };
  }
  return { segments };
}

/** The pattern that matches `path` and everything below it. */
export function subtreePattern(path: Path): Pattern {
  return { segments: [...path, anyDepth] };
}

/** The text of a pattern. */
export function formatPattern(pattern: Pattern): string {
  return formatPath(pattern.segments);
}

/** The pattern matches `path` itself. At worst pattern length × path length comparisons. */
export function matches(pattern: Pattern, path: Path): boolean {
  const { segments } = pattern;
  let at = 0;
  let place = 0;
  // Where the last `**` stands, and how far it reaches: if the rest does not fit, it takes one segment more.
  let deepPlace = -1;
  let deepEnd = 0;
  while (at < path.length) {
    const wanted = segments[place];
    if (wanted === anyDepth) {
      deepPlace = place;
      deepEnd = at;
      place += 1;
    } else if (wanted !== undefined && (wanted === anyOne || wanted === path[at])) {
      at += 1;
      place += 1;
    } else if (deepPlace >= 0) {
      deepEnd += 1;
      at = deepEnd;
      place = deepPlace + 1;
    } else {
      return false;
    }
  }
  while (segments[place] === anyDepth) place += 1;
  return place === segments.length;
}

/** The pattern matches `path` or some path below it, whether there is a node or not. */
export function overlapsSubtree(pattern: Pattern, path: Path): boolean {
  for (const [at, segment] of path.entries()) {
    const wanted = pattern.segments[at];
    if (wanted === anyDepth) return true;
    if (wanted !== anyOne && wanted !== segment) return false;
  }
  return true;
}
