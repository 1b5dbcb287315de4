/** What an example is. */

/** A command line, and what it does where that is not plain. */
export interface Example {
  readonly line: string;
  readonly what: string;
}

/** By the names of commands: a line, or a line and what it does. */
export type Examples = Readonly<Record<string, readonly (string | readonly [line: string, what: string])[]>>;
