/** What two patterns have in common, as patterns. */
import { anyDepth, anyOne } from './pattern.ts';
import type { Pattern } from './pattern.ts';

/**
 * Patterns that together match exactly the paths which one of `left` and one of `right` match. `null` where that takes more than
 * `countMax` of them: each `**` on both sides doubles what has to be looked at.
 */
export function intersectPatterns(
  left: readonly Pattern[],
  right: readonly Pattern[],
  countMax: number,
): Pattern[] | null {
  const found = new Map<string, Pattern>();
  const meeting = new Meeting(found, countMax);
  for (const { segments: a } of left) for (const { segments: b } of right) if (!meeting.of(a, b)) return null;
  return [...found.values()];
}

/** Steps of the search for each pattern that may come of it, before it is given up. */
const stepsPerPattern = 1_000;

class Meeting {
  readonly #found: Map<string, Pattern>;
  readonly #countMax: number;
  #steps = 0;

  constructor(found: Map<string, Pattern>, countMax: number) {
    this.#found = found;
    this.#countMax = countMax;
  }

  /** Adds what `a` and `b` have in common; false where that is too much. */
  of(a: readonly string[], b: readonly string[]): boolean {
    return this.#meet(a, 0, b, 0, []);
  }

  #meet(
    a: readonly string[],
    i: number,
    b: readonly string[],
    j: number,
    before: readonly string[],
  ): boolean {
    this.#steps += 1;
    if (this.#steps > this.#countMax * stepsPerPattern) return false;
    const [x, y] = [a[i], b[j]];
    if (x === undefined && y === undefined) return this.#add(before);
    if (x === anyDepth && y === anyDepth) {
      // Both take some segments; then one of them ends first.
      const both = withDepth(before);
      return this.#meet(a, i + 1, b, j, both) && this.#meet(a, i, b, j + 1, both);
    }
    if (x === anyDepth) return this.#deep(a, i, b, j, before);
    if (y === anyDepth) return this.#deep(b, j, a, i, before);
    if (x === undefined || y === undefined) return true;
    if (x === anyOne) return this.#meet(a, i + 1, b, j + 1, [...before, y]);
    if (y === anyOne || x === y) return this.#meet(a, i + 1, b, j + 1, [...before, x]);
    return true;
  }

  /** `deep` stands at a `**`, the other one at a single segment or at its end. */
  #deep(
    deep: readonly string[],
    i: number,
    other: readonly string[],
    j: number,
    before: readonly string[],
  ): boolean {
    const segment = other[j];
    if (segment !== undefined && !this.#meet(deep, i, other, j + 1, [...before, segment])) return false;
    return this.#meet(deep, i + 1, other, j, before);
  }

  #add(segments: readonly string[]): boolean {
    this.#found.set(segments.join('/'), { segments });
    return this.#found.size <= this.#countMax;
  }
}

function withDepth(segments: readonly string[]): readonly string[] {
  return segments.at(-1) === anyDepth ? segments : [...segments, anyDepth];
}
