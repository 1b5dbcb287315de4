/** What agents say that they have read. */
import type { Path } from '../../trie/path.ts';

/** What an agent had read. */
export interface BasisEntry {
  readonly path: Path;
  readonly revision: number;
  readonly extent: 'node' | 'subtree' | 'absent';
  /** The ghost whose view it was read in; absent on the trunk. `revision` is the one that the ghost stands on then. */
  readonly ghostId?: string;
  /** The number of the ghost's newest diff in that view; absent where it had none, and on the trunk. */
  readonly sequence?: number;
}
