/** Goal: what goes wrong at once can go wrong at once, and nothing is left out. Method: plans from many seeds. */
import { expect, test } from 'vitest';

import { seededRandom } from '../../../src/base/random.ts';
import { faults, parties, plan } from './schedule.ts';
import type { Planned } from './schedule.ts';

const seeds = Array.from({ length: 50 }, (_, index) => index + 1);

/** The beginning of a plan, until so many faults have come. */
function begin(seed: number, count: number): Planned[] {
  const begun: Planned[] = [];
  let planned = 0;
  for (const next of plan(seededRandom(seed), faults)) {
    begun.push(next);
    planned += next.troubles.length;
    if (planned >= count) break;
  }
  return begun;
}

test('every fault comes once before any comes again', () => {
  for (const seed of seeds) {
    const came = begin(seed, faults.length).flatMap(({ troubles }) => troubles.map(({ fault }) => fault));
    expect(came.sort()).toEqual([...faults].sort());
  }
});

test('two at once are done to different ones, and in the end to all', () => {
  const met = new Set<string>();
  for (const seed of seeds)
    for (const { troubles } of begin(seed, faults.length)) {
      const struck = troubles.map(({ fault }) => parties[fault]).sort();
      expect(new Set(struck).size).toBe(struck.length);
      if (struck.length > 1) met.add(struck.join(' and '));
    }
  // Of five, each with each of the others.
  expect(met.size).toBe(10);
});

test('nothing chosen is a plan of nothing', () => {
  expect([...plan(seededRandom(1), [])]).toEqual([]);
});
