/** What two texts differ in, line by line. */

/** A line of a difference. */
export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** Lines compared exactly; the middle of longer texts is told as removed and added whole, so that the work stays bounded. */
const linesMax = 1_500;

/** The lines of `after` with those of `before` that are gone: the longest common subsequence is kept. */
export function diffLines(before: string, after: string): readonly DiffLine[] {
  const left = before === '' ? [] : before.split('\n');
  const right = after === '' ? [] : after.split('\n');
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) start += 1;
  let end = 0;
  while (end < left.length - start && end < right.length - start && left.at(-1 - end) === right.at(-1 - end))
    end += 1;
  const middleLeft = left.slice(start, left.length - end);
  const middleRight = right.slice(start, right.length - end);
  const middle =
    middleLeft.length > linesMax || middleRight.length > linesMax
      ? [...lines('removed', middleLeft), ...lines('added', middleRight)]
      : align(middleLeft, middleRight);
  const tail = end === 0 ? [] : right.slice(-end);
  return [...lines('same', right.slice(0, start)), ...middle, ...lines('same', tail)];
}

function lines(kind: DiffLine['kind'], texts: readonly string[]): DiffLine[] {
  return texts.map((text) => ({ kind, text }));
}

function align(left: readonly string[], right: readonly string[]): readonly DiffLine[] {
  const width = right.length + 1;
  const lengths = new Uint16Array((left.length + 1) * width);
  const at = (row: number, column: number): number => lengths[row * width + column] ?? 0;
  for (let row = left.length - 1; row >= 0; row -= 1) {
    for (let column = right.length - 1; column >= 0; column -= 1) {
      lengths[row * width + column] =
        left[row] === right[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const out: DiffLine[] = [];
  let [row, column] = [0, 0];
  while (row < left.length || column < right.length) {
    const [gone, come] = [left[row], right[column]];
    if (gone !== undefined && gone === come) {
      out.push({ kind: 'same', text: gone });
      row += 1;
      column += 1;
    } else if (gone !== undefined && (come === undefined || at(row + 1, column) >= at(row, column + 1))) {
      out.push({ kind: 'removed', text: gone });
      row += 1;
    } else {
      out.push({ kind: 'added', text: come ?? '' });
      column += 1;
    }
  }
  return out;
}
