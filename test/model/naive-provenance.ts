/**
 * Who had read what, computed the plain way: every view is the whole list of what was written into it, and a read is compared with
 * all of that.
 */
import type { BasisEntry, Operation } from '../../src/state/command.ts';
import { formatPath, isWithin } from '../../src/trie/path.ts';
import type { Path } from '../../src/trie/path.ts';

/** A write in a view. */
interface NaiveWrite {
  readonly writer: number;
  readonly path: Path;
  readonly kind: 'put' | 'add' | 'remove' | 'replace';
}

/** A view: everything that was ever written into it, in order, and which nodes it holds. */
export interface NaiveView {
  readonly writes: readonly NaiveWrite[];
  readonly present: ReadonlySet<string>;
}

export const emptyView: NaiveView = { writes: [], present: new Set() };

/** A publish by its journal position. */
export interface NaivePublish {
  readonly position: number;
  /** Publishes whose work it had before it, those it was committed with included. */
  readonly sources: Set<number>;
  /** The same, through the nodes that were there; what had been removed from a subtree is left out. */
  readonly seen: Set<number>;
}

/** A view after some operations. */
export function written(
  view: NaiveView,
  operations: readonly Operation[],
  writer: number,
  past: (revision: number) => NaiveView,
): NaiveView {
  const writes = [...view.writes];
  let present = new Set(view.present);
  for (const operation of operations) {
    const { path } = operation;
    const text = formatPath(path);
    if (operation.kind === 'put') {
      writes.push({ writer, path, kind: 'put' });
      present.add(text);
    } else if (operation.kind === 'append') {
      writes.push({ writer, path, kind: 'add' });
      present.add(text);
    } else if (operation.kind === 'delete') {
      const isWhole = operation.scope === 'subtree';
      writes.push({ writer, path, kind: isWhole ? 'replace' : 'remove' });
      present = new Set([...present].filter((each) => (isWhole ? !isBelow(each, text) : each !== text)));
    } else if (operation.kind === 'copy') {
      const { source, sourceRevision } = operation;
      const from = sourceRevision === 0 ? present : past(sourceRevision).present;
      const root = formatPath(source);
      const copied = [...from]
        .filter((each) => isBelow(each, root))
        .map((each) => text + each.slice(root.length));
      present = new Set([...[...present].filter((each) => !isBelow(each, text)), ...copied]);
      writes.push({ writer, path, kind: 'replace' });
    } else throw new Error(`no naive ${operation.kind}`);
  }
  return { writes, present };
}

/** Whoever wrote what a read has shown. */
export function writersShown(
  view: NaiveView,
  { path, extent }: Pick<BasisEntry, 'path' | 'extent'>,
): Set<number> {
  const found = new Set<number>();
  view.writes.forEach((write, index) => {
    const later = view.writes.slice(index + 1).filter(({ writer }) => writer !== write.writer);
    const isShown = shown(write, path, extent === 'subtree').some(
      ({ node, whole }) => !later.some((each) => hides(each, node, whole)),
    );
    if (isShown) found.add(write.writer);
  });
  return found;
}

/** Whoever wrote the nodes that a read has shown, or removed the one that it asked for. */
export function writersSeen(
  view: NaiveView,
  { path, extent }: Pick<BasisEntry, 'path' | 'extent'>,
): Set<number> {
  const root = formatPath(path);
  const nodes = extent === 'subtree' ? [...view.present].filter((each) => isBelow(each, root)) : [];
  const asked = nodes.length === 0 ? [path] : nodes.map((each) => each.slice(1).split('/'));
  const found = new Set<number>();
  for (const node of asked)
    for (const writer of writersShown(view, { path: node, extent: 'node' })) found.add(writer);
  return found;
}

function shown(
  { path, kind }: NaiveWrite,
  asked: Path,
  isSubtree: boolean,
): { readonly node: Path; readonly whole: boolean }[] {
  const reachesDown = kind === 'replace';
  if (!isSubtree)
    return same(path, asked) || (reachesDown && isWithin(asked, path)) ? [{ node: asked, whole: false }] : [];
  if (isWithin(path, asked)) return [{ node: path, whole: reachesDown }];
  return reachesDown && isWithin(asked, path) ? [{ node: asked, whole: true }] : [];
}

function hides({ path, kind }: NaiveWrite, node: Path, whole: boolean): boolean {
  if (kind === 'add') return false;
  if (kind === 'replace') return isWithin(node, path);
  return !whole && same(path, node);
}

function same(one: Path, other: Path): boolean {
  return formatPath(one) === formatPath(other);
}

function isBelow(path: string, root: string): boolean {
  return path === root || root === '/' || path.startsWith(`${root}/`);
}
