/** Views of ghosts that pages of a listing go on from: a ghost moves on, and its past is not kept anywhere else. */
import { pinnedRootsMax } from '../base/limits.ts';
import { randomId } from '../base/random.ts';
import type { Random } from '../base/random.ts';
import type { Root } from '../state/ghosts/ghost.ts';

/** Bounded: the least recently used view is forgotten first, and its listing has to begin anew. */
export class PinnedRoots {
  readonly #random: Random;
  readonly #roots = new Map<string, Root>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** Keeps a view and names it. */
  pin(root: Root): string {
    const id = randomId(this.#random);
    this.#roots.set(id, root);
    for (const oldest of this.#roots.keys()) {
      if (this.#roots.size <= pinnedRootsMax) break;
      this.#roots.delete(oldest);
    }
    return id;
  }

  get(id: string): Root | undefined {
    const root = this.#roots.get(id);
    if (root === undefined) return undefined;
    this.#roots.delete(id);
    this.#roots.set(id, root);
    return root;
  }

  /** The last page was given. */
  release(id: string): void {
    this.#roots.delete(id);
  }
}
