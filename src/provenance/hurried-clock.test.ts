/**
 * Goal: nothing that a stop waits for waits for a timer, since timers do not keep the process alive. Method: an index under a clock whose
 * timers never fire and on which every slice is used up, stopped in the middle of a merge.
 */
import { expect, test } from 'vitest';
import type { Clock } from '../base/clock.ts';
import { MemorySideFiles } from '../journal/memory/side-files.ts';
import { noEffects } from '../state/describe.ts';
import type { Publish } from '../state/command.ts';
import { HurriedClock } from './hurried-clock.ts';
import { Retained } from './retained.ts';
import { WholeIndex } from './whole-index.ts';

/** Every look at the time is a second later; nobody is ever woken. */
function deadClock(): Clock {
  let now = 0;
  return {
    nowMs: () => now,
    monotonicMs: () => (now += 1_000),
    setTimer: () => ({ cancel: () => undefined }),
  };
}

test('an index that is being merged is closed and kept without a timer', async () => {
  const beside = new MemorySideFiles();
  const options = {
    clock: deadClock(),
    beside,
    sizes: { tailEntries: 64, fanIn: 2, fileEntriesMin: 1_000, keptEntriesMin: 10 },
    source: { async *entries() {} },
    oldestPosition: () => 0,
    newestPosition: () => 500,
    retained: () => Retained.open(beside),
    baseOf: () => undefined,
  };
  const index = new WholeIndex(options);
  for (let position = 1; position <= 500; position += 1) {
    const operation = { kind: 'delete', path: ['a', `${position}`], scope: 'node' } as const;
    const words = { ghostId: '', preconditions: [], basis: [], label: '', author: '', request: null };
    const command: Publish = { kind: 'publish', operations: [operation], ...words };
    index.feed([
      { proposal: { position, timeMs: 0, command }, effects: { ...noEffects, revision: position } },
    ]);
  }
  await index.close();
  expect(await beside.names()).toEqual(['index-journal-00000001', 'index-journal.manifest']);
});

test('timers that wait fire once when there is haste, and those that were cancelled do not', () => {
  const clock = new HurriedClock(deadClock());
  const fired: string[] = [];
  clock.setTimer(1_000, () => fired.push('one'));
  clock.setTimer(1_000, () => fired.push('cancelled')).cancel();
  clock.hurry();
  clock.hurry();
  expect(fired).toEqual(['one']);
});
