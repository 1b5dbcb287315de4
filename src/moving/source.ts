/** Where a forest is moved from. */
import type { Leaving, OnBytes } from './leaving.ts';

export interface Source {
  /** Where an earlier move has brought it, or was about to; `null`: nowhere. */
  readonly movedTo: string | null;
  /** All of it. Nobody may add to it from here on: {@link setAside} finds out whether somebody has. */
  read(onBytes: OnBytes): Promise<Leaving>;
  /** Marks it as moved to a place: no broker serves it here any more. */
  setAside(to: string): Promise<void>;
  /** Takes the mark away: it was not moved after all. */
  putBack(): Promise<void>;
  /** Removes what is kept of it, which must be marked. */
  remove(): Promise<void>;
  close(): Promise<void>;
}
