/** Long work must neither hold the event loop up nor come to nothing beside it. Driven by a clock that stands still until it is moved. */
import { expect, test } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { Slices } from './slices.ts';

/** How long the slice behind turns of `turnsMs` lasts, in steps of a millisecond. */
async function sliceBehind(...turnsMs: readonly number[]): Promise<number> {
  const clock = new ManualClock();
  const slices = new Slices(clock);
  for (const turnMs of turnsMs) {
    while (!slices.isOver) clock.advance(1);
    const paused = slices.pause();
    clock.advance(turnMs);
    await paused;
  }
  let sliceMs = 0;
  for (; !slices.isOver; sliceMs += 1) clock.advance(1);
  return sliceMs;
}

test('beside short turns a slice is two milliseconds', async () => {
  expect(await sliceBehind(0)).toBe(2);
  expect(await sliceBehind(6, 6)).toBe(2);
});

test('beside long turns a slice is a third of one, up to sixteen milliseconds', async () => {
  expect(await sliceBehind(24, 24)).toBe(8);
  expect(await sliceBehind(400, 400)).toBe(16);
});

test('behind a single long turn a slice is as short as before', async () => {
  expect(await sliceBehind(6, 400)).toBe(2);
  expect(await sliceBehind(24, 400, 6)).toBe(2);
});
