/** What is known of a path in one root, copies of whole subtrees taken into account. */
import { effectiveTouched, locate } from '../../trie/lookup.ts';
import { laterStamp } from '../../trie/node.ts';
import type { Path } from '../../trie/path.ts';
import type { Root } from '../ghosts/ghost.ts';
import type { Entry } from './value.ts';

/**
 * Stamps at a path. A copy does not touch the nodes inside the copied subtree; the stamp of the copy, found on the way
 * down, counts for them where it is later than their own.
 */
export interface Standing {
  /** The node is there: it has a value or children. */
  readonly present: boolean;
  readonly entry: Entry | null;
  /** Stamp of the last change of the value; 0 where there is none. */
  readonly modified: number;
  readonly created: number;
  readonly assigned: number;
  readonly version: number;
  /** Stamp of the last change here or below; 0 where the node is absent. */
  readonly touched: number;
}

const absent: Standing = {
  present: false,
  entry: null,
  modified: 0,
  created: 0,
  assigned: 0,
  version: 0,
  touched: 0,
};

/** Reads the standing of `path`. */
export function standingOf(root: Root, path: Path): Standing {
  const located = locate(root, path);
  if (located === undefined) return absent;
  const { grafted } = located;
  const { entry } = located.node;
  const touched = effectiveTouched(located);
  if (entry === null) return { ...absent, present: true, touched };
  return {
    present: true,
    entry,
    modified: laterStamp(entry.modified, grafted),
    created: laterStamp(entry.created, grafted),
    assigned: assignedStamp(entry, grafted),
    version: entry.version,
    touched,
  };
}

/** Stamp of the last change that does not commute. A copy counts for what it brought, not for what was created in it later. */
export function assignedStamp(entry: Entry, grafted: number): number {
  const isNewer = laterStamp(entry.created, grafted) === entry.created;
  return isNewer ? entry.assigned : laterStamp(entry.assigned, grafted);
}

/** The value at a path is the same in both. */
export function sameValue(a: Standing, b: Standing): boolean {
  return a.modified === b.modified && a.version === b.version;
}

/** Everything at a path and below it is the same in both. */
export function sameSubtree(a: Standing, b: Standing): boolean {
  return a.present === b.present && a.touched === b.touched;
}

/**
 * Nothing at or below `path` changed after trunk revision `revision`. Of a path that is absent nothing is left to
 * tell, so its nearest ancestor decides, which can only err towards "changed".
 */
export function unchangedSince(root: Root, path: Path, revision: number): boolean {
  const touched = lastTouched(root, path);
  return touched >= 0 && touched <= revision;
}

/** Stamp of the last change at `path` or below it; of a path that is absent, that of its nearest ancestor. */
export function lastTouched(root: Root, path: Path): number {
  for (let depth = path.length; ; depth -= 1) {
    const standing = standingOf(root, path.slice(0, depth));
    if (standing.present || depth === 0) return standing.touched;
  }
}
