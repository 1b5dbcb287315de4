/** Goal: what waits for the journal leaves in order, and is kept by nobody once it has left. Method: entries made by hand. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { noEffects } from '../state/describe.ts';
import type { Entry } from '../state/values/value.ts';
import { emptyRoot } from '../trie/node.ts';
import { PendingQueue } from './pending.ts';
import type { Pending } from './pending.ts';

function pendingAt(position: number): Pending {
  return {
    position,
    root: emptyRoot<Entry>(),
    revision: position,
    events: [],
    effects: noEffects,
    proposal: null,
    bytes: 10,
    settle: null,
    submittedMs: 0,
    trace: null,
  };
}

test('everything up to a position is taken, in order, and what is behind it stays', () => {
  const queue = new PendingQueue();
  // A refusal has the position of the entry before it.
  for (const position of [1, 2, 2, 4]) queue.push(pendingAt(position));
  expect([queue.length, queue.bytes]).toEqual([4, 40]);
  expect(queue.takeUntil(0)).toEqual([]);
  expect(queue.takeUntil(3).map(({ position }) => position)).toEqual([1, 2, 2]);
  expect([queue.length, queue.bytes]).toEqual([1, 10]);
  queue.push(pendingAt(5));
  expect(queue.takeUntil(Infinity).map(({ position }) => position)).toEqual([4, 5]);
  expect([queue.length, queue.bytes]).toEqual([0, 0]);
});

test('what was taken is not kept alive by what still waits', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const queue = new PendingQueue();
  const root = ((): WeakRef<object> => {
    const first = pendingAt(1);
    queue.push(first);
    return new WeakRef(first.root);
  })();
  queue.push(pendingAt(2));
  queue.takeUntil(1);
  // A reference that was made in this turn of the event loop holds until its end.
  await turn();
  collect();
  expect(queue.length).toBe(1);
  expect(root.deref()).toBeUndefined();
});
