/**
 * What a layout is made of, and who writes it down. Whatever a writer returns ends with a line break and begins with neither white space
 * nor `/`: so the tokens of the whole are the sum of those of the parts (`tokenizer.ts`).
 */
import type { Path } from '../trie/path.ts';
import type { Shown } from './shown.ts';

/** Where changes come from. */
export type Origin =
  | { readonly kind: 'revision'; readonly revision: number; readonly author: string }
  /** What the ghosts around a ghost had staged when it was begun. */
  | { readonly kind: 'around' }
  /** A diff that is staged in the ghost. */
  | { readonly kind: 'staged'; readonly sequence: number; readonly author: string };

/** What became of a node. */
export type ShownChange =
  /** It has another value: the whole of it. */
  | { readonly kind: 'new' | 'changed'; readonly path: Path; readonly shown: Shown }
  /** Something was added to its end: that alone. */
  | { readonly kind: 'added'; readonly path: Path; readonly shown: Shown }
  /** It is gone, `below`: with everything below it. */
  | { readonly kind: 'deleted'; readonly path: Path; readonly below: boolean };

/** Writes a layout in one format. */
export interface Writer {
  /** What comes first. It is always the same: a new layout shares its beginning with the one before, as far as the nodes are the same. */
  readonly head: string;
  node(path: Path, shown: Shown): string;
  /** What the beginning has left out. */
  leftOut(nodes: number, tokens: number): string;
  /** What ends the beginning. */
  foot(revision: number): string;
  section(origin: Origin, changes: readonly ShownChange[]): string;
  /** The last line of a text whose changes after a revision are left out. */
  cut(changes: number, afterRevision: number, tokens: number): string;
}
