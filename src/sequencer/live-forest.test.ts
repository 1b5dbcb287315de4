/**
 * Goal: nobody waits for what nobody asked for. Method: a forest on a memory journal whose work behind the answers is held back by hand.
 */
import { expect, test } from 'vitest';
import { openForest, publish, put } from '../../test/support/forests.ts';
import { systemClock } from '../base/clock.ts';
import { Meters } from '../meters/meters.ts';

test('a publish is answered before it is metered and indexed, and a trace in between misses nothing', async () => {
  const held: (() => void)[] = [];
  const meters = new Meters({
    clock: systemClock,
    cachedTokenPrice: 0.1,
    load: () => Promise.reject(new Error('nothing is counted here')),
    onFailure: () => undefined,
  });
  const forest = await openForest(undefined, Infinity, 1, {
    meters,
    behindAnswers: (work) => void held.push(work),
  });
  const published = (): number => forest.meters?.rows.reduce((sum, row) => sum + row.publishes, 0) ?? 0;
  const { outcome } = await forest.propose(publish([put('/a', 'one')]));
  expect(outcome).toMatchObject({ kind: 'published', revision: 1 });
  expect(published()).toBe(0);
  const asOf = forest.provenance.now();
  const traced = await forest.provenance.upstream({
    start: { kind: 'revision', revision: 1 },
    hops: 1,
    path: [],
    asOf,
  });
  expect(traced).toMatchObject({ start: { proposal: { position: 1 } } });
  for (const work of held) work();
  expect(published()).toBe(1);
  await forest.close();
  meters.close();
});
