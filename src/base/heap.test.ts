/** Goal: the smallest comes first, whatever came in between. Method: random pushes, pops and filters against a sorted list. */
import { expect, test } from 'vitest';
import { Heap } from './heap.ts';
import { seededRandom } from './random.ts';

test('gives the smallest first, as a sorted list does', () => {
  const random = seededRandom(5);
  const heap = new Heap<{ readonly key: number }>(({ key }) => key);
  let list: number[] = [];
  for (let round = 0; round < 20_000; round += 1) {
    const dice = random.below(100);
    if (dice < 55) {
      const key = random.below(1_000);
      heap.push({ key });
      list.push(key);
    } else if (dice < 99) {
      list.sort((a, b) => a - b);
      expect(heap.peek()?.key).toBe(list[0]);
      expect(heap.pop()?.key).toBe(list.shift());
    } else {
      heap.filter(({ key }) => key % 3 !== 0);
      list = list.filter((key) => key % 3 !== 0);
    }
    expect(heap.size).toBe(list.length);
  }
});

test('an empty heap has nothing', () => {
  const heap = new Heap<number>((key) => key);
  expect([heap.peek(), heap.pop(), heap.size]).toStrictEqual([undefined, undefined, 0]);
});
