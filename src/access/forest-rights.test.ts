/** Goal: which children of a node are allowed is told without looking at them. Method: patterns of all shapes against each name in turn. */
import { expect, test } from 'vitest';
import { parsePath } from '../trie/path.ts';
import type { Path } from '../trie/path.ts';
import { parsePattern } from '../trie/pattern.ts';
import type { Pattern } from '../trie/pattern.ts';
import { ForestRights } from './forest-rights.ts';

const patterns = '/ /** /a /a/b /a/* /a/** /*/b /*/* /**/b /a/**/b /*/b/** /a/b/** /**/* /**/b/**'.split(' ');
const paths = '/ /a /b /a/b /a/c /b/b /a/b/c /a/c/b'.split(' ');
const names = ['a', 'b', 'c', 'other'];

test.each(patterns)('children at %s are those at which it is allowed', (text) => {
  const read = [pattern(text)];
  const rights = new ForestRights({ read, write: [], ghost: [], lock: [], approve: [], admin: [] });
  for (const path of paths.map(place)) {
    const allowed = rights.children('read', path);
    for (const name of names) {
      const told = allowed === 'all' || allowed.has(name);
      expect([path, name, told]).toEqual([path, name, rights.may('read', [...path, name])]);
    }
  }
});

function pattern(text: string): Pattern {
  const parsed = parsePattern(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed;
}

function place(text: string): Path {
  const parsed = parsePath(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed;
}
