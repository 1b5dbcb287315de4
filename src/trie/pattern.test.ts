/** Goal: patterns mean what is said of them, everywhere they are used. Method: tables, and regular expressions as a model. */
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../base/random.ts';
import type { Random } from '../base/random.ts';
import { walk } from './iterate.ts';
import type { Visited } from './iterate.ts';
import { countNodeReads } from './node-reads.ts';
import { emptyRoot } from './node.ts';
import type { TrieNode } from './node.ts';
import { PatternIndex } from './pattern-index.ts';
import { formatPattern, matches, overlapsSubtree, parsePattern, subtreePattern } from './pattern.ts';
import type { Pattern } from './pattern.ts';
import { formatPath, isWithin, parsePath } from './path.ts';
import type { Path } from './path.ts';
import { Transaction } from './transaction.ts';
import { walkMatching } from './walk-matching.ts';

interface Entry {
  readonly id: number;
}

interface Pair {
  readonly pattern: Pattern;
  readonly subscriber: number;
}

function pattern(text: string): Pattern {
  const parsed = parsePattern(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed;
}

function path(text: string): Path {
  const parsed = parsePath(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed;
}

const segments = ['a', 'b', 'c'];

function randomPattern(random: Random): Pattern {
  const parts = Array.from(
    { length: random.below(5) },
    () => ['a', 'b', 'c', '*', '**'][random.below(5)] ?? 'a',
  );
  return { segments: parts.filter((part, at) => part !== '**' || parts[at - 1] !== '**') };
}

function randomPath(random: Random): Path {
  return Array.from({ length: random.below(6) }, () => segments[random.below(3)] ?? 'a');
}

/** A path as `/a/b`, the root as nothing; `*` and `**` as expressions over that. */
function modelOf({ segments }: Pattern): RegExp {
  const parts = segments.map((part) => (part === '**' ? '(/[^/]+)*' : part === '*' ? '/[^/]+' : `/${part}`));
  return new RegExp(`^${parts.join('')}$`);
}

function matchesModel(model: RegExp, path: Path): boolean {
  return model.test(path.map((segment) => `/${segment}`).join(''));
}

/** All paths of up to five segments: more than any pattern here can tell apart. */
const allPaths: Path[] = [[]];
for (const shorter of allPaths)
  if (shorter.length < 5) allPaths.push(...segments.map((segment) => [...shorter, segment]));

describe('parsing', () => {
  test.each(['/', '/a', '/*', '/**', '/a/*/c', '/a/**', '/**/x/**/y', '/größe/*', '/a*/b'])(
    'reads %s',
    (text) => {
      expect(formatPattern(pattern(text))).toBe(text);
    },
  );

  test.each([
    ['', 'begins with'],
    ['a/**', 'begins with'],
    ['/a/', 'ends with'],
    ['/a//b', 'empty'],
    ['/a/../b', 'no segment'],
    ['/a/*b', 'whole segments'],
    ['/***', 'whole segments'],
    ['/a/**/**', 'says the same'],
    ['/a\n', 'control character'],
    ['/\ud800', 'surrogate'],
    [`/${'x'.repeat(256)}`, 'longer than 255'],
    ['/*'.repeat(65), 'more than 64'],
    [`/${'x'.repeat(250)}`.repeat(17), 'longer than 4096'],
  ])('refuses %j', (text, words) => {
    const parsed = parsePattern(text);
    expect('problem' in parsed ? parsed.problem : parsed).toContain(words);
  });
});

describe('matching', () => {
  test.each([
    ['/a/**', '/a', true],
    ['/a/**', '/a/b/c', true],
    ['/a/b/**', '/a/bc', false],
    ['/a/b/**', '/a', false],
    ['/a', '/a/b', false],
    ['/a', '/a', true],
    ['/', '/', true],
    ['/', '/a', false],
    ['/**', '/', true],
    ['/*', '/', false],
    ['/*', '/a', true],
    ['/*', '/a/b', false],
    ['/a/*/c', '/a/b/c', true],
    ['/a/*/c', '/a/c', false],
    ['/**/c', '/c', true],
    ['/**/c', '/a/b/c', true],
    ['/**/c', '/a/c/b', false],
    ['/a/**/b/**/c', '/a/b/x/b/c', true],
  ])('%s matches %s: %s', (text, at, expected) => {
    expect(matches(pattern(text), path(at))).toBe(expected);
  });

  test('of a subtree takes the node and all below', () => {
    expect(formatPattern(subtreePattern(['a', 'b']))).toBe('/a/b/**');
    expect(formatPattern(subtreePattern([]))).toBe('/**');
  });

  test('agrees with regular expressions, for a node and for whole subtrees', () => {
    const seed = 21;
    const random = seededRandom(seed);
    for (let round = 0; round < 20_000; round += 1) {
      const [one, at] = [randomPattern(random), randomPath(random)];
      const name = `seed ${seed}: ${formatPattern(one)} at ${formatPath(at)}`;
      expect([name, matches(one, at)]).toEqual([name, matchesModel(modelOf(one), at)]);
    }
    for (let round = 0; round < 1_000; round += 1) {
      // Together short enough that whatever can match below is among `allPaths`.
      const at = randomPath(random).slice(0, 3);
      const one = { segments: randomPattern(random).segments.slice(0, 5 - at.length) };
      const model = modelOf(one);
      const expected = allPaths.some((other) => isWithin(other, at) && matchesModel(model, other));
      const name = `seed ${seed}: ${formatPattern(one)} below ${formatPath(at)}`;
      expect([name, overlapsSubtree(one, at)]).toEqual([name, expected]);
    }
  });
});

describe('the index of subscribers', () => {
  test('visits those who match, each once, and nobody after he left', () => {
    const random = seededRandom(22);
    const index = new PatternIndex<number>();
    const pairs: Pair[] = [];
    for (let round = 0; round < 3_000; round += 1) {
      const leaves = pairs.length > 60 || (pairs.length > 0 && random.below(3) === 0);
      const pair = leaves
        ? (pairs[random.below(pairs.length)] as Pair)
        : { pattern: randomPattern(random), subscriber: random.below(20) };
      const place = pairs.findIndex((one) => isSame(one, pair));
      const answer = leaves
        ? index.remove(pair.pattern, pair.subscriber)
        : index.add(pair.pattern, pair.subscriber);
      expect(answer).toBe(leaves || place < 0);
      if (leaves) pairs.splice(place, 1);
      else if (place < 0) pairs.push(pair);
      expect(index.size).toBe(pairs.length);
      const at = randomPath(random);
      expect(visitedBy((visit) => index.match(at, visit))).toEqual(
        subscribersOf(pairs.filter((pair) => matchesModel(modelOf(pair.pattern), at))),
      );
      expect(visitedBy((visit) => index.overlapping(at, visit))).toEqual(
        subscribersOf(pairs.filter((pair) => overlapsSubtree(pair.pattern, at))),
      );
    }
  });

  test('is not led into trying every way in which a pattern of many "**" could match', () => {
    const index = new PatternIndex<string>();
    const many = pattern('/**/a'.repeat(30));
    const long = Array.from({ length: 63 }, () => 'a');
    index.add(many, 'x');
    expect(visitedBy((visit) => index.match(long, visit))).toEqual(['x']);
    expect(visitedBy((visit) => index.match([...long, 'b'], visit))).toEqual([]);
    expect(matches(many, long)).toBe(true);
    expect(matches(many, [...long, 'b'])).toBe(false);
  });

  test('does not know who never came', () => {
    const index = new PatternIndex<string>();
    expect(index.remove(pattern('/a/**'), 'x')).toBe(false);
    index.add(pattern('/a/**'), 'x');
    expect(index.remove(pattern('/a'), 'x')).toBe(false);
    expect(index.remove(pattern('/a/**'), 'y')).toBe(false);
    expect(index.size).toBe(1);
  });

  test('is emptied wholly by those who leave: the same patterns come and go without end', () => {
    const index = new PatternIndex<string>();
    const texts = ['/', '/a/*/c', '/a/**', '/**/x', '/a/*/d/**'];
    for (const text of texts) index.add(pattern(text), 'x');
    for (const text of texts) index.remove(pattern(text), 'x');
    expect(visitedBy((visit) => index.overlapping([], visit))).toEqual([]);
    expect(index.size).toBe(0);
  });

  function visitedBy<S>(run: (visit: (subscriber: S) => void) => void): S[] {
    const visited: S[] = [];
    run((subscriber) => visited.push(subscriber));
    return visited.toSorted(byText);
  }

  function isSame(one: Pair, other: Pair): boolean {
    return one.subscriber === other.subscriber && formatPattern(one.pattern) === formatPattern(other.pattern);
  }

  function byText(a: unknown, b: unknown): number {
    return String(a) < String(b) ? -1 : 1;
  }

  function subscribersOf(pairs: readonly Pair[]): number[] {
    return [...new Set(pairs.map((pair) => pair.subscriber))].toSorted(byText);
  }
});

describe('walking', () => {
  function treeOf(random: Random): TrieNode<Entry> {
    const transaction = new Transaction<Entry>(emptyRoot(), 1);
    for (let id = 0; id < 100; id += 1) transaction.set(randomPath(random), { id });
    const root = transaction.commit();
    const later = new Transaction(root, 2);
    later.graft(
      ['b', 'a'],
      root.children === null ? root : ([...walk(root, { within: [] })][1]?.node ?? root),
    );
    return later.commit();
  }

  test('gives the matching nodes in order, from any place on', () => {
    const random = seededRandom(23);
    for (let round = 0; round < 2_000; round += 1) {
      const root = treeOf(random);
      const patterns = Array.from({ length: random.below(4) }, () => randomPattern(random));
      const after = random.below(2) === 0 ? undefined : randomPath(random);
      const models = patterns.map(modelOf);
      const expected = [...walk(root, { within: [], after })].filter((one) =>
        models.some((model) => matchesModel(model, one.path)),
      );
      const name = `${patterns.map(formatPattern).join(' ')} after ${after?.join('/')}`;
      expect([name, ...told(walkMatching(root, patterns, after))]).toEqual([name, ...told(expected)]);
    }
  });

  test('looks plain segments up instead of going through all children', () => {
    const transaction = new Transaction<Entry>(emptyRoot(), 1);
    for (let id = 0; id < 20_000; id += 1) transaction.set([`session_${id}`, 'notes'], { id });
    const root = transaction.commit();
    let nodesRead = 0;
    countNodeReads(root, () => (nodesRead += 1));
    const patterns = ['/session_77/**', '/none/*', '/session_5/notes'].map(pattern);
    expect(Array.from(walkMatching(root, patterns), (one) => formatPath(one.path))).toEqual([
      '/session_5/notes',
      '/session_77',
      '/session_77/notes',
    ]);
    expect(nodesRead).toBeLessThan(200);
  });

  function told(visited: Iterable<Visited<Entry>>): unknown[] {
    return Array.from(visited, ({ path, node, grafted }) => [formatPath(path), node.entry?.id, grafted]);
  }
});
