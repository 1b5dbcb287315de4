/**
 * Goal: what is kept of a history does not depend on how often it was compacted. Method: the same random history with overwritten values,
 * copies, removals and ghosts that live on or end, once compacted as it grows and once at its end alone.
 */
import { expect, test } from 'vitest';
import { begin, copy, openForest, publish, put, remove } from '../../test/support/forests.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { seededRandom } from '../base/random.ts';
import { MemoryJournal } from '../journal/memory/journal.ts';
import type { LiveForest } from '../sequencer/live-forest.ts';
import type { Command } from '../state/command.ts';
import { recordedIn, Retained } from './retained.ts';

const publishes = 400;
const compactEvery = 90;

async function done(forest: LiveForest, command: Command): Promise<void> {
  const { outcome } = await forest.propose(command);
  if (outcome.kind === 'rejected' && outcome.reason !== 'NODE_NOT_FOUND') throw new Error(outcome.message);
}

/** What is kept, in order, without positions: compactions take some. */
async function keptOf(seed: number, isCompactedOften: boolean): Promise<string[]> {
  const random = seededRandom(seed);
  const journal = new MemoryJournal();
  const forest = await openForest(journal, Infinity, seed, { clock: new ManualClock() });
  const ghostIds: string[] = [];
  const place = () => `/tree_${random.below(3)}/node_${random.below(40)}`;
  for (let index = 1; index <= publishes; index += 1) {
    if (index % 100 === 0) {
      const { outcome } = await forest.propose(begin(forest));
      if (outcome.kind === 'ghost_begun') ghostIds.push(outcome.ghostId);
    }
    const ghostId = random.below(4) === 0 ? (ghostIds[random.below(ghostIds.length)] ?? '') : '';
    const drawn = random.below(10);
    const [at, to] = [place(), place()];
    const operation =
      drawn === 0 ? remove(at) : drawn === 1 && at !== to ? copy(at, to) : put(at, `${index}`);
    await done(forest, publish([operation, put(place(), 'beside')], { ghostId }));
    if (isCompactedOften && index % compactEvery === 0) await forest.compact(0, null);
  }
  await forest.compact(0, null);
  const retained = await Retained.open(journal.beside);
  const told: string[] = [];
  for await (const batch of retained.all()) {
    for (const frame of batch) {
      const { proposal, effects } = recordedIn(frame);
      expect(frame.revision).toBe(effects.revision);
      told.push(JSON.stringify([proposal.command, proposal.timeMs, effects]));
    }
  }
  await forest.close();
  return told;
}

test('often compacted or once, the same is kept', async () => {
  for (let seed = 1; seed <= 8; seed += 1) {
    const once = await keptOf(seed, false);
    expect(once.length, `seed ${seed}`).toBeGreaterThan(50);
    expect(once.length, `seed ${seed}`).toBeLessThan(publishes);
    expect(await keptOf(seed, true), `seed ${seed}`).toEqual(once);
  }
});
