/** Goal: what is used stays, what is not goes, and all together stays within the bound. Method: entries that cost one, or many. */
import { expect, test } from 'vitest';
import { Lru } from './lru.ts';

function filled(costMax: number, count: number): Lru<number> {
  const lru = new Lru<number>(costMax);
  for (let number = 0; number < count; number += 1) lru.set(`${number}`, number, 1);
  return lru;
}

const present = (lru: Lru<number>, count: number): number[] =>
  Array.from({ length: count }, (_, number) => number).filter((number) => lru.get(`${number}`) === number);

test('half of the bound is kept at least, and all of it at most, whatever comes', () => {
  expect(present(filled(10, 5), 5)).toHaveLength(5);
  const kept = present(filled(10, 1_000), 1_000);
  expect(kept.length).toBeGreaterThanOrEqual(5);
  expect(kept.length).toBeLessThanOrEqual(10);
  expect(kept.at(-1)).toBe(999);
});

test('what is used now and then stays, however much else comes', () => {
  const lru = filled(10, 1);
  for (let number = 1; number < 1_000; number += 1) {
    lru.set(`${number}`, number, 1);
    if (number % 4 === 0) lru.get('0');
  }
  expect(lru.get('0')).toBe(0);
});

test('an entry that is set anew, or deleted, is there once, or not at all', () => {
  const lru = filled(10, 8);
  lru.set('0', 100, 1);
  expect(lru.get('0')).toBe(100);
  lru.delete('0');
  expect(lru.get('0')).toBeUndefined();
  expect(lru.get('7')).toBe(7);
});

test('an entry that grows beyond the bound stays until others come, and takes them with it', () => {
  const lru = filled(10, 3);
  lru.grow('2', 100);
  expect(lru.get('2')).toBe(2);
  for (let number = 10; number < 30; number += 1) lru.set(`${number}`, number, 1);
  expect(lru.get('2')).toBeUndefined();
});
