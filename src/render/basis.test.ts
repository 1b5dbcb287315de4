/**
 * Goal: a basis names everything that was shown, in few entries, and never less than that. Method: cases worked out by hand, and seeded
 * random sets of paths folded to random bounds.
 */
import { describe, expect, it } from 'vitest';

import { seededRandom } from '../base/random.ts';
import { parsePattern } from '../trie/pattern.ts';
import { formatPath, isWithin } from '../trie/path.ts';
import { basisSteps } from './basis.ts';
import type { BasisRead } from './basis.ts';
import type { Part } from './part.ts';

function basisNow(...args: Parameters<typeof basisSteps>): BasisRead[] {
  const steps = basisSteps(...args);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

function partsOf(...patterns: readonly string[]): Part[] {
  return patterns.map((text) => {
    const pattern = parsePattern(text);
    if ('problem' in pattern) throw new Error(pattern.problem);
    return { patterns: [pattern], priority: 0, tokensMax: Infinity };
  });
}

function basis(
  patterns: readonly string[],
  shown: readonly string[],
  {
    partial = [],
    gone = [],
  }: { readonly partial?: readonly boolean[]; readonly gone?: readonly string[] } = {},
  entriesMax = 1_000,
): string[] {
  const state = {
    parts: partsOf(...patterns),
    isPartial: partial,
    shown: new Set(shown),
    gone: new Set(gone),
  };
  return basisNow(state, entriesMax).map(({ path, extent }) => `${extent} ${formatPath(path)}`);
}

describe('a basis', () => {
  it('has one entry for a subtree that was shown whole', () => {
    expect(basis(['/a/**'], ['/a/x', '/a/y/z'])).toEqual(['subtree /a']);
    expect(basis(['/**'], ['/a'])).toEqual(['subtree /']);
  });

  it('names the nodes where something of a subtree was left out', () => {
    expect(basis(['/a/**'], ['/a/x', '/a/y/z'], { partial: [true] })).toEqual(['node /a/x', 'node /a/y/z']);
  });

  it('names the nodes of a pattern with wildcards in the middle, and those that are gone', () => {
    expect(basis(['/*/x'], ['/a/x', '/b/x'], { gone: ['/c/x'] })).toEqual([
      'node /a/x',
      'node /b/x',
      'absent /c/x',
    ]);
  });

  it('says that there was nothing where a plain path has no value', () => {
    expect(basis(['/a/x', '/a/y'], ['/a/x'])).toEqual(['absent /a/y', 'node /a/x']);
  });

  it('says nothing twice', () => {
    expect(basis(['/a/**', '/a/b/**', '/a/b/c', '/z'], ['/a/b/c', '/z'])).toEqual(['subtree /a', 'node /z']);
  });

  it('folds siblings into their parent, those with the most of them first', () => {
    const many = ['/m/1', '/m/2', '/m/3', '/f/1', '/f/2'];
    expect(basis(['/*/*'], many, {}, 4)).toEqual(['subtree /m', 'node /f/1', 'node /f/2']);
    expect(basis(['/*/*'], many, {}, 2)).toEqual(['subtree /m', 'subtree /f']);
    expect(basis(['/*/*'], many, {}, 1)).toEqual(['subtree /']);
  });

  it('keeps its bound and covers all that was shown, whatever that is', () => {
    const random = seededRandom(3);
    for (let round = 0; round < 300; round += 1) {
      const shown = Array.from({ length: 1 + random.below(200) }, () => {
        const depth = 1 + random.below(5);
        return `/${Array.from({ length: depth }, () => `s${random.below(5)}`).join('/')}`;
      });
      const entriesMax = 1 + random.below(20);
      const state = {
        parts: partsOf('/*/**'),
        isPartial: [false],
        shown: new Set(shown),
        gone: new Set<string>(),
      };
      const entries = basisNow(state, entriesMax);
      expect(entries.length).toBeLessThanOrEqual(entriesMax);
      for (const text of shown) {
        const path = text.slice(1).split('/');
        const isTold = entries.some((entry) =>
          entry.extent === 'subtree' ? isWithin(path, entry.path) : formatPath(entry.path) === text,
        );
        expect(isTold, `${text} in round ${round}`).toBe(true);
      }
    }
  });
});
