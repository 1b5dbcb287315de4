/** A name in lower case and a value; several of one name may follow each other. */
export type HeaderPair = readonly [name: string, value: string];

/**
 * Headers that are sent again and again: every connection puts their fields into its table once, and remembers the bytes
 * that stand for all of them, one for each field.
 */
export class HeaderTemplate {
  readonly pairs: readonly HeaderPair[];

  constructor(pairs: readonly HeaderPair[]) {
    this.pairs = pairs;
  }
}

/** What a stream sends as headers or trailers: a template, or fields of this one message. */
export type OutgoingHeaders = HeaderTemplate | readonly HeaderPair[];
