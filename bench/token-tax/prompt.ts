/** Prompts, and what a provider charges for them: the longest common beginning with the agent's previous prompt comes out of its cache. */
import { commonBeginning } from '../../src/meters/prompts.ts';
import type { Tokenizer } from '../../src/render/tokenizer.ts';

/** A piece of a prompt. What two prompts have in common within a piece counts by its share of the piece's characters. */
export interface Piece {
  readonly text: string;
  readonly tokens: number;
}

/** Sums over all turns. */
export interface Bill {
  /** Handed over by the broker for a turn, in UTF-8. */
  bytes: number;
  /** The same in tokens. */
  tokens: number;
  /** Tokens of all prompts, as if nothing were cached: their price without a cache. */
  price: number;
  /** The price with a cache. */
  cachedPrice: number;
  /** Tokens of values that were there, and of those the ones that the agent had not before it. */
  state: number;
  unseen: number;
}

export const cachedTokenPrice = 0.1;

/** Cuts a text into a piece. What was counted is remembered: a document is read many times. */
export class Pieces {
  readonly #tokenizer: Tokenizer;
  readonly #known = new Map<string, Piece>();

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  of(text: string): Piece {
    let piece = this.#known.get(text);
    if (piece === undefined) {
      piece = { text, tokens: this.#tokenizer.count(text) };
      this.#known.set(text, piece);
    }
    return piece;
  }

  clear(): void {
    this.#known.clear();
  }
}

/** Keeps what each agent's last prompt was. */
export class Provider {
  readonly #last = new Map<string, readonly Piece[]>();

  /** Adds what a prompt costs. */
  charge(bill: Bill, agent: string, prompt: readonly Piece[]): void {
    const last = this.#last.get(agent) ?? [];
    this.#last.set(agent, prompt);
    const total = tokensIn(prompt);
    const differs = prompt.findIndex((piece, index) => piece.text !== last[index]?.text);
    const whole = tokensIn(differs < 0 ? prompt : prompt.slice(0, differs));
    const cached = whole + tokensAlike(prompt[differs], last[differs]);
    bill.price += total;
    bill.cachedPrice += total - cached + cached * cachedTokenPrice;
  }
}

/** Tokens that two pieces begin with alike. */
function tokensAlike(one: Piece | undefined, other: Piece | undefined): number {
  if (one === undefined || other === undefined) return 0;
  return Math.floor((one.tokens * commonBeginning(one.text, other.text)) / one.text.length);
}

export function tokensIn(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { tokens }) => sum + tokens, 0);
}
