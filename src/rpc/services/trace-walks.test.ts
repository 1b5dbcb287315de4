/** Goal: a kept walk is gone on with by nobody but who began it. Method: what `Trace` does with walks, without the walks. */
import { expect, test } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import type { TraceEntry } from '../../gen/hyperloom/v1/trace_pb.ts';
import type { Recorded } from '../../provenance/made.ts';
import type { Forest } from '../../sequencer/forest.ts';
import { type OpenWalk, TraceWalks } from './trace-walks.ts';

async function* nothing(): AsyncGenerator<TraceEntry | null> {
  await Promise.resolve();
  yield null;
}

const forest = { name: 'default' } as Forest;
const asked = { forest, principal: 'ada', fingerprint: 7 };
const walk = (): OpenWalk => ({ ...asked, start: {} as Recorded, entries: nothing(), told: 2 });

test('the same caller goes on with it, once', () => {
  const walks = new TraceWalks(seededRandom(1));
  const kept = walk();
  const number = walks.keep(kept);
  expect(walks.take(number, asked, 2)).toBe(kept);
  expect(walks.take(number, asked, 2)).toBeUndefined();
});

test.each([
  ['caller', { ...asked, principal: 'eve' }, 2],
  ['request', { ...asked, fingerprint: 8 }, 2],
  ['forest', { ...asked, forest: { name: 'default' } as Forest }, 2],
  ['page', asked, 1],
])('another %s does not, and takes it from nobody', (_what, other, told) => {
  const walks = new TraceWalks(seededRandom(1));
  const kept = walk();
  const number = walks.keep(kept);
  expect(walks.take(number, other, told)).toBeUndefined();
  expect(walks.take(number, asked, 2)).toBe(kept);
});

test('numbers are no counter, and a token can hold them', () => {
  const [walks, others] = [new TraceWalks(seededRandom(1)), new TraceWalks(seededRandom(2))];
  const numbers = Array.from({ length: 50 }, () => [walks.keep(walk()), others.keep(walk())]).flat();
  expect(new Set(numbers).size).toBe(100);
  expect(numbers.every((number) => Number.isSafeInteger(number) && number > 2 ** 32)).toBe(true);
});
