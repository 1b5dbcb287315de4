/** What the agents of the typed tree are told, a line each, and what they answer. 64-bit integers are texts. */

/** A note, as an agent reads it field by field from a message of its own language. */
export interface Told {
  readonly claim: string;
  readonly sources: readonly string[];
  readonly confidence: number;
  readonly citations: string;
  readonly reviewer: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A note and the variable in its path. */
export interface Named {
  readonly note: string;
  readonly value: Told;
}

/** Why a note was refused. */
export interface Refused {
  readonly path: string;
  readonly schema: string;
  readonly problems: readonly {
    readonly operation: number;
    readonly field: string;
    readonly rule: string;
    readonly message: string;
  }[];
}

interface At {
  readonly session: string;
  readonly note: string;
}

/** What each line says, and what is answered; a refusal by the schema is a {@link Refused} instead. */
export interface Lines {
  /** Writes a note. */
  put: { told: At & { readonly value: Told }; answer: { readonly revision: number } };
  /** Writes a note in a ghost, and commits it. */
  stage: { told: At & { readonly value: Told }; answer: object };
  /** Reads a note. */
  get: { told: At; answer: { readonly value: Told; readonly author: string } };
  /** Reads the notes of a session. */
  list: { told: { readonly session: string }; answer: { readonly notes: readonly Named[] } };
  /** Adds so many citations, one by one, each to what was just read. */
  cite: { told: At & { readonly times: number }; answer: object };
  /** Begins to watch a session. */
  watch: { told: { readonly session: string }; answer: object };
  /** What was seen in the order in which it came, once it is so much. */
  saw: { told: { readonly count: number }; answer: { readonly seen: readonly Named[] } };
}

/** Any line. */
export type Line = { [Do in keyof Lines]: { readonly do: Do } & Lines[Do]['told'] }[keyof Lines];
