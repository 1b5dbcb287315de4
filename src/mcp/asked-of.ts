/** What a question to the user was about, as it comes back with the answer. */
export interface AskedOf {
  readonly ghostId: string;
  readonly edition: number;
  readonly deed: Deed;
}

/** What is to be done with a ghost. */
export type Deed =
  | { readonly verb: 'commit'; readonly isolation: 'writes' | 'serializable' }
  | { readonly verb: 'revert' }
  /** Back to a checkpoint; empty: to its beginning. */
  | { readonly verb: 'rewind'; readonly checkpoint: string };
