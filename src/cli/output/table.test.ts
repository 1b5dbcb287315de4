/** Goal: tables keep their columns under each other and within the terminal. Method: small tables at several widths. */
import { describe, expect, it } from 'vitest';

import { styleFor } from './style.ts';
import { tableLines, type Column } from './table.ts';
import { widthOf } from './width.ts';

interface Row {
  readonly id: string;
  readonly path: string;
  readonly bytes: number;
}

const columns: readonly Column<Row>[] = [
  { title: 'ID', cell: ({ id }) => id },
  { title: 'PATH', cell: ({ path }) => path, cut: 'middle' },
  { title: 'BYTES', align: 'right', cell: ({ bytes }) => String(bytes) },
];
const rows: readonly Row[] = [
  { id: 'one', path: '/session_1/memory/notes/about/the/weather', bytes: 5 },
  { id: '二', path: '/会議/メモ/とても長い名前のノード/最後', bytes: 1_234 },
];
const plain = styleFor(false);

describe('a table', () => {
  it('is as wide as its content where there is room', () => {
    expect(tableLines(columns, rows, plain)).toEqual([
      'ID   PATH                                       BYTES',
      'one  /session_1/memory/notes/about/the/weather      5',
      '二   /会議/メモ/とても長い名前のノード/最後      1234',
    ]);
  });

  it('cuts what may be cut and keeps the columns under each other', () => {
    for (let width = 25; width <= 60; width += 1) {
      const lines = tableLines(columns, rows, plain, width);
      expect(lines).toHaveLength(3);
      expect(new Set(lines.map(widthOf)).size).toBe(1);
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
      expect(lines[1]).toMatch(/^one {2}\/.* {5}5$/);
    }
  });

  it('becomes a block of lines a row where it is too wide even so', () => {
    expect(tableLines(columns, rows, plain, 20)).toEqual([
      'ID     one',
      'PATH   /sessi…eather',
      'BYTES  5',
      '',
      'ID     二',
      'PATH   /会議/…/最後',
      'BYTES  1234',
    ]);
  });

  it('leaves out what can be done without before that, as little of it as need be', () => {
    const dispensed: readonly Column<Row>[] = columns.map((column) =>
      column.title === 'ID' ? { ...column, dispensable: 2 } : { ...column, dispensable: 1 },
    );
    const titles = (width: number): readonly string[] =>
      tableLines(dispensed, rows, plain, width)[0]?.split(/ +/) ?? [];
    expect(titles(60)).toEqual(['ID', 'PATH', 'BYTES']);
    expect(titles(22)).toEqual(['ID', 'PATH', 'BYTES']);
    expect(titles(21)).toEqual(['ID', 'BYTES']);
    expect(titles(9)).toEqual(['ID']);
  });

  it('lets wide columns give way alike', () => {
    const two: readonly Column<string>[] = [
      { title: 'A', cell: (text) => text.repeat(30), cut: 'end' },
      { title: 'B', cell: (text) => text.repeat(50), cut: 'end' },
    ];
    expect(tableLines(two, ['x'], plain, 42)[1]).toBe(`${'x'.repeat(19)}…  ${'x'.repeat(19)}…`);
  });
});
