/** The text that was last rendered for each meter, as a provider's prompt cache would still have it. Bounded; the oldest go first. */
import type { MeterRow } from './meter-table.ts';

/** A text with what it takes. */
interface Prompt {
  readonly text: string;
  readonly tokens: number;
}

/** What a text has in common with the one before. */
export interface Common {
  readonly characters: number;
  /** Of the text before, where all of it is the beginning of this one; else unknown. */
  readonly tokens: number | null;
}

export class Prompts {
  readonly #charactersMax: number;
  readonly #prompts = new Map<MeterRow, Prompt>();
  #characters = 0;

  constructor(charactersMax: number) {
    this.#charactersMax = charactersMax;
  }

  /** Keeps a text, and says how long its beginning is that the text before had too. */
  next(row: MeterRow, text: string, tokens: number): Common {
    const before = this.#prompts.get(row);
    this.forget(row);
    if (text.length <= this.#charactersMax) {
      this.#prompts.set(row, { text, tokens });
      this.#characters += text.length;
    }
    for (const oldest of this.#prompts.keys()) {
      if (this.#characters <= this.#charactersMax) break;
      this.forget(oldest);
    }
    if (before === undefined) return { characters: 0, tokens: 0 };
    const characters = commonBeginning(before.text, text);
    return { characters, tokens: characters === before.text.length ? before.tokens : null };
  }

  forget(row: MeterRow): void {
    const known = this.#prompts.get(row);
    if (known === undefined) return;
    this.#prompts.delete(row);
    this.#characters -= known.text.length;
  }
}

/** How many characters two texts begin with alike. */
export function commonBeginning(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  if (one.startsWith(other) || other.startsWith(one)) return length;
  // By halving: comparing long pieces is a hundred times as fast as comparing characters.
  let [low, high] = [0, length];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (one.slice(low, middle) === other.slice(low, middle)) low = middle;
    else high = middle;
  }
  return one.charCodeAt(low) === other.charCodeAt(low) ? low + 1 : low;
}
