/**
 * Tables for people: columns as wide as their content, numbers to the right. Where that is wider than the terminal, columns that may be
 * cut give way, the widest first; where it is too wide even so, each row becomes a block of lines, so that nothing else is lost.
 */
import type { Style } from './style.ts';
import { cutEnd, cutMiddle, padEnd, padStart, widthOf } from './width.ts';

/** A column of rows of type `Row`. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly align?: 'left' | 'right';
  /** Where its texts may be cut to save room: ids and numbers may not, since people copy them. */
  readonly cut?: 'end' | 'middle';
}

/** Between columns. */
const gap = '  ';
/** What is narrower says nothing any more. */
const cutWidthMin = 10;

/** The lines of a table, with its titles, at most `width` places wide where its columns can be cut so far. */
export function tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  style: Style,
  width = Infinity,
): readonly string[] {
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row)));
  const natural = columns.map(({ title }, index) =>
    cells.reduce((widest, row) => Math.max(widest, widthOf(row[index] ?? '')), widthOf(title)),
  );
  const widths = fitted(columns, natural, width);
  if (widths === undefined) return blockLines(columns, cells, style, width);
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, index) => {
        const [column, room] = [columns[index], widths[index] ?? 0];
        const shown = cutTo(text, room, column?.cut);
        return column?.align === 'right' ? padStart(shown, room) : padEnd(shown, room);
      })
      .join(gap)
      .trimEnd();
  return [style.dim(line(columns.map(({ title }) => title))), ...cells.map(line)];
}

/** Widths that fit; `undefined` where there are none. */
function fitted<Row>(
  columns: readonly Column<Row>[],
  natural: readonly number[],
  width: number,
): readonly number[] | undefined {
  const widths = [...natural];
  let excess = widths.reduce((sum, each) => sum + each, gap.length * (widths.length - 1)) - width;
  while (excess > 0) {
    const widest = widestToCut(columns, widths);
    if (widest === undefined) return undefined;
    const [at, spare] = widest;
    const less = Math.min(excess, spare);
    widths[at] = (widths[at] ?? 0) - less;
    excess -= less;
  }
  return widths;
}

/** The widest column that can give way, and by how much: to the width of the next widest at most, so that all give alike. */
function widestToCut<Row>(
  columns: readonly Column<Row>[],
  widths: readonly number[],
): readonly [at: number, spare: number] | undefined {
  const can = widths
    .map((width, at) => ({ at, width, least: Math.max(cutWidthMin, widthOf(columns[at]?.title ?? '')) }))
    .filter(({ at, width, least }) => columns[at]?.cut !== undefined && width > least)
    .sort((a, b) => b.width - a.width);
  const [first, second] = can;
  if (first === undefined) return undefined;
  const next = Math.max(first.least, second?.width ?? 0);
  return [first.at, Math.max(1, first.width - next)];
}

/** A line for each cell that says something, behind its title. */
function blockLines<Row>(
  columns: readonly Column<Row>[],
  cells: readonly (readonly string[])[],
  style: Style,
  width: number,
): readonly string[] {
  const titleWidth = Math.max(...columns.map(({ title }) => widthOf(title)));
  return cells.flatMap((row, index) => [
    ...(index > 0 ? [''] : []),
    ...row.flatMap((text, at) => {
      const { title = '', cut } = columns[at] ?? {};
      if (text === '') return [];
      const room = Math.max(cutWidthMin, width - titleWidth - gap.length);
      return [`${style.dim(padEnd(title, titleWidth))}${gap}${cutTo(text, room, cut)}`];
    }),
  ]);
}

function cutTo(text: string, width: number, cut: 'end' | 'middle' | undefined): string {
  if (cut === undefined) return text;
  return cut === 'middle' ? cutMiddle(text, width) : cutEnd(text, width);
}
