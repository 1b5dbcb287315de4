/**
 * Goal: whatever becomes of a list, its runs say just its items, and nothing that lies there is written twice without need. Method: random edits
 * from a seed, against a plain model of what lies where.
 */
import { expect, test } from 'vitest';
import { seededRandom } from '../../typescript/src/testing/seeded-random.ts';
import { planAnew, planGrown, planList, type KnownItem, type ListPlan } from './lists.ts';
import { runsMax } from './limits.ts';
import type { Run, Tail } from './record.ts';

/** Lists as they lie in the broker. */
class Lists {
  readonly #items = new Map<number, string[]>();
  tail: Tail | undefined;
  next = 1;
  written = 0;

  apply(plan: ListPlan): void {
    for (const { number, start, items } of plan.segments) {
      const list = this.#items.get(number) ?? [];
      expect(list).toHaveLength(start);
      this.#items.set(number, [...list, ...items]);
      this.written += items.length;
    }
    this.tail = plan.tail ?? this.tail;
    this.next = plan.next;
  }

  read(runs: readonly Run[]): string[] {
    return runs.flatMap(([number, from, to]) => {
      const items = (this.#items.get(number) ?? []).slice(from, to);
      expect(items).toHaveLength(to - from);
      return items;
    });
  }
}

function known(items: readonly string[]): KnownItem[] {
  return items.map((stored) => ({ stored }));
}

function put(lists: Lists, items: readonly string[], runs: readonly Run[]): readonly Run[] {
  const basis = { runs, items: known(lists.read(runs)), tail: lists.tail, next: lists.next };
  const plan = planList(items, basis);
  const hasGrown = basis.items.every(({ stored }, index) => stored === items[index]);
  // Who knows that a list has only grown need not look at what was there before.
  if (hasGrown && items.length > 0)
    expect(planGrown(items.slice(basis.items.length), basis) ?? planAnew(items, basis.next)).toEqual(plan);
  lists.apply(plan);
  expect(lists.read(plan.runs)).toEqual(items);
  expect(plan.runs.length).toBeLessThanOrEqual(runsMax);
  return plan.runs;
}

test('a list that grows stays one run, and each item is written once', () => {
  const lists = new Lists();
  let runs: readonly Run[] = [];
  const items: string[] = [];
  for (let turn = 0; turn < 300; turn += 1) {
    items.push(`"${turn}"`);
    runs = put(lists, items, runs);
  }
  expect(runs).toEqual([[1, 0, 300]]);
  expect(lists.written).toBe(300);
});

test('dropping the oldest, or changing one, writes only what is new', () => {
  const lists = new Lists();
  const first = put(lists, ['1', '2', '3', '4'], []);
  const dropped = put(lists, ['3', '4', '5'], first);
  expect(dropped).toEqual([[1, 2, 5]]);
  const changed = put(lists, ['3', '"new"', '5'], dropped);
  expect(lists.written).toBe(6);
  expect(put(lists, ['3', '4', '5'], dropped)).toEqual(dropped);
  expect(put(lists, ['3', '"new"', '5', '6'], changed)).toHaveLength(4);
});

test('two branches of one list do not write to the same place', () => {
  const lists = new Lists();
  const trunk = put(lists, ['1', '2', '3'], []);
  const longer = put(lists, ['1', '2', '3', '4'], trunk);
  const branch = put(lists, ['1', '2', '3', '"other"'], trunk);
  expect(lists.read(longer)).toEqual(['1', '2', '3', '4']);
  expect(branch).toEqual([
    [1, 0, 3],
    [2, 0, 1],
  ]);
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'random edits are read as they were made, with all that was before (seed %i)',
  (seed) => {
    const random = seededRandom(seed);
    const lists = new Lists();
    const versions: { readonly items: readonly string[]; readonly runs: readonly Run[] }[] = [
      { items: [], runs: [] },
    ];
    for (let step = 0; step < 150; step += 1) {
      const from = versions[random.below(3) === 0 ? random.below(versions.length) : versions.length - 1];
      if (from === undefined) throw new Error('there is always a version');
      const items = [...from.items];
      const at = random.below(items.length + 1);
      const kind = random.below(5);
      if (kind === 0) items.splice(at, random.below(4));
      else if (kind === 1) items.splice(at, 1, `"edit ${step}"`);
      else if (kind === 2) items.splice(0, random.below(3));
      else for (let more = random.below(4); more >= 0; more -= 1) items.push(`"${random.below(20)}"`);
      versions.push({ items, runs: put(lists, items, from.runs) });
    }
    for (const { items, runs } of versions) expect(lists.read(runs)).toEqual(items);
  },
);

test('items of another language are recognised by how this process would write them', () => {
  const plan = planList(['{"a":1}', '{"b":2}'], {
    runs: [[4, 0, 1]],
    items: [{ stored: '{"a": 1}', own: '{"a":1}' }],
    tail: [4, 1],
    next: 9,
  });
  expect(plan).toEqual({
    same: 1,
    runs: [[4, 0, 2]],
    segments: [{ number: 4, start: 1, items: ['{"b":2}'] }],
    tail: [4, 2],
    next: 9,
  });
});

test('what is large is written in segments', () => {
  const item = JSON.stringify('x'.repeat(100 * 1024));
  const { segments } = planAnew([item, item, item, item, item], 7);
  expect(segments.map(({ start, items }) => [start, items.length])).toEqual([
    [0, 2],
    [2, 2],
    [4, 1],
  ]);
});
