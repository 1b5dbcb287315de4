/** What the suite's own judge lets pass and what not: a judge that never says no would make every client conform. */
import { describe, expect, it } from 'vitest';

import { difference } from './match.ts';
import { fieldAt, fill } from './values.ts';

describe('an answer', () => {
  it.each([
    ['fields that nobody asked for', { a: 1, b: 2 }, { a: 1 }],
    ['a 64-bit integer as text', { revision: '9007199254740993' }, { revision: '9007199254740993' }],
    ['a number for a text of digits', { revision: '7' }, { revision: 7 }],
    ['a list item by item', { nodes: [{ path: '/a', x: 1 }] }, { nodes: [{ path: '/a' }] }],
    ['anything', { id: 'x' }, { id: { $any: true } }],
    ['a number that is not below', { n: '12' }, { n: { $least: 12 } }],
    ['a size', { n: [1, 2] }, { n: { $size: 2 } }],
    ['nothing where nothing is', { a: 1 }, { b: null }],
  ])('passes with %s', (_, actual, expected) => {
    expect(difference(actual, expected)).toBeUndefined();
  });

  it.each([
    ['another value', { a: 1 }, { a: 2 }, 'it.a is 1 instead of 2'],
    ['a field that is missing', {}, { a: { b: 1 } }, 'it.a is nothing instead of a message'],
    ['a longer list', { n: [1, 2] }, { n: [1] }, 'it.n has 2 items instead of 1: [1,2]'],
    ['a shorter list', { n: [] }, { n: [1] }, 'it.n has 0 items instead of 1: []'],
    ['another order', { n: [1, 2] }, { n: [2, 1] }, 'it.n[0] is 1 instead of 2'],
    ['an empty text for anything', { id: '' }, { id: { $any: true } }, 'it.id is "" instead of something'],
    ['zero for anything', { id: '0' }, { id: { $any: true } }, 'it.id is "0" instead of something'],
    ['a number below', { n: '11' }, { n: { $least: 12 } }, 'it.n is "11" instead of at least 12'],
    ['something where nothing should be', { a: {} }, { a: null }, 'it.a is {} instead of nothing'],
    ['a text for nothing', { a: '' }, { a: null }, 'it.a is "" instead of nothing'],
    ['a neighbouring 64-bit integer', { r: '9007199254740993' }, { r: '9007199254740992' }, undefined],
  ])('does not pass with %s', (_, actual, expected, message) => {
    const found = difference(actual, expected);
    expect(found).toBeDefined();
    if (message !== undefined) expect(found).toBe(message);
  });
});

describe('a request', () => {
  const saved = new Map([['ghost', 'g1']]);

  it('takes saved values, whole and within texts', () => {
    expect(fill({ id: '${ghost}', path: '/x/${ghost}' }, saved)).toEqual({ id: 'g1', path: '/x/g1' });
  });

  it('takes bytes, long texts and joined ones', () => {
    const request = { a: { $utf8: 'é' }, b: { $fill: ['ab', 2] }, c: { $join: ['/', { $fill: ['x', 3] }] } };
    expect(fill(request, saved)).toEqual({ a: 'w6k=', b: 'abab', c: '/xxx' });
  });

  it('does not pass where nothing was saved', () => {
    expect(() => fill('${lock}', saved)).toThrow('nothing was saved as lock');
  });

  it('finds fields by their path', () => {
    expect(fieldAt({ nodes: [{ path: '/a' }] }, 'nodes.0.path')).toBe('/a');
    expect(fieldAt({ nodes: [] }, 'nodes.0.path')).toBeUndefined();
  });
});
