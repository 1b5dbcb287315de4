/** Goal: reading the journal again leaves the event loop to others. Method: a clock that only events and the test move. */
import { expect, test } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { publish, put } from '../../test/support/forests.ts';
import { Machine } from '../../test/support/machine.ts';
import { eventsOf } from '../state/describe.ts';
import type { ForestEvent } from '../state/event.ts';
import { Follower } from './follower.ts';

const events = 100;

function history(): ForestEvent[] {
  const machine = new Machine();
  return Array.from({ length: events }, (_, index) => {
    const command = publish([put(`/a/${index}`, 'x')]);
    const { effects } = machine.applied(command);
    return eventsOf({ position: index + 1, timeMs: 0, command }, effects, null);
  }).flat();
}

test.each([
  ['a tenth of the time while the event loop rests', 0, 900],
  ['a twentieth while it is busy', 0.5, 1_900],
  ['hardly any while it is full', 1, 9_900],
])('takes %s', async (_, othersShare, expectedMs) => {
  const clock = new ManualClock();
  const taken: ForestEvent[] = [];
  const told = history();
  const follower = new Follower({
    clock: {
      nowMs: () => clock.nowMs(),
      monotonicMs: () => clock.monotonicMs() + taken.length,
      setTimer: (delayMs, callback) => clock.setTimer(delayMs, callback),
    },
    past: {
      view: () => ({ position: events }),
      oldestPosition: 0,
      async *readEvents() {
        for (const event of told) yield [event];
      },
    },
    busyMs: () => clock.monotonicMs() * othersShare + taken.length,
    take: (event) => void taken.push(event),
    hasRoom: () => true,
    hasRoomForPast: () => true,
    onRoomForPast: (callback) => callback(),
  });
  follower.start(0);
  for (let turn = 0; taken.length < told.length; turn += 1) {
    expect(turn, 'it goes on').toBeLessThan(20_000);
    clock.advance(1);
    await new Promise(setImmediate);
  }
  // Two milliseconds a slice, so the last pause is not waited for.
  expect(clock.monotonicMs()).toBeGreaterThan(expectedMs * 0.9);
  expect(clock.monotonicMs()).toBeLessThan(expectedMs * 1.1);
});
