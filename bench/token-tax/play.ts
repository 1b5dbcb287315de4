/** What agents do in a tree: who takes its turn when, what it needs for it, and what it writes. The same for every arm. */

/** A value that is put. */
export interface Write {
  /** Below the tree, without its slash: `docs/07`. */
  readonly path: string;
  readonly text: string;
}

/** An agent's turn: it is given its context, and then may write. */
export interface Turn {
  readonly agent: string;
  /** What it works on, for who reads just that: paths below the tree. */
  readonly needs: readonly string[];
  readonly write: Write | null;
}

/** A tree from its beginning to its end. */
export interface Play {
  /** One segment. */
  readonly tree: string;
  readonly begin: readonly Write[];
  readonly turns: readonly Turn[];
  /** What an agent follows, for who subscribes or is rendered a context: patterns below the tree, the dearest first. */
  readonly follows: (agent: string) => readonly string[];
  /** The budget of a rendered context. */
  readonly tokenBudget: number;
}
