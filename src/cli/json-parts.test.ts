/** Goal: parts are the exact bytes that stood in the text. Method: texts with everything that could mislead a scanner. */
import { describe, expect, it } from 'vitest';

import { arrayItems, objectMembers } from './json-parts.ts';

describe('parts of a JSON text', () => {
  it('keeps numbers, escapes and white space as they are written', () => {
    const text =
      ' [ 1.0 ,\t-1e+400, 12345678901234567890, "\\u00e9 \\" ] }" ,{ "a" : [1, 2 ] }, null,true ] ';
    expect(arrayItems(text)).toEqual([
      '1.0',
      '-1e+400',
      '12345678901234567890',
      '"\\u00e9 \\" ] }"',
      '{ "a" : [1, 2 ] }',
      'null',
      'true',
    ]);
  });

  it('finds members with odd names, in their order, repeated ones too', () => {
    const text = '{"a\\"b":1,\n "c,}" :[{"d":"]"}], "a\\"b" : "\\\\"}';
    const members = objectMembers(text) ?? [];
    expect(members.map(({ name, start, end }) => [name, text.slice(start, end)])).toEqual([
      ['a"b', '1'],
      ['c,}', '[{"d":"]"}]'],
      ['a"b', '"\\\\"'],
    ]);
  });

  it.each([['[]'], ['[ \n ]']])('finds nothing in the empty array %j', (text) => {
    expect(arrayItems(text)).toEqual([]);
  });

  it('finds nothing in an empty object', () => {
    expect(objectMembers('{ }')).toEqual([]);
  });

  it('says when a text is neither', () => {
    expect(arrayItems('{"a":1}')).toBeUndefined();
    expect(objectMembers('"{}"')).toBeUndefined();
  });
});
