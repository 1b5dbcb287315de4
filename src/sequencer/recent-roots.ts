/** The trunk's newest roots. They share nearly everything; what each keeps alive beyond the next is what its diff replaced. */
import { recentRootsMax, recentRootsOperationsMax } from '../base/limits.ts';
import type { Root } from '../state/ghosts/ghost.ts';

interface RecentRoot {
  readonly root: Root;
  readonly operations: number;
}

export class RecentRoots {
  /** By revision modulo their greatest number. */
  readonly #ring: (RecentRoot | undefined)[] = [];
  #oldest = 0;
  #newest = -1;
  #operations = 0;

  /** Notes the root of the newest revision, which `operations` operations made, and forgets what is too old or too dear. */
  remember(revision: number, root: Root, operations: number): void {
    if (revision !== this.#newest + 1) this.#forgetAll(revision);
    this.#newest = revision;
    this.#operations += operations;
    while (
      this.#oldest < revision &&
      (revision - this.#oldest >= recentRootsMax || this.#operations > recentRootsOperationsMax)
    ) {
      this.#forgetOldest();
    }
    this.#ring[revision % recentRootsMax] = { root, operations };
  }

  find(revision: number): Root | undefined {
    if (revision < this.#oldest || revision > this.#newest) return undefined;
    return this.#ring[revision % recentRootsMax]?.root;
  }

  #forgetOldest(): void {
    const slot = this.#oldest % recentRootsMax;
    this.#operations -= this.#ring[slot]?.operations ?? 0;
    this.#ring[slot] = undefined;
    this.#oldest += 1;
  }

  #forgetAll(next: number): void {
    this.#ring.length = 0;
    this.#oldest = next;
    this.#operations = 0;
  }
}
