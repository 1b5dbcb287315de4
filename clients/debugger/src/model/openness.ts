/** Which nodes are open, and how much of wide ones is shown: what the reader has chosen, and otherwise what fits on a screen. */
import { childrenShown } from './graph.ts';
import { childOf, lineOf, nameOf, parentOf } from './path.ts';
import type { Tree } from './tree.ts';

/** Rows that are opened without being asked for: about what a screen holds. */
const rowsAtFirst = 90;
/** Rows up to which a tree that grows is opened as it grows. */
const rowsGrowing = 240;
/** How many more children "more" shows. */
export const childrenStep = 200;

export class Openness {
  readonly #chosen = new Map<string, boolean>();
  readonly #automatic = new Set<string>(['/']);
  readonly #shown = new Map<string, number>();
  /** What was asked for last, by name under each node above it: shown however many stand before it. */
  readonly #sought = new Map<string, string>();
  #soughtPath = '';

  isOpen(path: string): boolean {
    return this.#chosen.get(path) ?? this.#automatic.has(path);
  }

  /** How many children of a node are shown. */
  shownOf(path: string): number {
    return this.#shown.get(path) ?? childrenShown;
  }

  /** The path that was asked for last; empty: none. */
  get sought(): string {
    return this.#soughtPath;
  }

  /** A child that is shown though it stands far down among the others; `undefined`: none. */
  soughtIn(path: string): string | undefined {
    return this.#sought.get(path);
  }

  choose(path: string, isOpen: boolean): void {
    this.#chosen.set(path, isOpen);
  }

  /** Opens all that is above a path, and shows it however far down it stands. */
  reveal(path: string): void {
    this.#sought.clear();
    this.#soughtPath = path;
    for (const each of lineOf(path).slice(1)) this.#sought.set(parentOf(each) ?? '/', nameOf(each));
    for (let at = parentOf(path); at !== undefined; at = parentOf(at)) this.#chosen.set(at, true);
  }

  showMore(path: string, by = childrenStep): void {
    this.#shown.set(path, this.shownOf(path) + by);
  }

  /** Makes sure that so many children of a node are shown. */
  showAtLeast(path: string, count: number): void {
    if (this.shownOf(path) < count) this.#shown.set(path, count);
  }

  /** Opens what fits on a screen, level by level. */
  settle(tree: Tree): void {
    let rows = Math.min(tree.get('/')?.childCount ?? 0, childrenShown);
    let level = ['/'];
    while (level.length > 0) {
      const next: string[] = [];
      for (const path of level) {
        const node = tree.get(path);
        for (const name of (node?.children ?? []).slice(0, childrenShown)) {
          const child = tree.get(childOf(path, name));
          if (child === undefined || child.childCount === 0 || child.children === undefined) continue;
          const more = Math.min(child.childCount, childrenShown);
          if (rows + more > rowsAtFirst && !this.#automatic.has(child.path)) continue;
          rows += more;
          this.#automatic.add(child.path);
          next.push(child.path);
        }
      }
      level = next;
    }
  }

  /** A node has grown: it is opened with what is to grow on it, as long as the picture is small. */
  grow(path: string, rows: number): void {
    const above = parentOf(path);
    if (rows < rowsGrowing && above !== undefined && this.isOpen(above)) this.#automatic.add(path);
  }
}
