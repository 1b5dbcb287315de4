/** Goal: however many agents and trees there are, the meters stay within their bounds, and everyone always has the same one. */
import { expect, test } from 'vitest';
import { meterAgentsMax, meterRowsPerForestMax, meterTreesMax } from '../base/limits.ts';
import { MeterTable } from './meter-table.ts';

const budgetOf = (rowsLeft: number, seriesLeft = 2) => ({ rowsLeft, seriesLeft });

test('each agent has a meter of its own in each tree, and always the same', () => {
  const table = new MeterTable(budgetOf(100));
  const rows = ['a', 'b'].flatMap((agent) => ['x', 'y'].map((tree) => table.row(agent, tree)));
  expect(new Set(rows).size).toBe(4);
  expect(rows.map(({ agent, tree }) => agent + tree)).toEqual(['ax', 'ay', 'bx', 'by']);
  expect(table.row('a', 'y')).toBe(rows[1]);
  expect(rows.every((row) => table.isWhole(row))).toBe(true);
  expect(rows[0]?.total).toBe(rows[2]?.total);
  expect(rows.map(({ hasSeries }) => hasSeries)).toEqual([true, true, false, false]);
});

test('10,000 agents have a thousand meters; those beyond are one with the unnamed', () => {
  const table = new MeterTable(budgetOf(100_000));
  const rows = Array.from({ length: 10_000 }, (_, index) => table.row(`agent_${index}`, 'tree'));
  expect(new Set(rows).size).toBe(meterAgentsMax + 1);
  const last = table.row('agent_9999', 'tree');
  expect([last.agent, last.tree]).toEqual(['', 'tree']);
  expect(last).toBe(table.row('', 'tree'));
  expect([table.isWhole(last), table.isWhole(table.row('agent_1', 'tree'))]).toEqual([false, true]);
});

test('trees beyond the first thousand are one for each agent, which has no history', () => {
  const table = new MeterTable(budgetOf(100_000));
  for (let index = 0; index < 5_000; index += 1) table.row('a', `tree_${index}`);
  expect(table.rows.length).toBe(meterTreesMax + 1);
  const folded = table.row('a', 'tree_4999');
  expect([folded.agent, folded.tree, folded.total]).toEqual(['a', '', null]);
  expect(table.isWhole(folded)).toBe(false);
  expect(table.row('b', 'tree_4999').agent).toBe('b');
});

test('a forest has a bounded number of meters, whoever works where', () => {
  const table = new MeterTable(budgetOf(100_000));
  for (let agent = 0; agent < 1_500; agent += 1)
    for (let tree = 0; tree < 20; tree += 1) table.row(`agent_${agent}`, `tree_${tree}`);
  expect(table.rows.length).toBeLessThanOrEqual(meterRowsPerForestMax + meterAgentsMax);
  expect(table.row('agent_900', 'tree_3')).toBe(table.row('agent_900', 'tree_4'));
  expect(table.row('agent_900', 'tree_3').agent).toBe('agent_900');
});

test('what all forests may have together bounds each, but for one meter of everybody', () => {
  const budget = budgetOf(3);
  const [one, other] = [new MeterTable(budget), new MeterTable(budget)];
  for (const agent of ['a', 'b', 'c', 'd']) one.row(agent, 'x');
  for (const agent of ['a', 'b']) other.row(agent, 'x');
  expect(one.rows.map(({ agent, tree }) => [agent, tree])).toEqual([
    ['a', 'x'],
    ['b', 'x'],
    ['c', 'x'],
    ['', ''],
  ]);
  expect(other.rows.map(({ agent, tree }) => [agent, tree])).toEqual([['', '']]);
  // A place that becomes free does not change who is counted where.
  one.close();
  expect(other.row('b', 'x').agent).toBe('');
  const third = new MeterTable(budget);
  expect(third.row('a', 'x').agent).toBe('a');
});
