/** Goal: packed names are what a list of strings would be. Method: random lists, whatever characters they have, against arrays. */
import { expect, test } from 'vitest';
import { segmentBytesMax } from '../base/limits.ts';
import { seededRandom } from '../base/random.ts';
import type { Random } from '../base/random.ts';
import {
  insertName,
  nameAt,
  nameCount,
  packNames,
  removeName,
  searchNames,
  sliceNames,
  unpackNames,
} from './names.ts';
import { compareSegments } from './path.ts';

const alphabets = [
  ['of plain letters', 'ab'],
  ['of one byte a character', 'aÿ\u00a0'],
  ['of two bytes a character, and with surrogates', 'aé\ue000😀\uffff'],
  ['with characters that no path has', '\0a/'],
] as const;

function randomName(random: Random, alphabet: string): string {
  const characters = Array.from(alphabet);
  const length = random.below(20) === 0 ? segmentBytesMax : random.below(14);
  return Array.from({ length }, () => characters[random.below(characters.length)]).join('');
}

function randomNames(random: Random, alphabet: string): string[] {
  const start = random.below(2) === 0 ? '' : randomName(random, alphabet);
  const names = Array.from({ length: random.below(41) }, () => `${start}${randomName(random, alphabet)}`);
  return [...new Set(names)].sort(compareSegments);
}

test.each(alphabets)('names %s come out as they went in, and are found where they are', (_, alphabet) => {
  const random = seededRandom(31);
  for (let round = 0; round < 300; round += 1) {
    const list = randomNames(random, alphabet);
    const names = packNames(list);
    expect(nameCount(names)).toBe(list.length);
    expect(unpackNames(names)).toEqual(list);
    expect(list.map((__, index) => nameAt(names, index))).toEqual(list);
    expect(list.map((name) => searchNames(names, name))).toEqual([...list.keys()]);
    const other = randomName(random, alphabet);
    const place = list.findIndex((name) => compareSegments(name, other) >= 0);
    const bound = place === -1 ? list.length : place;
    expect(searchNames(names, other)).toBe(list[bound] === other ? bound : ~bound);
  }
});

test.each(alphabets)('names %s are put in, taken out and cut off anywhere', (_, alphabet) => {
  const random = seededRandom(32);
  for (let round = 0; round < 300; round += 1) {
    const list = randomNames(random, alphabet);
    const names = packNames(list);
    const index = random.below(list.length + 1);
    const to = index + random.below(list.length - index + 1);
    expect(sliceNames(names, index, to)).toBe(packNames(list.slice(index, to)));
    if (index < list.length) expect(removeName(names, index)).toBe(packNames(list.toSpliced(index, 1)));
    const name = `${(list[index] ?? '').slice(0, random.below(8))}${randomName(random, alphabet)}`;
    const place = searchNames(names, name);
    if (place < 0) expect(insertName(names, ~place, name)).toBe(packNames(list.toSpliced(~place, 0, name)));
  }
});
