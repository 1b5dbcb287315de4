/**
 * Goal: what is done to a message in its bytes is what Protobuf's own library does to the message. Method: random messages of
 * every kind of field, unknown ones among them; the operation on the bytes, and the same by the library on what it has read.
 */
import { equals, fromBinary, mergeFromBinary, toBinary } from '@bufbuild/protobuf';
import type { Message } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { all, allJson, bytesOf, mergedByMask, names, read } from '../../test/support/all-kinds.ts';
import { amend } from '../state/values/amend.ts';
import type { FieldChange } from '../state/values/message-field.ts';
import { fieldBytes } from '../state/values/wire-scan.ts';
import { appendChanges, fieldOf, maskChanges, mergeChanges } from './fields.ts';
import type { FieldProblem } from './fields.ts';

const runs = { seed: 20_261_121, numRuns: 400 };
/** Fields of a newer version: a number, a text, a group. */
const unknown = fc.constantFrom(
  '',
  fieldBytes(100, 0, '\x07'),
  fieldBytes(101, 2, 'new') + fieldBytes(101, 2, 'er'),
  fieldBytes(102, 3, fieldBytes(1, 0, '\x01') + fieldBytes(102, 4, '')),
);

function found(changes: readonly FieldChange[] | FieldProblem): readonly FieldChange[] {
  if ('problem' in changes) throw new Error(changes.problem);
  return changes;
}

/** What is not as expected, and nothing where all is. */
function differences(data: string, expected: Message): string[] {
  const isEqual = equals(all, read(data), expected);
  // Of different numbers the order means nothing.
  const knowsEqual = JSON.stringify(unknownOf(read(data))) === JSON.stringify(unknownOf(expected));
  // No byte more than an encoder would take: what was replaced is gone.
  const isShort = data.length === toBinary(all, expected).length;
  return [isEqual ? [] : 'fields', knowsEqual ? [] : 'unknown fields', isShort ? [] : 'bytes'].flat();
}

function unknownOf({ $unknown = [] }: Message): unknown[] {
  return $unknown
    .map(({ no, wireType, data }) => ({ no, wireType, data: Buffer.from(data).toString('hex') }))
    .sort((a, b) => a.no - b.no);
}

describe('a merge', () => {
  test('without a mask is what the library merges', () => {
    fc.assert(
      fc.property(allJson, allJson, unknown, unknown, (stored, patch, more, newer) => {
        const [before, data] = [bytesOf(stored, more), bytesOf(patch, newer)];
        const expected = read(before);
        mergeFromBinary(all, expected, Buffer.from(data, 'latin1'));
        expect(
          differences(amend(before, data, found(mergeChanges(reflect(all, read(data))))), expected),
        ).toEqual([]);
      }),
      runs,
    );
  });

  test('with a mask sets and clears exactly the fields in it', () => {
    const masks = fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(allJson, allJson, unknown, masks, (stored, patch, more, mask) => {
        // A field takes those inside of it along, and a message can set one member of a oneof only.
        const outer = mask.filter((name) => !mask.some((other) => name.startsWith(`${other}.`)));
        const [before, data] = [bytesOf(stored, more), bytesOf(patch)];
        const expected = mergedByMask(read(before), read(data), clearingFirst(outer, read(data)));
        expect(differences(amend(before, data, found(maskChanges(all, mask))), expected)).toEqual([]);
      }),
      runs,
    );
  });

  test('joins the parts of a message that is in several', () => {
    const parts = fieldBytes(14, 2, fieldBytes(1, 2, 'a')) + fieldBytes(14, 2, fieldBytes(2, 0, '\x05'));
    const patch = bytesOf({ inner: { name: 'b' } });
    const after = amend(parts, patch, found(mergeChanges(reflect(all, read(patch)))));
    expect(after).toBe(bytesOf({ inner: { name: 'b', n: '5' } }));
  });

  test('takes the last member of a oneof for the one that is set', () => {
    const both = fieldBytes(16, 2, fieldBytes(1, 2, 'old')) + fieldBytes(15, 2, 'a');
    const patch = bytesOf({ b: { n: '1' } });
    expect(amend(both, patch, found(mergeChanges(reflect(all, read(patch)))))).toBe(patch);
  });
});

