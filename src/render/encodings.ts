/** The encodings there are. Each takes some 5 MB, so it is loaded when it is first asked for. */
import { createRequire } from 'node:module';

import { TokenTable } from './token-table.ts';
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
  const tokens = tokensOf(encoding);
  const table = new TokenTable(tokens.length);
  // The list has holes.
  for (let rank = 0; rank < tokens.length; rank += 1) {
    table.add(bytesOf(tokens[rank] ?? []));
    if (rank % tokensPerStep === tokensPerStep - 1) await turn();
  }
  const pattern = encoding === 'o200k' ? O200K_TOKEN_SPLIT_REGEX : CL100K_TOKEN_SPLIT_REGEX;
  return new BytePairTokenizer(table, pattern);
}

/**
 * The package's list, which is let go of with the table made: what is imported stays for as long as the process, and this is 20 MB of
 * strings. What is required is forgotten here, and nobody else has it.
 */
function tokensOf(encoding: Encoding): Tokens {
  const require = createRequire(import.meta.url);
  const name = require.resolve(`gpt-tokenizer/bpeRanks/${encoding}_base`);
  const { default: tokens } = require(name) as { readonly default: Tokens };
  Reflect.deleteProperty(require.cache, name);
  return tokens;
}

function bytesOf(token: string | readonly number[]): Uint8Array {
  return typeof token === 'string' ? Buffer.from(token) : Uint8Array.from(token);
}
