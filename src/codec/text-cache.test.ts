/** Goal: a cached text is never another one's. Method: random texts, far more than there are places, each asked for twice. */
import { expect, test } from 'vitest';
import { seededRandom } from '../base/random.ts';
import { TextCache } from './text-cache.ts';

test('gives each ASCII text by its bytes, also where texts share a place', () => {
  const random = seededRandom(7);
  const cache = new TextCache();
  const texts = Array.from({ length: 20_000 }, () =>
    `agent_${random.below(1_000_000)}`.slice(0, random.below(14)),
  );
  for (const text of [...texts, ...texts]) {
    const bytes = new TextEncoder().encode(`<${text}>`);
    expect(cache.find(bytes, 1, bytes.length - 1)).toBe(text);
  }
});

test('leaves long texts and those beyond ASCII to the decoder', () => {
  const cache = new TextCache();
  const umlaut = new TextEncoder().encode('überlegung');
  expect(cache.find(umlaut, 0, umlaut.length)).toBeUndefined();
  expect(cache.find(new Uint8Array(65).fill(97), 0, 65)).toBeUndefined();
  expect(cache.find(new Uint8Array(64).fill(97), 0, 64)).toBe('a'.repeat(64));
});