/** What clears goes first: the library would take back a member of a oneof that was set before. */
function clearingFirst(mask: readonly string[], patch: Message): string[] {
  const sets = (name: string): boolean => {
    const top = fieldOf(all, name.split('.')[0] ?? '');
    return !('problem' in top) && reflect(all, patch).isSet(top.field);
  };
  return mask.toSorted((a, b) => Number(sets(a)) - Number(sets(b)));
}

describe('an append', () => {
  test('is what the library merges of repeated fields', () => {
    const lists = allJson.map((json) => {
      const { words, numbers, inners, kinds, loose, inner } = json as Record<string, never>;
      const { tags } = (inner ?? {}) as { tags?: never };
      const nested = tags === undefined || (tags as []).length === 0 ? {} : { inner: { tags } };
      return JSON.parse(JSON.stringify({ words, numbers, inners, kinds, loose, ...nested })) as never;
    });
    fc.assert(
      fc.property(allJson, lists, unknown, (stored, patch, more) => {
        const [before, data] = [bytesOf(stored, more), bytesOf(patch)];
        fc.pre(data !== '');
        const expected = read(before);
        mergeFromBinary(all, expected, Buffer.from(data, 'latin1'));
        const changes = found(appendChanges(reflect(all, read(data))));
        expect(differences(amend(before, data, changes), expected)).toEqual([]);
        // Appending again and again leaves one packed field, however often.
        expect(
          differences(amend(amend(before, data, changes), data, changes), twice(expected, data)),
        ).toEqual([]);
      }),
      runs,
    );
  });

  test.each([
    ['a single field', { text: 'x' }, 'text is a string, not a repeated field'],
    ['a map', { words: ['x'], counts: { k: 1 } }, 'counts is a map, not a repeated field'],
    ['a single field of a message in it', { inner: { name: 'x', tags: ['y'] } }, 'inner.name is a string'],
    ['an empty message', { inner: {} }, 'inner is a acme.v1.Inner'],
    ['nothing', {}, 'nothing to append'],
  ])('with %s is none', (_name, json, problem) => {
    const told = appendChanges(reflect(all, read(bytesOf(json))));
    expect('problem' in told ? told.problem : 'none').toContain(problem);
  });

  test('with a field that the schema does not have is none', () => {
    const told = appendChanges(reflect(all, read(bytesOf({ words: ['x'] }, fieldBytes(100, 0, '\x07')))));
    expect('problem' in told ? told.problem : 'none').toContain('100');
  });
});

function twice(message: Message, data: string): Message {
  const result = fromBinary(all, toBinary(all, message));
  mergeFromBinary(all, result, Buffer.from(data, 'latin1'));
  return result;
}

describe('a name', () => {
  test.each([
    ['', 'has no field ""'],
    ['nothing', 'acme.v1.All has no field "nothing"'],
    ['i_32', 'has no field'],
    ['byNumber', 'has no field "byNumber"'],
    ['inner.', 'acme.v1.Inner has no field ""'],
    ['inner.nothing', 'acme.v1.Inner has no field "nothing"'],
    ['inners.name', '"inners" is a repeated field'],
    ['by_number.name', '"by_number" is a map'],
    ['text.length', '"text" is a string'],
    ['__proto__', 'has no field'],
  ])('such as "%s" is refused', (name, problem) => {
    const told = fieldOf(all, name);
    expect('problem' in told ? told.problem : 'found').toContain(problem);
  });

  test('leads through messages and knows the other members of a oneof', () => {
    const told = fieldOf(all, 'b.x');
    expect('problem' in told ? told : told.steps).toEqual([
      { number: 16, others: [15, 17] },
      { number: 5, others: [6] },
    ]);
  });
});
