/** Goal: a table of tokens says what a map would. Method: random tokens of all lengths, a map beside the table, runs that hold tokens or hardly. */
import { expect, test } from 'vitest';

import { seededRandom } from '../base/random.ts';
import { noRank, TokenTable } from './token-table.ts';

const longest = 40;

/** One character a byte. */
function characters(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

test('every token has its rank, and nothing else has one', () => {
  const random = seededRandom(3);
  const table = new TokenTable(20_000);
  const ranks = new Map<string, number>();
  for (let rank = 0; rank < 20_000; rank += 1) {
    const letters = rank % 2 === 0 ? 3 : 256;
    const token = Uint8Array.from({ length: 1 + random.below(longest) }, () => random.below(letters));
    // Some ranks have no token.
    const isHole = rank % 100 === 7 || ranks.has(characters(token));
    table.add(isHole ? new Uint8Array(0) : token);
    if (!isHole) ranks.set(characters(token), rank);
  }
  expect(table.tokenBytesMax).toBe(longest);
  for (const [token, rank] of ranks) {
    expect(table.rankOf(token, 0, token.length)).toBe(rank);
    expect(table.rankOf(`\u0001${token}\u0002`, 1, 1 + token.length)).toBe(rank);
    const shorter = token.slice(0, -1);
    expect(table.rankOf(token, 0, shorter.length)).toBe(ranks.get(shorter) ?? noRank);
    const longer = `${token}\u0000`;
    expect(table.rankOf(longer, 0, longer.length)).toBe(ranks.get(longer) ?? noRank);
  }
});

test('nothing, what is longer than every token, and a character that is no byte are no tokens', () => {
  const table = new TokenTable(2);
  table.add(Uint8Array.of(97, 98));
  table.add(Uint8Array.of(98));
  expect(table.rankOf('ab', 0, 2)).toBe(0);
  expect(table.rankOf('ab', 1, 2)).toBe(1);
  expect(table.rankOf('', 0, 0)).toBe(noRank);
  expect(table.rankOf('abb', 0, 3)).toBe(noRank);
  expect(table.rankOf('\u0162', 0, 1)).toBe(noRank);
});

test('more bytes than there was room for at first are taken in', () => {
  const table = new TokenTable(1_500);
  const tokens = Array.from({ length: 1_500 }, (_, rank) =>
    new Uint8Array(1_000).map((_, at) => (at < 2 ? rank >> (8 * at) : 1)),
  );
  for (const token of tokens) table.add(token);
  for (const [rank, token] of tokens.entries())
    expect(table.rankOf(characters(token), 0, token.length)).toBe(rank);
});
