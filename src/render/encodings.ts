/** The encodings there are. Each takes some 5 MB, so it is loaded when it is first asked for. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import { TokenTable } from './token-table.ts';
import { BytePairTokenizer } from './tokenizer.ts';
import type { Tokenizer } from './tokenizer.ts';

/** The name of an encoding. */
export type Encoding = 'o200k' | 'cl100k';

/** Gives the event loop a turn. */
export type Turn = () => Promise<void>;

/** Tokens that are taken in at a time: about a millisecond. */
const tokensPerStep = 2_048;
/** No token of any encoding comes near it. */
const tokenBytesMax = 4_096;
const lineBreak = 10;
const space = 32;

const loaded = new Map<Encoding, Promise<Tokenizer>>();

/** The tokenizer of an encoding; the same one for all who ask. Loads it in slices at the first time, some 150 ms in all. */
export function loadTokenizer(encoding: Encoding, turn: Turn): Promise<Tokenizer> {
  let tokenizer = loaded.get(encoding);
  if (tokenizer === undefined) loaded.set(encoding, (tokenizer = load(encoding, turn)));
  return tokenizer;
}

async function load(encoding: Encoding, turn: Turn): Promise<Tokenizer> {
  const { CL100K_TOKEN_SPLIT_REGEX, O200K_TOKEN_SPLIT_REGEX } =
    await import('gpt-tokenizer/encodingParams/constants');
  const pattern = encoding === 'o200k' ? O200K_TOKEN_SPLIT_REGEX : CL100K_TOKEN_SPLIT_REGEX;
  return new BytePairTokenizer(await loadTable(encoding, turn), pattern);
}

/**
 * From the package's list as a file, a line a token: its bytes in Base64, a space, and its rank, each line's one more than the one's before. The
 * package has the same as a module, whose 200,000 strings take 20 MB while it is loaded, and of which the engine's cache of compiled code
 * keeps a copy for as long as the process.
 */
async function loadTable(encoding: Encoding, turn: Turn): Promise<TokenTable> {
  const { resolve } = createRequire(import.meta.url);
  const lines = await readFile(resolve(`gpt-tokenizer/data/${encoding}_base.tiktoken`));
  const count = Number(lines.toString('latin1', lines.lastIndexOf(space))) + 1;
  const table = new TokenTable(count);
  const token = Buffer.alloc(tokenBytesMax);
  let start = 0;
  for (let rank = 0; rank < count; rank += 1) {
    const end = lines.indexOf(space, start);
    if (end < start) throw new RangeError(`the tokens of ${encoding} end at rank ${rank}, of ${count}`);
    const length = token.write(lines.toString('latin1', start, end), 'base64');
    table.add(token.subarray(0, length));
    start = lines.indexOf(lineBreak, end) + 1;
    if (rank % tokensPerStep === tokensPerStep - 1) await turn();
  }
  return table;
}
