/** Goal: no more is under way than there are places, and nobody is forgotten. Method: work that ends when the test says so. */
import { describe, expect, it } from 'vitest';

import { Places } from './places.ts';

describe('places', () => {
  it('let so many work at once, the others in the order in which they came', async () => {
    const places = new Places(2);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const all = [0, 1, 2, 3].map((index) =>
      places.take(
        () =>
          new Promise<number>((resolve) => {
            begun.push(index);
            ends[index] = () => resolve(index);
          }),
      ),
    );
    expect(begun).toEqual([0, 1]);
    ends[1]?.();
    await all[1];
    await Promise.resolve();
    expect(begun).toEqual([0, 1, 2]);
    ends[0]?.();
    ends[2]?.();
    await Promise.all([all[0], all[2]]);
    await Promise.resolve();
    expect(begun).toEqual([0, 1, 2, 3]);
    ends[3]?.();
    expect(await Promise.all(all)).toEqual([0, 1, 2, 3]);
  });

  it('are given back by work that fails', async () => {
    const places = new Places(1);
    await expect(places.take(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await places.take(() => Promise.resolve(1))).toBe(1);
  });
});
