/**
 * Counts tokens as OpenAI's models see them. A text is split by the encoding's pattern, then each piece is merged (`byte-pairs.ts`).
 *
 * Patterns split after the last of the line breaks before anything but white space and `/`. So the count of a text is the sum of
 * the counts of its parts, exactly, wherever it is cut at such a place: what layouts rest on, whose parts all end with a line break.
 */
import { tokenRunBytesMax } from '../base/limits.ts';
import { mergeSteps } from './byte-pairs.ts';
import { noRank } from './token-table.ts';
import type { TokenTable } from './token-table.ts';

/** Counts tokens. */
export interface Tokenizer {
  /** Tokens of a text, as a whole. */
  count(text: string): number;
  /** The same with a yield every few milliseconds. */
  countSteps(text: string): Generator<void, number>;
  /** No token has more bytes. */
  readonly tokenBytesMax: number;
}

/** Characters between two yields. */
const charactersPerStep = 16_384;
/** Pieces whose count is remembered, and how long such a piece may be: words that come again and again. */
const countsKeptMax = 20_000;
const countedLengthMax = 64;
const notAscii = /[^\0-\u007F]/;

/** A piece of plain ASCII is its own bytes; one character of another might be taken for a byte. */
function isToken(piece: string, tokens: TokenTable): boolean {
  return tokens.rankOf(piece, 0, piece.length) !== noRank && !notAscii.test(piece);
}

/** A tokenizer of an encoding. `pattern` is global; it matches all of any text. */
export class BytePairTokenizer implements Tokenizer {
  readonly #tokens: TokenTable;
  readonly #pattern: RegExp;
  readonly #counts = new Map<string, number>();

  constructor(tokens: TokenTable, pattern: RegExp) {
    this.#tokens = tokens;
    this.#pattern = pattern;
  }

  get tokenBytesMax(): number {
    return this.#tokens.tokenBytesMax;
  }

  count(text: string): number {
    const steps = this.countSteps(text);
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
    }
  }

  *countSteps(text: string): Generator<void, number> {
    const pattern = new RegExp(this.#pattern);
    let tokens = 0;
    let pauseAt = charactersPerStep;
    for (let start = 0; pattern.test(text); start = pattern.lastIndex) {
      const piece = text.slice(start, pattern.lastIndex);
      tokens += isToken(piece, this.#tokens) ? 1 : yield* this.#merged(piece);
      if (pattern.lastIndex < pauseAt) continue;
      pauseAt = pattern.lastIndex + charactersPerStep;
      yield;
    }
    return tokens;
  }

  *#merged(piece: string): Generator<void, number> {
    const known = this.#counts.get(piece);
    if (known !== undefined) return known;
    const bytes = notAscii.test(piece) ? Buffer.from(piece).toString('latin1') : piece;
    if (this.#tokens.rankOf(bytes, 0, bytes.length) !== noRank) return 1;
    // Nobody writes words of a megabyte. A token has at least one byte, so this is never too few.
    if (bytes.length > tokenRunBytesMax) return bytes.length;
    const count = yield* mergeSteps(bytes, this.#tokens);
    if (piece.length > countedLengthMax) return count;
    if (this.#counts.size >= countsKeptMax) this.#counts.clear();
    this.#counts.set(piece, count);
    return count;
  }
}
