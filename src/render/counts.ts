/** Counts of tokens that are remembered by their text: a rendering repeats most of the one before it. */
import { renderCountsBytesMax } from '../base/limits.ts';
import type { Tokenizer } from './tokenizer.ts';

/** What a text takes beside its characters. */
const perTextBytes = 100;

/** Texts in two generations: what was not asked for in the time of one is forgotten. */
export class Counts {
  readonly tokenizer: Tokenizer;
  #young = new Map<string, number>();
  #old: ReadonlyMap<string, number> = new Map();
  #youngBytes = 0;

  constructor(tokenizer: Tokenizer) {
    this.tokenizer = tokenizer;
  }

  /** Tokens of a text, with a yield every few milliseconds. */
  *steps(text: string): Generator<void, number> {
    const known = this.#young.get(text) ?? this.#old.get(text);
    const tokens = known ?? (yield* this.tokenizer.countSteps(text));
    this.#keep(text, tokens);
    return tokens;
  }

  #keep(text: string, tokens: number): void {
    if (this.#young.has(text)) return;
    const bytes = text.length + perTextBytes;
    if (this.#youngBytes + bytes > renderCountsBytesMax / 2) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    this.#young.set(text, tokens);
    this.#youngBytes += bytes;
  }
}
