/** Goal: counts of modes are those of a plain list, whatever comes and goes. Method: random additions and removals beside a list. */
import { expect, test } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import { supremum } from './lock-mode.ts';
import type { ModeNumber } from './lock-mode.ts';
import { ModeCounts } from './mode-counts.ts';

test('the supremum is that of all that were added and not taken away again', () => {
  const random = seededRandom(7);
  const counts = new ModeCounts();
  const list: ModeNumber[] = [];
  let mixed = 0;
  for (let step = 0; step < 5_000; step += 1) {
    const taken = random.below(7) < list.length ? list.splice(random.below(list.length), 1)[0] : undefined;
    if (taken !== undefined) counts.count(taken, -1);
    else {
      const mode = random.below(5) as ModeNumber;
      list.push(mode);
      counts.count(mode, 1);
    }
    const sum = list.reduce<ModeNumber | -1>((so, mode) => (so === -1 ? mode : supremum(so, mode)), -1);
    expect(counts.mode, list.join()).toBe(sum);
    expect(counts.isMixed).toBe(new Set(list).size > 1);
    if (counts.isMixed) mixed += 1;
  }
  expect(mixed).toBeGreaterThan(1_000);
});
