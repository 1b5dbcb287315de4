/** Goal: a file of access means what it says, and one that may mean something else is refused. Method: files with one mistake each. */
import { describe, expect, test } from 'vitest';
import { rightsOf } from './policy.ts';
import { parsePolicy } from './policy-file.ts';

const of = (text: string): ReturnType<typeof parsePolicy> => parsePolicy(text, 'f');

describe('a file of access is refused', () => {
  test.each([
    ['without a version', 'grants: []', /version/],
    ['of a later version', 'version: 2', /version/],
    ['with a word that it does not know', 'version: 1\ngrant: []', /grant/],
    ['with a permission that there is not', 'version: 1\ngrants: [{principals: a, may: [reads]}]', /may/],
    ['with a grant to nobody', 'version: 1\ngrants: [{may: all}]', /neither principals nor groups/],
    [
      'with a path that is no pattern',
      'version: 1\ngrants: [{principals: a, paths: a/b, may: all}]',
      /begins with/,
    ],
    [
      'with a pattern that ends in a half wildcard',
      'version: 1\ngrants: [{principals: a, paths: /a*/b*, may: all}]',
      /paths|whole/,
    ],
    ['with a key twice', 'version: 1\nversion: 1', /unique/i],
    ['with an alias', 'version: 1\na: &a {}\nb: *a', /alias/i],
    [
      'with a shared secret for tokens',
      'version: 1\njwt: [{issuer: a, audience: b, algorithms: [HS256], jwks: f}]',
      /algorithms/,
    ],
    [
      'with keys over plain http',
      'version: 1\njwt: [{issuer: a, audience: b, algorithms: [ES256], jwks: "http://x.example/k"}]',
      /https/,
    ],
    ['with the default forest for the audit', 'version: 1\naudit: {forest: default}', /audit.forest/],
    ['that is no YAML', 'version: [1', /f:/],
  ])('%s', (_what, text, message) => {
    expect(() => of(text)).toThrow(message);
  });
});

describe('grants', () => {
  const policy = of(`
version: 1
grants:
  - {principals: "*", forests: "*", paths: /public/**, may: read}
  - {principals: [a, "b.*"], paths: [/a/**, "/{principal}/x"], may: [read, write]}
  - {groups: ops, forests: [default, audit], may: all}
audit: {}
`);
  const may = (name: string, groups: string[], forest: string, path: string): string => {
    const rights = rightsOf(policy, name, groups).in(forest);
    const segments = path.split('/').slice(1);
    return [rights.may('read', segments) ? 'r' : '-', rights.may('write', segments) ? 'w' : '-'].join('');
  };

  test.each([
    ['a', [], 'default', '/a', 'rw'],
    ['a', [], 'default', '/ab', '--'],
    ['a', [], 'default', '/a/x', 'rw'],
    ['b.1', [], 'default', '/b.1/x', 'rw'],
    ['bb1', [], 'default', '/a', '--'],
    ['b/1', [], 'default', '/b/1/x', '--'],
    ['*', [], 'default', '/a', '--'],
    ['x', [], 'default', '/public/y', 'r-'],
    ['x', [], 'other', '/public/y', 'r-'],
    ['x', [], 'audit', '/public/y', '--'],
    ['x', ['ops'], 'default', '/anything', 'rw'],
    ['x', ['ops'], 'other', '/anything', '--'],
    ['x', ['ops'], 'audit', '/anything', 'r-'],
  ])('%s in %j of %s at %s: %s', (name, groups, forest, path, expected) => {
    expect(may(name, groups, forest, path)).toBe(expected);
  });

  test('a whole subtree is covered by a pattern that ends in **, and by no other', () => {
    const rights = rightsOf(policy, 'a', []).in('default');
    expect(rights.mayAll('write', ['a'])).toBe(true);
    expect(rights.mayAll('write', ['a', 'b'])).toBe(true);
    expect(rights.mayAll('write', [])).toBe(false);
    expect(rights.mayAll('write', ['a2'])).toBe(false);
    expect(rights.mayAll('read', ['a', 'x'])).toBe(true);
    expect(rightsOf(policy, 'q', []).in('default').mayAll('write', ['q', 'x'])).toBe(false);
  });
});
