/**
 * Goal: the index finds what a map would, whatever comes and goes, and tells ids apart by their hashes. Method: random
 * additions and removals beside a map, from a printed seed; few slots, so that runs of taken places wrap and break often.
 */
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../base/random.ts';
import { RequestIndex } from './request-index.ts';

interface Held {
  readonly id: string;
}

describe.each([20261121, 7])('beside a map (seed %i)', (seed) => {
  test('finds each id in its slot, and nothing else, while requests come and go and the seed changes', () => {
    const random = seededRandom(seed);
    const ring: (Held | undefined)[] = [];
    const byId = new Map<string, number>();
    const index = new RequestIndex(random.below(2 ** 32));
    for (let step = 0; step < 40_000; step += 1) {
      // Grows to a few thousand, shrinks to nearly none, and again.
      const slot = random.below(step % 10_000 < 6_000 ? 3_000 : 50);
      const held = ring[slot];
      if (held === undefined) {
        const id = `${'ab'.repeat(random.below(3))}${random.below(6_000)}`;
        expect(index.find(id, ring)).toBe(byId.get(id) ?? -1);
        if (byId.has(id)) continue;
        ring[slot] = { id };
        byId.set(id, slot);
        index.add(id, slot);
      } else {
        expect(index.find(held.id, ring)).toBe(slot);
        index.remove(slot);
        ring[slot] = undefined;
        byId.delete(held.id);
        expect(index.find(held.id, ring)).toBe(-1);
      }
      if (step % 9_973 === 0) index.reseed(random.below(2 ** 32), ring);
    }
    for (const [id, slot] of byId) expect(index.find(id, ring)).toBe(slot);
    expect(byId.size).toBeGreaterThan(0);
  });
});

test('100,000 ids that differ in few characters have hashes of their own', () => {
  const ring: Held[] = [];
  const index = new RequestIndex(1);
  for (let slot = 0; slot < 100_000; slot += 1) {
    const id = `agent-7/session-12/${String(slot).padStart(9, '0')}/request`;
    ring.push({ id });
    index.add(id, slot);
  }
  let looked = 0;
  const counted = new Proxy(ring, {
    get(target, name, receiver): unknown {
      looked += 1;
      return Reflect.get(target, name, receiver);
    },
  });
  for (let slot = 0; slot < 100_000; slot += 997)
    expect(index.find(ring[slot]?.id ?? '', counted)).toBe(slot);
  // A slot is only looked into where the whole hash is alike: its own, and hardly ever another one.
  expect(looked).toBeLessThan(110);
});
