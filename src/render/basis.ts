/** What of the state a text has shown: the basis of whatever is written from it. Bounded; what is too much is told more widely, never less. */
import type { BasisEntry } from '../state/command.ts';
import { anyDepth, anyOne } from '../trie/pattern.ts';
import { formatPath, isWithin } from '../trie/path.ts';
import type { Path } from '../trie/path.ts';
import { patternsOf } from './part.ts';
import type { Part } from './part.ts';

/** An entry, without the view in which it was read. */
export type BasisRead = Omit<BasisEntry, 'revision'>;

/** What a text has shown. */
export interface ShownState {
  readonly parts: readonly Part[];
  /** Whether something of each part was left out. */
  readonly isPartial: readonly boolean[];
  /** Paths whose values it shows, and those of which it says that they are gone, as texts. */
  readonly shown: ReadonlySet<string>;
  readonly gone: ReadonlySet<string>;
}

/** Paths between two yields. */
const pathsPerStep = 512;

/** The entries of a basis, at most `entriesMax`, with a yield every few milliseconds. */
export function* basisSteps(
  { parts, isPartial, shown, gone }: ShownState,
  entriesMax: number,
): Generator<void, BasisRead[]> {
  const whole: BasisRead[] = [];
  for (const { segments } of patternsOf(parts.filter((_, index) => isPartial[index] !== true))) {
    const read = readBy(segments, shown);
    if (read !== null) whole.push(read);
  }
  const subtrees = whole.filter(({ extent }) => extent === 'subtree').map(({ path }) => path);
  const isCovered = coveredBy(subtrees);
  const reads = new Map<string, BasisRead>();
  const note = (read: BasisRead): void => {
    const key = formatPath(read.path);
    if (!reads.has(key)) reads.set(key, read);
  };
  for (const read of whole) if (read.extent === 'subtree' && !isCovered(read.path, true)) note(read);
  for (const read of whole) if (read.extent !== 'subtree' && !isCovered(read.path)) note(read);
  let seen = 0;
  for (const text of shown) {
    seen += 1;
    if (seen % pathsPerStep === 0) yield;
    const path = pathIn(text);
    if (!isCovered(path)) note({ path, extent: 'node' });
  }
  for (const text of gone) {
    const path = pathIn(text);
    if (!isCovered(path)) note({ path, extent: 'absent' });
  }
  return yield* folded([...reads.values()], entriesMax);
}

/** The path that a text of ours says. */
function pathIn(text: string): Path {
  return text === '/' ? [] : text.slice(1).split('/');
}

/** What somebody has read who saw all that a pattern matches, where one entry says it. */
function readBy(segments: readonly string[], shown: ReadonlySet<string>): BasisRead | null {
  const isSubtree = segments.at(-1) === anyDepth;
  const path = isSubtree ? segments.slice(0, -1) : segments;
  if (path.some((segment) => segment === anyOne || segment === anyDepth)) return null;
  if (isSubtree) return { path, extent: 'subtree' };
  return shown.has(formatPath(path)) ? null : { path, extent: 'absent' };
}

/** Whether a path lies in one of some subtrees; `properly` where it must not be the top of it. */
function coveredBy(subtrees: readonly Path[]): (path: Path, properly?: boolean) => boolean {
  return (path, properly = false) =>
    subtrees.some((top) => isWithin(path, top) && (!properly || path.length > top.length));
}

/** Siblings become one entry for the subtree of their parent, those with the most of them first, until there are few enough. */
function* folded(reads: readonly BasisRead[], entriesMax: number): Generator<void, BasisRead[]> {
  let left = [...reads];
  while (left.length > entriesMax) {
    yield;
    const parents = new Map<string, { readonly path: Path; count: number }>();
    for (const { path } of left) {
      const parent = path.slice(0, -1);
      const key = formatPath(parent);
      const known = parents.get(key);
      if (known === undefined) parents.set(key, { path: parent, count: 1 });
      else known.count += 1;
    }
    const tops = new Set<string>();
    let count = left.length;
    for (const { path, count: children } of [...parents.values()].sort((a, b) => b.count - a.count)) {
      if (count <= entriesMax) break;
      tops.add(formatPath(path));
      count -= children - 1;
    }
    const outside = left.filter(({ path }) => !hasTop(tops, path));
    const subtrees = [...parents.entries()]
      .filter(([key, { path }]) => tops.has(key) && !hasTop(tops, path.slice(0, -1), path.length === 0))
      .map(([, { path }]) => ({ path, extent: 'subtree' as const }));
    left = [...subtrees, ...outside];
  }
  return left;
}

/** Whether one of some subtrees holds a path. */
function hasTop(tops: ReadonlySet<string>, path: Path, isNone = false): boolean {
  if (isNone) return false;
  for (let depth = path.length; depth >= 0; depth -= 1)
    if (tops.has(formatPath(path.slice(0, depth)))) return true;
  return false;
}
