/**
 * Tables for people: columns as wide as their content, numbers to the right. Where that is wider than the terminal, columns that may be
 * cut give way, the widest first; where it is too wide even so, columns that can be done without are left out; and where that does not
 * help either, each row becomes a block of lines with all of them.
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
  /** Left out where it is too wide even so, the lowest number first: of what can be seen elsewhere. */
  readonly dispensable?: number;
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
  const places = fittingPlaces(columns, natural, width);
  if (places === undefined) return blockLines(columns, cells, style, width);
  const line = (texts: readonly string[]): string =>
    places
      .map(({ at, room }) => {
        const column = columns[at];
        const shown = cutTo(texts[at] ?? '', room, column?.cut);
        return column?.align === 'right' ? padStart(shown, room) : padEnd(shown, room);
      })
      .join(gap)
      .trimEnd();
  return [style.dim(line(columns.map(({ title }) => title))), ...cells.map(line)];
}

/** A column that is shown, by its index, and how wide. */
interface Place {
  readonly at: number;
  readonly room: number;
}

/** As many columns as fit, with their widths; `undefined` where those that must be there do not. */
function fittingPlaces<Row>(
  columns: readonly Column<Row>[],
  natural: readonly number[],
  width: number,
): readonly Place[] | undefined {
  const order = columns
    .flatMap(({ dispensable }, at) => (dispensable === undefined ? [] : [{ dispensable, at }]))
    .sort((a, b) => a.dispensable - b.dispensable);
  for (let count = 0; count <= order.length; count += 1) {
    const without = new Set(order.slice(0, count).map(({ at }) => at));
    const shown = columns.flatMap((column, at) => (without.has(at) ? [] : [{ column, at }]));
    const widths = fitted(
      shown.map(({ column }) => column),
      shown.map(({ at }) => natural[at] ?? 0),
      width,
    );
    if (widths !== undefined) return shown.map(({ at }, index) => ({ at, room: widths[index] ?? 0 }));
  }
  return undefined;
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
