/** Parts of what is shown. */
import { matches, overlapsSubtree } from '../trie/pattern.ts';
import type { Pattern } from '../trie/pattern.ts';
import type { Operation } from '../state/command.ts';
import type { Path } from '../trie/path.ts';

/** A part that was asked for. */
export interface Part {
  /** What it shows matches one of them: several, where its reader may not see all that was asked for. */
  readonly patterns: readonly Pattern[];
  /** Those with the higher number come first where not all fit. */
  readonly priority: number;
  /** Tokens at the beginning of the layout. `Infinity`: as many as there is room for. */
  readonly tokensMax: number;
}

/** The patterns of all parts. */
export function patternsOf(parts: readonly Part[]): readonly Pattern[] {
  return parts.flatMap(({ patterns }) => patterns);
}

/** Some part shows `path`. */
export function isShownIn(parts: readonly Part[], path: Path): boolean {
  return parts.some(({ patterns }) => patterns.some((pattern) => matches(pattern, path)));
}

/** An operation may change something that some part shows. */
export function concerns(parts: readonly Part[], operation: Operation): boolean {
  const concerned = (pattern: Pattern): boolean =>
    reachesBelow(operation) ? overlapsSubtree(pattern, operation.path) : matches(pattern, operation.path);
  return parts.some(({ patterns }) => patterns.some(concerned));
}

/** It changes more than its own path. */
export function reachesBelow(operation: Operation): boolean {
  return operation.kind === 'copy' || (operation.kind === 'delete' && operation.scope === 'subtree');
}
