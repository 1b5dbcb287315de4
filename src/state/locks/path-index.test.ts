/** Goal: the index knows the same paths as a plain map of texts. Method: random changes to both, compared after each. */
import { expect, test } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import { formatPath } from '../../trie/path.ts';
import { PathIndex } from './path-index.ts';

test('sets, deletes and subtree deletes leave the same paths as in a map, and no empty places', () => {
  const random = seededRandom(8);
  const index = new PathIndex<number>();
  const map = new Map<string, number>();
  for (let round = 0; round < 20_000; round += 1) {
    const path = Array.from({ length: random.below(5) }, () => 'abc'[random.below(3)] ?? 'a');
    const text = formatPath(path);
    const dice = random.below(10);
    if (dice < 6) {
      index.set(path, round);
      map.set(text, round);
    } else if (dice < 9) {
      expect(index.delete(path)).toBe(map.get(text));
      map.delete(text);
    } else {
      const removed = new Map<string, number>();
      index.deleteWithin(path, (at, value) => removed.set(formatPath(at), value));
      const within = [...map].filter(([at]) => at === text || at.startsWith(text === '/' ? '/' : `${text}/`));
      expect(removed).toEqual(new Map(within));
      for (const [at] of within) map.delete(at);
    }
    expect(index.size).toBe(map.size);
    expect(index.get(path)).toBe(map.get(text));
  }
  index.deleteWithin([], () => undefined);
  expect([index.size, index.root.isLeaf, index.root.value]).toStrictEqual([0, true, undefined]);
});
