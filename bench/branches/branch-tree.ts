/** The live branches of a workload, and which of them may be branched from. */
import type { Random } from '../../src/base/random.ts';
import type { Shape } from './shapes.ts';

/** A live branch; the trunk is one as well, at depth 0 and without a ghost. */
export interface Branch {
  readonly ghostId: string;
  readonly depth: number;
  readonly parent: Branch | null;
  readonly children: Set<Branch>;
  /** It has been evaluated and kept, so others may branch from it. */
  isOpen: boolean;
}

export class BranchTree {
  readonly trunk: Branch = { ghostId: '', depth: 0, parent: null, children: new Set(), isOpen: true };
  readonly #shape: Shape;
  /** In the order in which they were begun, so that a seed draws the same ones in every run. */
  readonly #live = new Set<Branch>([this.trunk]);

  constructor(shape: Shape) {
    this.#shape = shape;
  }

  /** Draws a branch to begin another one in, all that have room with the same probability; `undefined` where none has. */
  draw(random: Random): Branch | undefined {
    const { rootFanout, innerFanout, depthMax } = this.#shape;
    const open = [...this.#live].filter(
      ({ isOpen, depth, children }) =>
        isOpen && depth < depthMax && children.size < (depth === 0 ? rootFanout : innerFanout),
    );
    return open.length === 0 ? undefined : open[random.below(open.length)];
  }

  add(parent: Branch, ghostId: string): Branch {
    const branch = { ghostId, depth: parent.depth + 1, parent, children: new Set<Branch>(), isOpen: false };
    parent.children.add(branch);
    this.#live.add(branch);
    return branch;
  }

  /** Takes away a branch and all that are in it. */
  remove(branch: Branch): void {
    for (const child of [...branch.children]) this.remove(child);
    branch.parent?.children.delete(branch);
    this.#live.delete(branch);
  }

  /** Live branches that have none in them. */
  leaves(): Branch[] {
    return [...this.#live].filter(({ depth, children }) => depth > 0 && children.size === 0);
  }
}
