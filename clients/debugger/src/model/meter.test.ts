/** Goal: the plot's figures are the meters' sums. Method: a few meters, and the corners. */
import { expect, test } from 'vitest';
import { savedPercent, sumMeters, type TreeMeter } from './meter.ts';

const meter = (agent: string, tree: string, read: number, fullHistory: number): TreeMeter => ({
  agent,
  tree,
  publishes: 1,
  published: 5,
  read,
  rendered: 10,
  fullHistory,
  price: 2,
  fullHistoryPrice: 3,
});

test('meters are summed up by agent over trees, the largest first', () => {
  const sums = sumMeters([meter('a', 's1', 10, 100), meter('b', 's1', 0, 900), meter('a', 's2', 20, 300)]);
  expect(
    sums.map(({ agent, read, fullHistory, publishes }) => [agent, read, fullHistory, publishes]),
  ).toEqual([
    ['b', 0, 900, 1],
    ['a', 30, 400, 2],
  ]);
});

test('what is saved is told where there is something to compare with', () => {
  expect(savedPercent(meter('a', 't', 40, 1_000))).toBe(95);
  expect(savedPercent(meter('a', 't', 40, 0))).toBeUndefined();
  expect(savedPercent({ ...meter('a', 't', 0, 500), rendered: 0 })).toBeUndefined();
  expect(sumMeters([])).toEqual([]);
});
