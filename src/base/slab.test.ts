/** Slabs give back what was put into them, whatever its characters. */
import { expect, test } from 'vitest';
import { Slab, slabWordBytes } from './slab.ts';

const texts: readonly (readonly [string, number])[] = [
  ['', 0],
  ['a note', 6],
  ['\u0000\u00ff', 2],
  ['über', 5],
  ['→ 😀', 8],
  ['x'.repeat(5_000), 5_000],
];

test('a slab gives back each text and its length', () => {
  const slab = new Slab(8 * 1024);
  const places = texts.map(([text, length]) => slab.add(text, length));
  expect(places.map((at) => slab.textAt(at))).toEqual(texts.map(([text]) => text));
  expect(places.map((at) => slab.lengthAt(at))).toEqual(texts.map(([, length]) => length));
});

test('a slab has room for just what it was made for', () => {
  const slab = new Slab(2 * slabWordBytes + 5);
  expect(slab.hasRoom(slabWordBytes + 6 + slabWordBytes)).toBe(false);
  slab.add('abc', 3);
  expect(slab.hasRoom(slabWordBytes + 2)).toBe(true);
  expect(slab.hasRoom(slabWordBytes + 3)).toBe(false);
});

test('texts can come from another slab', () => {
  const [one, other] = [new Slab(256), new Slab(256)];
  one.add('in front', 8);
  const places = texts.slice(0, 5).map(([text, length]) => one.add(text, length));
  const copies = places.map((at) => other.addFrom(one, at));
  expect(copies.map((at) => other.textAt(at))).toEqual(texts.slice(0, 5).map(([text]) => text));
});
