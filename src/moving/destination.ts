/** Where a forest is moved to. */
import type { Leaving, OnBytes } from './leaving.ts';

export interface Destination {
  /** Whether there is a forest of that name with something in it. What is kept of one that was moved from here is none. */
  hasForest(): Promise<boolean>;
  /**
   * Brings it here and compares its state with where it comes from. `setAside` is called when all of it is here and no broker can see it yet; if it
   * throws, there is no forest here.
   */
  take(leaving: Leaving, setAside: () => Promise<void>, onBytes: OnBytes): Promise<void>;
  close(): Promise<void>;
}

/** What was read back at the destination is not what was there before. */
export function differs(forest: string, expected: string, found: string): Error {
  return new Error(
    `the state of ${forest} has the hash ${expected} where it is, and ${found} where it was brought: nothing was changed; please report this`,
  );
}
