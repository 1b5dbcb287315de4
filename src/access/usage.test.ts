/** Goal: a rate holds over time, with a burst after a pause, and subscriptions are counted once each. Method: a clock that a test moves. */
import { expect, test } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { publishBurstSeconds } from '../base/limits.ts';
import { nameGlob } from './name-glob.ts';
import { forestQuotaOf, quotaOf, unlimited, unlimitedForest } from './quota.ts';
import { Usage } from './usage.ts';

test('ten seconds of a rate may come at once after a pause, and then one after the other', () => {
  const clock = new ManualClock();
  const usage = new Usage(clock);
  const perSecond = 4;
  const burst = (): number => {
    let count = 0;
    while (usage.publish(perSecond) === 0) count += 1;
    return count;
  };
  expect(burst()).toBe(perSecond * publishBurstSeconds);
  expect(usage.publish(perSecond)).toBe(250);
  clock.advance(249);
  expect(usage.publish(perSecond)).toBe(1);
  clock.advance(1);
  expect([usage.publish(perSecond), usage.publish(perSecond)]).toEqual([0, 250]);
  clock.advance(1_000);
  expect(burst()).toBe(perSecond);
  clock.advance(3_600_000);
  expect(burst()).toBe(perSecond * publishBurstSeconds);
});

test('a rate below one in ten seconds lets one through at a time', () => {
  const clock = new ManualClock();
  const usage = new Usage(clock);
  expect([usage.publish(0.01), usage.publish(0.01)]).toEqual([0, 100_000]);
  clock.advance(100_000);
  expect([usage.publish(0.01), usage.publish(0.01)]).toEqual([0, 100_000]);
  expect(usage.publish(Infinity)).toBe(0);
});

test('a subscription that is over makes room for one, however often that is said', () => {
  const usage = new Usage(new ManualClock());
  const [first, second] = [usage.subscribe(2), usage.subscribe(2)];
  expect([first, second, usage.subscribe(2)]).toEqual([expect.any(Function), expect.any(Function), null]);
  first?.();
  first?.();
  expect(usage.subscriptions).toBe(1);
  expect([usage.subscribe(2), usage.subscribe(2)]).toEqual([expect.any(Function), null]);
});

test('of 100,000 subscriptions a principal gets its own, and nothing is kept of the others', () => {
  const usage = new Usage(new ManualClock());
  let opened = 0;
  for (let asked = 0; asked < 100_000; asked += 1) if (usage.subscribe(5) !== null) opened += 1;
  expect([opened, usage.subscriptions]).toEqual([5, 5]);
});

test('for each figure the first rule that is about somebody and says it counts', () => {
  const rules = [
    { principals: [nameGlob('a')], groups: [], ghosts: 1 },
    { principals: [], groups: [nameGlob('b')], ghosts: 2, locks: 3 },
    { principals: [nameGlob('*')], groups: [], ghosts: 4, subscriptions: 5 },
  ];
  expect(quotaOf(rules, 'a', ['b'])).toEqual({ ...unlimited, ghosts: 1, locks: 3, subscriptions: 5 });
  expect(quotaOf(rules, 'c', ['b'])).toEqual({ ...unlimited, ghosts: 2, locks: 3, subscriptions: 5 });
  expect(quotaOf(rules, 'c', [])).toEqual({ ...unlimited, ghosts: 4, subscriptions: 5 });
  expect(quotaOf([], 'c', [])).toEqual(unlimited);
  const forests = [
    { forests: [nameGlob('x')], nodes: 1 },
    { forests: [nameGlob('*')], nodes: 2, bytes: 3 },
  ];
  expect(forestQuotaOf(forests, 'x')).toEqual({ nodes: 1, bytes: 3 });
  expect(forestQuotaOf(forests, 'y')).toEqual({ nodes: 2, bytes: 3 });
  expect(forestQuotaOf([], 'y')).toEqual(unlimitedForest);
});
