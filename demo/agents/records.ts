/** What the values in the shared tree look like. */
import type { JsonValue } from '../../clients/typescript/src/index.ts';

type Fields = Readonly<Record<string, JsonValue>>;

/** What the release manager wants. */
export interface Brief extends Fields {
  readonly product: string;
  readonly wish: string;
  /** The agents that are there. */
  readonly crew: readonly string[];
}

/** A piece of work. */
export interface Task extends Fields {
  readonly owner: string;
  readonly work: string;
  readonly state: 'open' | 'done';
}

/** Something that belongs into the notes. */
export interface Finding extends Fields {
  readonly id: string;
  readonly section: string;
  readonly claim: string;
  readonly source: string;
}

/** Samples of one quantity, before and after. */
export interface Samples extends Fields {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

export type Measurements = Readonly<Record<string, Samples>>;

/** What was computed of samples: medians, and how much less the second is, in percent with one decimal. */
export interface Figure extends Fields {
  readonly before: number;
  readonly after: number;
  readonly less_percent: number;
}

/** The one number that everybody will quote. */
export interface Headline extends Fields {
  readonly quantity: string;
  readonly less_percent: number;
}

/** Asks the reviewer to look into a ghost. */
export interface ReviewRequest extends Fields {
  readonly subject: 'figures' | 'draft';
  readonly ghost: string;
}

/** The reviewer's answer. The reason is empty where it accepts. */
export interface ReviewVerdict extends Fields {
  readonly accepted: boolean;
  readonly reason: string;
}
