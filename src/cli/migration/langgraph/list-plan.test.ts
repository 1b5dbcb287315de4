/** Goal: what a plan says leads to the very list, whatever the parent's was, with no item stored twice where it need not be. Method: plans are carried out on lists in memory, for chains by hand and by chance. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { planList, type ListPlan, type Run, type Tail } from './list-plan.ts';

/** Lists by number as plans leave them, and how many items were stored. */
class Lists {
  readonly lists = new Map<number, string[]>();
  stored = 0;
  tail: Tail | undefined;
  next = 1;

  put(items: readonly string[], runs: readonly Run[]): ListPlan {
    const plan = planList(items, { runs, items: this.read(runs), tail: this.tail, next: this.next });
    for (const { number, start, items: added } of plan.segments) {
      const list = this.lists.get(number) ?? [];
      this.lists.set(number, list);
      expect(start).toBe(list.length);
      list.push(...added);
      this.stored += added.length;
    }
    this.tail = plan.tail ?? this.tail;
    this.next = plan.next;
    return plan;
  }

  read(runs: readonly Run[]): readonly string[] {
    return runs.flatMap(([number, from, to]) => (this.lists.get(number) ?? []).slice(from, to));
  }
}

describe('a list', () => {
  it('that grows is one run, and only what is new is stored', () => {
    const lists = new Lists();
    let runs: readonly Run[] = [];
    const items: string[] = [];
    for (let turn = 0; turn < 20; turn += 1) {
      items.push(`"${turn}"`);
      ({ runs } = lists.put(items, runs));
      expect(lists.read(runs)).toEqual(items);
    }
    expect({ runs, stored: lists.stored }).toEqual({ runs: [[1, 0, 20]], stored: 20 });
  });

  it('that forks goes on in a list of its own behind what both share', () => {
    const lists = new Lists();
    const { runs } = lists.put(['1', '2', '3'], []);
    const other = lists.put(['1', '2', '4'], runs);
    expect(other.runs).toEqual([
      [1, 0, 2],
      [1, 3, 4],
    ]);
    const third = lists.put(['1', '2', '3', '5'], runs);
    expect(third.runs).toEqual([
      [1, 0, 3],
      [2, 0, 1],
    ]);
    expect([runs, other.runs, third.runs].map((each) => lists.read(each))).toEqual([
      ['1', '2', '3'],
      ['1', '2', '4'],
      ['1', '2', '3', '5'],
    ]);
  });

  it('in more than 16 pieces is stored anew', () => {
    const lists = new Lists();
    const items = Array.from({ length: 40 }, (_, index) => String(index));
    const { runs } = lists.put(items, []);
    const halved = items.map((item, index) => (index % 2 === 0 ? item : `${item}0`));
    const plan = lists.put(halved, runs);
    expect(plan.runs).toEqual([[2, 0, 40]]);
    expect(lists.read(plan.runs)).toEqual(halved);
  });

  it('is what was put, in any chain', () => {
    const item = fc.constantFrom('1', '2', '3', '4', '5', '6');
    const chain = fc.array(fc.tuple(fc.nat({ max: 5 }), fc.array(item, { maxLength: 30 })), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(chain, (puts) => {
        const lists = new Lists();
        const versions: { readonly items: readonly string[]; readonly runs: readonly Run[] }[] = [];
        for (const [back, items] of puts) {
          const parent = versions.at(-1 - back) ?? { runs: [] };
          versions.push({ items, runs: lists.put(items, parent.runs).runs });
        }
        for (const { items, runs } of versions) expect(lists.read(runs)).toEqual(items);
      }),
      { seed: 20_261_122, numRuns: 300 },
    );
  });
});
