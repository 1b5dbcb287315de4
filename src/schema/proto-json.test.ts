/**
 * Goal: a message and its ProtoJSON stand for one another without loss, and JSON that is no such message is refused field by field.
 * Method: descriptor sets by `buf`, random messages through both ways, and a table of what is wrong.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { buildProtos, encoded } from '../../test/support/schemas.ts';
import { jsonFormBytesMax } from '../base/limits.ts';
import { messageFromJson, messageToJson } from './proto-json.ts';

const longName = `COLOR_${'X'.repeat(200)}`;
const set = buildProtos({
  'acme/v1/acme.proto': `syntax = "proto3";
package acme.v1;
import "google/protobuf/any.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
message Note {
  string claim = 1;
  repeated string sources = 2;
  double confidence = 3;
  int64 seen = 4;
  map<string, uint64> counts = 5;
  repeated fixed64 ids = 6;
  Part part = 7;
  repeated Part parts = 8;
  map<int32, Part> by_number = 9;
  optional bool is_sure = 10;
  oneof kind { string word = 11; uint64 number = 12; }
  Color color = 13;
  repeated Color colors = 14;
  google.protobuf.Any any = 15;
  google.protobuf.Struct struct = 16;
  google.protobuf.Timestamp time = 17;
  google.protobuf.Int64Value wrapped = 18;
  bytes data = 19;
  google.protobuf.DoubleValue ratio = 20;
}
message Part { sint64 size = 1; string name_of_it = 2; float weight = 3; }
enum Color { COLOR_UNSPECIFIED = 0; COLOR_RED = 1; ${longName} = 2; }
`,
});
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, set));
const note = registry.getMessage('acme.v1.Note');
if (note === undefined) throw new Error('there is no acme.v1.Note');
const type = { descriptor: note, registry };

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const told = (json: Parameters<typeof encoded>[1]) => messageToJson(type, latin1(encoded(note, json)));

function taken(text: string): Uint8Array {
  const bytes = messageFromJson(type, text);
  if (!(bytes instanceof Uint8Array))
    throw new Error(bytes.map(({ subject, message }) => `${subject}: ${message}`).join('; '));
  return bytes;
}

/** Subjects and rules of what is wrong. */
function refused(text: string): string[] {
  const problems = messageFromJson(type, text);
  return problems instanceof Uint8Array ? [] : problems.map(({ subject, rule }) => `${subject} ${rule}`);
}

const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
const words = fc.string({ unit: 'grapheme' });
const part = fc.record(
  { size: int64, nameOfIt: words, weight: fc.float({ noNaN: true, noDefaultInfinity: true }) },
  { requiredKeys: [] },
);
const notes = fc.record(
  {
    claim: words,
    sources: fc.array(words),
    confidence: fc.double({ noNaN: true, noDefaultInfinity: true }),
    seen: int64,
    counts: fc.dictionary(words, uint64),
    ids: fc.array(uint64),
    part,
    parts: fc.array(part),
    byNumber: fc.dictionary(fc.integer().map(String), part),
    isSure: fc.boolean(),
    word: words,
    colors: fc.array(fc.constantFrom('COLOR_RED', 7)),
    wrapped: int64,
  },
  { requiredKeys: [] },
);

describe('a message as JSON', () => {
  test('comes back as the same bytes', () => {
    fc.assert(
      fc.property(notes, (json) => {
        const bytes = toBinary(note, fromBinary(note, encoded(note, json)));
        const text = messageToJson(type, latin1(bytes));
        if (typeof text === 'string') throw new Error(text);
        expect(latin1(taken(text.json))).toBe(latin1(bytes));
      }),
      { seed: 20_261_121, numRuns: 300 },
    );
  });

  test('is canonical: names in lower camel case, 64 bits in quotes, defaults and unknown fields left out', () => {
    const json = {
      claim: 'x',
      seen: '9007199254740993',
      byNumber: { 7: { nameOfIt: 'y' } },
      color: 1,
      data: 'AQI=',
    };
    const bytes = Buffer.concat([encoded(note, json), Buffer.of(0xfa, 0x7f, 1, 0x78)]);
    const text = messageToJson(type, latin1(bytes));
    expect(text).toEqual({
      json: '{"claim":"x","seen":"9007199254740993","byNumber":{"7":{"nameOfIt":"y"}},"color":"COLOR_RED","data":"AQI="}',
    });
  });

  test('is not there where ProtoJSON has none', () => {
    const any = Buffer.concat([Buffer.of(0x7a, 12, 10, 10), Buffer.from('x/no.Where')]);
    expect(messageToJson(type, latin1(any))).toBe('no_json');
    // The year 10,000.
    const time = Buffer.from('8a0107088092b8c398fe06', 'hex');
    time[2] = time.length - 3;
    expect(messageToJson(type, latin1(time))).toBe('no_json');
    expect(messageToJson(type, latin1(Uint8Array.of(10, 200)))).toBe('no_json');
  });

  test('is not there where it would be very large', () => {
    const colors = (count: number) => told({ colors: new Array<number>(count).fill(2) });
    const each = longName.length + 3;
    const most = Math.floor((jsonFormBytesMax - 20) / each);
    expect(colors(most)).toMatchObject({ json: expect.stringContaining(longName) as string });
    expect(colors(most + 10)).toBe('too_large');
    expect(colors(1_000_000)).toBe('too_large');
  });
});

