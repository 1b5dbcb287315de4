/** The coming and going of whole forests, which no forest's own state can remember. */
import type { RequestKey } from './command.ts';
import type { Rejection } from './outcome.ts';

/** A forest that comes or goes. */
export interface ForestChange {
  readonly kind: 'create' | 'delete' | 'restore';
  readonly forest: string;
  readonly request: RequestKey;
}

/** What came of it. */
export type ForestOutcome =
  | { readonly kind: 'forest_created' | 'forest_deleted' | 'forest_restored'; readonly forest: string }
  | Rejection;
