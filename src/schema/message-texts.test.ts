/**
 * Goal: all texts of a message are told with their fields, and nothing else is, whatever its bytes are. Method: messages of a descriptor set
 * that `buf` made, and bytes that are cut off or random.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { acme, encoded, messageOf } from '../../test/support/schemas.ts';
import { textsIn } from './message-texts.ts';

const set = acme(`
  message Note {
    string claim = 1;
    repeated string sources = 2;
    bytes raw = 3;
    int64 count = 4;
    Origin origin = 5;
    map<string, string> tags = 6;
    map<int32, Origin> pages = 7;
    map<string, double> marks = 8;
    repeated Origin others = 9;
    oneof kind { string one = 10; int32 two = 11; }
    Note inner = 12;
    Kind kind_of = 13;
    repeated fixed32 numbers = 14;
  }
  message Origin { string url = 1; int32 page = 2; }
  enum Kind { KIND_UNSPECIFIED = 0; KIND_GOOD = 1; }`);
const note = messageOf(set, 'acme.v1.Note');

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
const textsOf = (data: string) =>
  [...textsIn(note, data)].filter((told) => told !== null).map(({ field, text }) => `${field}: ${text}`);

describe('the texts of a message', () => {
  test('are those of its string fields, of messages in it, and of maps', () => {
    const data = encoded(note, {
      claim: 'Größe 😀',
      sources: ['a', 'b'],
      raw: 'bm90IGEgdGV4dA==',
      count: '5',
      origin: { url: 'u', page: 1 },
      tags: { key: 'tagged' },
      pages: { 1: { url: 'page' } },
      marks: { good: 1 },
      others: [{ url: 'v' }, {}],
      one: 'chosen',
      inner: { origin: { url: 'deep' } },
      kindOf: 'KIND_GOOD',
      numbers: [1, 2],
    });
    expect(textsOf(latin1(data)).sort()).toEqual([
      'claim: Größe 😀',
      'inner.origin.url: deep',
      'marks: good',
      'one: chosen',
      'origin.url: u',
      'others.url: v',
      'pages.url: page',
      'sources: a',
      'sources: b',
      'tags: key',
      'tags: tagged',
    ]);
  });

  test('of bytes that are cut off are those before', () => {
    const data = latin1(encoded(note, { claim: 'whole', sources: ['cut'] }));
    for (let length = 7; length < data.length; length += 1)
      expect(textsOf(data.slice(0, length))).toEqual(['claim: whole']);
  });

  test('of a message in a field that is longer than its field are left out', () => {
    // origin (field 5) of 2 bytes, in which the url says that it is of 9.
    expect(textsOf('\x2a\x02\x0a\x09claim and more')).toEqual([]);
  });

  test('of bytes that are no message are told without a mistake', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(Array.isArray(textsOf(latin1(bytes)))).toBe(true);
      }),
      { seed: 3, numRuns: 2_000 },
    );
  });

  test('that are nested deeper than messages may be are not looked for', () => {
    let data = '\x0a\x04deep';
    for (let depth = 0; depth < 5_000; depth += 1) {
      const length = data.length;
      data = `\x62${length < 128 ? String.fromCharCode(length) : String.fromCharCode((length & 127) | 128, length >> 7)}${data}`;
      if (length > 16_000) break;
    }
    expect(textsOf(data)).toEqual([]);
  });
});
