/** The encodings there are. Each takes some 20 MB, so it is loaded when it is first asked for. */
import { BytePairTokenizer } from './tokenizer.ts';
import type { Tokenizer } from './tokenizer.ts';

/** The name of an encoding. */
export type Encoding = 'o200k' | 'cl100k';

/** Gives the event loop a turn. */
export type Turn = () => Promise<void>;

/** Tokens as the package has them: texts, and lists of bytes where a token is no whole text. */
type Tokens = readonly (string | readonly number[])[];

/** Tokens that are taken in at a time: about a millisecond. */
const tokensPerStep = 4_096;

const loaded = new Map<Encoding, Promise<Tokenizer>>();

/** The tokenizer of an encoding; the same one for all who ask. Loads it in slices at the first time, some 100 ms in all. */
export function loadTokenizer(encoding: Encoding, turn: Turn): Promise<Tokenizer> {
  let tokenizer = loaded.get(encoding);
  if (tokenizer === undefined) loaded.set(encoding, (tokenizer = load(encoding, turn)));
  return tokenizer;
}

async function load(encoding: Encoding, turn: Turn): Promise<Tokenizer> {
  const { CL100K_TOKEN_SPLIT_REGEX, O200K_TOKEN_SPLIT_REGEX } =
    await import('gpt-tokenizer/encodingParams/constants');
  const tokens = await tokensOf(encoding);
  const ranks = new Map<string, number>();
  let bytesMax = 0;
  // The list has holes.
  for (let rank = 0; rank < tokens.length; rank += 1) {
    const token = tokens[rank];
    if (token !== undefined) {
      const bytes = bytesOf(token);
      ranks.set(bytes, rank);
      bytesMax = Math.max(bytesMax, bytes.length);
    }
    if (rank % tokensPerStep === tokensPerStep - 1) await turn();
  }
  const pattern = encoding === 'o200k' ? O200K_TOKEN_SPLIT_REGEX : CL100K_TOKEN_SPLIT_REGEX;
  return new BytePairTokenizer(ranks, bytesMax, pattern);
}

async function tokensOf(encoding: Encoding): Promise<Tokens> {
  switch (encoding) {
    case 'o200k':
      return (await import('gpt-tokenizer/bpeRanks/o200k_base')).default;
    case 'cl100k':
      return (await import('gpt-tokenizer/bpeRanks/cl100k_base')).default;
  }
}

/** A token's bytes, one character a byte. */
function bytesOf(token: string | readonly number[]): string {
  return (typeof token === 'string' ? Buffer.from(token) : Buffer.from(token)).toString('latin1');
}