describe('JSON as a message', () => {
  test('may name fields as the proto does, and write 64-bit integers as numbers, exactly', () => {
    const text = `{"seen": -9223372036854775808, "counts": {"a": 18446744073709551615}, "ids": [9007199254740993, 1],
      "parts": [{"size": 9007199254740993, "name_of_it": "x"}], "by_number": {"1": {"size": -9007199254740993}},
      "wrapped": 9007199254740993, "number": 18446744073709551615}`;
    const exact = {
      seen: '-9223372036854775808',
      counts: { a: '18446744073709551615' },
      ids: ['9007199254740993', '1'],
      parts: [{ size: '9007199254740993', nameOfIt: 'x' }],
      byNumber: { 1: { size: '-9007199254740993' } },
      wrapped: '9007199254740993',
      number: '18446744073709551615',
    };
    expect(latin1(taken(text))).toBe(latin1(encoded(note, exact)));
  });

  test('takes large integers as doubles where a field is one, next to exact ones', () => {
    const text = `{"seen": 9007199254740993, "confidence": 100000000000000000000, "part": {"weight": 16777216000000000000},
      "ratio": 12345678901234567890, "struct": {"a": [9007199254740993]}}`;
    const exact = {
      seen: '9007199254740993',
      confidence: 1e20,
      part: { weight: 16777216000000000000 },
      ratio: Number('12345678901234567890'),
      struct: { a: [9007199254740992] },
    };
    expect(latin1(taken(text))).toBe(latin1(encoded(note, exact)));
  });

  test('is exact inside an Any as well', () => {
    const any = (size: string): string =>
      `{"any":{"@type":"type.googleapis.com/acme.v1.Part","size":${size}}}`;
    expect(latin1(taken(any('9007199254740993')))).toBe(latin1(taken(any('"9007199254740993"'))));
    const wrapped = (value: string): string =>
      `{"any":{"@type":"type.googleapis.com/google.protobuf.Int64Value","value":${value}}}`;
    expect(latin1(taken(wrapped('9007199254740993')))).toBe(latin1(taken(wrapped('"9007199254740993"'))));
  });

  test.each([
    ['an unknown field', '{"clam":"x","claim":"y"}', ['clam json.unknown_field']],
    [
      'fields of another kind',
      '{"claim":1,"confidence":"high","isSure":"yes"}',
      ['claim json', 'confidence json', 'is_sure json'],
    ],
    ['an item of a list', '{"sources":["a",1,"b",null]}', ['sources[1] json', 'sources[3] json']],
    [
      'what is inside',
      '{"part":{"size":"x","nme":1},"parts":[{},{"weight":[]}]}',
      ['part.size json', 'part.nme json.unknown_field', 'parts[1].weight json'],
    ],
    [
      'entries of maps',
      '{"counts":{"a":-1},"byNumber":{"x":{},"2":{"size":true}}}',
      ['counts["a"] json', 'by_number["2"].size json', 'by_number["x"] json'],
    ],
    ['two of one oneof', '{"word":"a","number":1}', [' json']],
    ['a key that is there twice', '{"claim":"a","claim":"b"}', [' json']],
    ['a field by both its names', '{"isSure":true,"is_sure":true}', [' json']],
    ['a number beyond 64 bits', '{"seen":9223372036854775808}', ['seen json']],
    ['a fraction', '{"seen":1.5}', ['seen json']],
    ['a time that is none', '{"time":"yesterday"}', ['time json']],
    [
      'a name of an enum that is none',
      '{"color":"COLOR_BLUE","colors":["COLOR_RED","x"]}',
      ['color json', 'colors[1] json'],
    ],
    ['an Any of what is not known', '{"any":{"@type":"x/no.Where"}}', ['any json']],
    ['half a surrogate pair', '{"claim":"\\ud800"}', ['claim json']],
    ['a list', '[]', [' json']],
    ['null', 'null', [' json']],
    ['a number', '7', [' json']],
  ])('is refused for %s', (_, text, problems) => {
    expect(refused(text)).toEqual(problems);
  });

  test('is refused for a hundred things at the most, and for one where it is large', () => {
    expect(refused(JSON.stringify({ sources: new Array<number>(500).fill(1) }))).toHaveLength(100);
    expect(refused(JSON.stringify({ sources: new Array<number>(100_000).fill(1) }))).toEqual([' json']);
  });
});
