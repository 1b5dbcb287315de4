/**
 * Opens and closes nodes of a live or a past picture, and asks for what that shows. What always holds: each question is about the revision
 * that the picture stands at, so that what is folded in behind it is not in the answer already.
 */
import { childOf } from '../model/path.ts';
import type { Picture } from './picture.ts';
import type { Moment, TreeReader } from './tree-reader.ts';
import { loadLevels, loadSought } from './tree-source.ts';

export interface UnfoldingOptions {
  readonly reader: TreeReader;
  readonly picture: Pick<Picture, 'tree' | 'openness'>;
  /** Where the picture stands. */
  readonly moment: () => Moment;
  /** The tree is another now. */
  readonly draw: () => void;
  /** Something that the reader has asked for did not come. */
  readonly onFailure: (error: unknown) => void;
}

export class Unfolding {
  readonly #options: UnfoldingOptions;
  #isRefreshing = false;

  constructor(options: UnfoldingOptions) {
    this.#options = options;
  }

  /** Opens or closes a node. */
  async toggle(path: string, isOpen: boolean): Promise<void> {
    const { tree, openness } = this.#options.picture;
    openness.choose(path, isOpen);
    if (isOpen && tree.get(path)?.children === undefined) await this.#load([path]);
    this.#options.draw();
  }

  /** Opens everything below a node, as far as the picture takes it. */
  async openAll(path: string, shown: number): Promise<void> {
    const { tree, openness } = this.#options.picture;
    let level = [path];
    for (let rows = 0; level.length > 0 && rows < shown;) {
      for (const each of level) {
        openness.choose(each, true);
        openness.showAtLeast(each, shown);
      }
      await this.#load(level);
      const next = level.flatMap((each) =>
        (tree.get(each)?.children ?? []).map((name) => childOf(each, name)),
      );
      rows += next.length;
      level = next.filter((each) => (tree.get(each)?.childCount ?? 0) > 0);
    }
    this.#options.draw();
  }

  /** Shows more children of a wide node. */
  async showMore(path: string): Promise<void> {
    const { tree, openness } = this.#options.picture;
    openness.showMore(path);
    const node = tree.get(path);
    const known = node?.children?.length ?? 0;
    if (known < Math.min(node?.childCount ?? 0, openness.shownOf(path))) await this.#load([path]);
    this.#options.draw();
  }

  /** Opens all that is above a path, so that it can be seen. */
  async reveal(path: string): Promise<void> {
    const { reader, picture, moment, onFailure, draw } = this.#options;
    picture.openness.reveal(path);
    await loadSought(reader, picture.tree, picture.openness, moment()).catch(onFailure);
    draw();
  }

  /** Asks for what events could not tell, one question after another; where no answer comes, it is for the next time. */
  async refresh(): Promise<void> {
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    try {
      while (await this.#ask());
    } finally {
      this.#isRefreshing = false;
    }
  }

  /** False where there was nothing to ask for, or no answer. */
  async #ask(): Promise<boolean> {
    const { reader, picture, moment, draw } = this.#options;
    const { tree, openness } = picture;
    const stale = tree.takeStale().filter((path) => tree.get(path) !== undefined);
    if (stale.length === 0) return false;
    try {
      await loadLevels(reader, tree, openness, moment(), stale);
    } catch {
      for (const path of stale) tree.doubt(path);
      return false;
    }
    draw();
    return true;
  }

  async #load(paths: readonly string[]): Promise<void> {
    const { reader, picture, moment, onFailure } = this.#options;
    await loadLevels(reader, picture.tree, picture.openness, moment(), paths).catch(onFailure);
  }
}
