/**
 * Goal: numbers of each type are read, added to and written as Protobuf does. Method: the edges of each type, against the bytes
 * that protobuf-es writes.
 */
import { create, ScalarType as T, toBinary } from '@bufbuild/protobuf';
import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import { AnySchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, test } from 'vitest';
import { scalarTypes } from './message-field.ts';
import type { ScalarType } from './message-field.ts';
import { isZero, numberBytes, sameScalar, scalarOf, scalarText, scalarTypeOf, sumOf } from './scalar.ts';
import { MalformedMessage, scanFields, varintBytes, varintValue } from './wire-scan.ts';

const [min32, max32, min64, max64] = [-(2n ** 31n), 2n ** 31n - 1n, -(2n ** 63n), 2n ** 63n - 1n];
const [top32, top64] = [2n ** 32n - 1n, 2n ** 64n - 1n];
const integers: readonly [ScalarType, bigint, bigint][] = [
  ['int32', min32, max32],
  ['sint32', min32, max32],
  ['sfixed32', min32, max32],
  ['uint32', 0n, top32],
  ['fixed32', 0n, top32],
  ['int64', min64, max64],
  ['sint64', min64, max64],
  ['sfixed64', min64, max64],
  ['uint64', 0n, top64],
  ['fixed64', 0n, top64],
];

function written(write: (writer: BinaryWriter) => BinaryWriter): string {
  return Buffer.from(write(new BinaryWriter()).finish()).toString('latin1');
}

function bytesBy(type: ScalarType, value: bigint): string {
  const is64 = type.endsWith('64');
  return written((writer) => {
    const method = writer[type as 'int32'].bind(writer) as (value: number | bigint) => BinaryWriter;
    return method(is64 ? value : Number(value));
  });
}

describe.each(integers)('%s', (type, min, max) => {
  const values = [min, max, 0n, 1n, 127n, 128n, 300n, ...(min < 0n ? [-1n, -300n] : [])];

  test('is written and read as protobuf-es does', () => {
    for (const value of values) {
      const bytes = numberBytes(value, type);
      expect(Buffer.from(bytes, 'latin1')).toEqual(Buffer.from(bytesBy(type, value), 'latin1'));
      expect(scalarOf(bytes, type)).toBe(value);
    }
  });

  test('is added to within its range', () => {
    expect(sumOf(max, 1n, type)).toBeNull();
    expect(sumOf(min, -1n, type)).toBeNull();
    expect(sumOf(max, -1n, type)).toBe(max - 1n);
    expect(sumOf(5n, -5n, type)).toBe(0n);
    expect(sumOf(min, 0n, type)).toBe(min);
  });
});

describe('real numbers', () => {
  test.each([0, -0, 1.5, -1e300, 5e-324, Infinity, NaN])('%d is written and read as a double', (value) => {
    const bytes = numberBytes(value, 'double');
    expect(bytes).toBe(written((writer) => writer.double(value)));
    expect(scalarOf(bytes, 'double')).toBe(value);
  });

  test('a float is rounded to its own precision', () => {
    expect(sumOf(Math.fround(0.1), 0.2, 'float')).toBe(Math.fround(Math.fround(0.1) + 0.2));
    expect(scalarOf(numberBytes(0.5, 'float'), 'float')).toBe(0.5);
    expect(numberBytes(0.1, 'float')).toBe(written((writer) => writer.float(0.1)));
  });

  test('a sum that is not finite is none', () => {
    expect(sumOf(1.7e308, 1.7e308, 'double')).toBeNull();
    expect(sumOf(3e38, 3e38, 'float')).toBeNull();
    expect(sumOf(NaN, 1, 'double')).toBeNull();
    expect(sumOf(Infinity, -1, 'double')).toBeNull();
  });

  test('NaN is the same as NaN and -0 as 0', () => {
    expect(sameScalar(NaN, NaN)).toBe(true);
    expect(sameScalar(-0, 0)).toBe(true);
    expect(sameScalar(0, 0n)).toBe(false);
    expect([isZero(-0), isZero(0n), isZero(''), isZero(NaN), isZero('0')]).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});

test('types have the numbers of descriptors', () => {
  for (const [type, number] of Object.entries(scalarTypes)) expect(scalarTypeOf(number)).toBe(type);
  expect([T.DOUBLE, T.INT64, T.STRING, T.BYTES, T.SINT64].map((each) => scalarTypeOf(each))).toEqual([
    'double',
    'int64',
    'string',
    'bytes',
    'sint64',
  ]);
  expect(scalarTypeOf(10)).toBeUndefined();
});

test('values are told as JSON', () => {
  expect(scalarText(1n, 'bool')).toBe('true');
  expect(scalarText(-5n, 'int64')).toBe('-5');
  expect(scalarText(NaN, 'double')).toBe('"NaN"');
  expect(scalarText('\xc3\xa9"', 'string')).toBe('"é\\""');
  expect(scalarText('abc', 'bytes')).toBe('"3 bytes"');
});

describe('the wire', () => {
  test('varints go both ways', () => {
    for (const value of [0n, 127n, 128n, top32, max64, top64])
      expect(varintValue(varintBytes(value))).toBe(value);
    expect(varintBytes(-1n)).toBe(varintBytes(top64));
  });

  test('fields are found where they are', () => {
    const any = toBinary(AnySchema, create(AnySchema, { typeUrl: 'a/b', value: new Uint8Array(200) }));
    const seen: [number, number, number][] = [];
    const data = Buffer.from(any).toString('latin1');
    scanFields(data, ({ number, start, end }) => seen.push([number, start, end]));
    expect(seen).toEqual([
      [1, 0, 5],
      [2, 5, data.length],
    ]);
    expect(new BinaryReader(any).tag()).toEqual([1, 2]);
  });

  test.each([
    ['cut off in a tag', '\x80'],
    ['cut off in a number', '\x08\x80'],
    ['cut off in a length', '\x0a\x80'],
    ['shorter than it says', '\x0a\x05ab'],
    ['cut off in a fixed one', '\x0d\x00'],
    ['of field 0', '\x00\x00'],
    ['of an unknown wire type', '\x0e'],
    ['the end of a group that never began', '\x0c'],
    ['a group without an end', '\x0b\x08\x01'],
    ['a group that ends as another', '\x0b\x14'],
    ['groups in groups without bound', '\x0b'.repeat(1_000)],
    ['a varint of eleven bytes', `\x08${'\x80'.repeat(10)}\x01`],
    ['a length beyond 32 bits', '\x0a\xff\xff\xff\xff\x0f'],
  ])('what is %s is no message', (_name, data) => {
    expect(() => scanFields(data, () => undefined)).toThrow(MalformedMessage);
  });
});
