/**
 * Goal: a leak is told from noise, and noise is not taken for a leak. Method: series with known slopes and seeded noise, independent
 * and with the sawtooth of a garbage collector; the confidence interval must hold the true slope as often as it says.
 */
import { describe, expect, it } from 'vitest';

import { seededRandom } from '../../src/base/random.ts';
import type { Random } from '../../src/base/random.ts';
import { blockLeasts, blockMedians, theilSen } from './statistics.ts';
import type { Point } from './statistics.ts';

/** Near enough to normal: the sum of twelve uniform numbers, less six. */
function noise(random: Random): number {
  let sum = -6;
  for (let index = 0; index < 12; index += 1) sum += random.below(1_000_000) / 1e6;
  return sum;
}

function series(count: number, slope: number, spread: (index: number) => number): Point[] {
  return Array.from({ length: count }, (_, x) => ({ x, y: 100 + slope * x + spread(x) }));
}

describe('theilSen', () => {
  it('finds the slope of a line exactly', () => {
    const found = theilSen(series(20, 3, () => 0));
    expect(found).toMatchObject({ slope: 3, low: 3, high: 3, intercept: 100, points: 20 });
  });

  it('is not moved by a few wild points', () => {
    const random = seededRandom(1);
    const found = theilSen(series(60, 0.5, (x) => (x % 12 === 5 ? 1_000 : noise(random))));
    expect(found.slope).toBeCloseTo(0.5, 1);
  });

  it.each([0, 0.2])('holds a slope of %d within its interval about 95 times in 100', (slope) => {
    const random = seededRandom(7);
    let held = 0;
    for (let run = 0; run < 400; run += 1) {
      const { low, high } = theilSen(series(45, slope, () => 3 * noise(random)));
      if (low <= slope && slope <= high) held += 1;
    }
    expect(held).toBeGreaterThanOrEqual(365);
  });

  it('does so too where each point resembles the one before', () => {
    const random = seededRandom(8);
    let held = 0;
    for (let run = 0; run < 400; run += 1) {
      let last = 0;
      const found = theilSen(
        series(45, 0, () => {
          last = 0.6 * last + noise(random);
          return last;
        }),
      );
      if (found.low <= 0 && found.high >= 0) held += 1;
    }
    // Short of 95 in 100, because so few points tell little of their own likeness; without the correction it is two in three.
    expect(held).toBeGreaterThanOrEqual(340);
  });

  it('says that it cannot tell where there are too few points', () => {
    expect(theilSen(series(4, 1, () => 0))).toMatchObject({ low: -Infinity, high: Infinity });
    expect(theilSen([])).toMatchObject({ low: -Infinity, high: Infinity, points: 0 });
  });
});

describe('blockMedians', () => {
  it('takes the median of each stretch', () => {
    const points = [1, 2, 9, 11, 12, 30].map((x) => ({ x, y: x * 10 }));
    expect(blockMedians(points, 10)).toEqual([
      { x: 2, y: 20 },
      { x: 11.5, y: 115 },
      { x: 30, y: 300 },
    ]);
  });
});

describe('blockLeasts', () => {
  it('takes the least of each stretch, where it was', () => {
    const points = [
      [1, 30],
      [2, 20],
      [9, 40],
      [11, 70],
      [12, 60],
    ].map(([x = 0, y = 0]) => ({ x, y }));
    expect(blockLeasts(points, 10)).toEqual([
      { x: 2, y: 20 },
      { x: 12, y: 60 },
    ]);
  });

  it('leaves out what was not measured for half of a stretch', () => {
    const points = [0, 1, 2, 3, 10, 11, 20].map((x) => ({ x, y: x }));
    expect(blockLeasts(points, 10).map(({ x }) => x)).toEqual([0, 10]);
    expect(blockLeasts([], 10)).toEqual([]);
  });
});
