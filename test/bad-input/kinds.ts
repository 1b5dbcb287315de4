/** The ways in which a field can be bad, by its type: what to write in its place, as bytes. */
import { ScalarType } from '@bufbuild/protobuf';
import type { DescField } from '@bufbuild/protobuf';

import { bytesOf, delimited, tag, varint, wireTypeOf } from './wire.ts';
import { sampleOf } from './samples.ts';

/** One way, with the bytes that stand for the whole field. */
export interface Kind {
  readonly name: string;
  /** Made when it is asked for: some are megabytes. */
  readonly raw: () => Uint8Array;
}

const utf8 = new TextEncoder();
/** More than any list may hold. */
const tooMany = 20_001;

export function kindsOf(field: DescField): Kind[] {
  return [{ name: 'absent', raw: () => new Uint8Array(0) }, wrongWireType(field), ...byType(field)];
}

function byType(field: DescField): Kind[] {
  switch (field.fieldKind) {
    case 'scalar':
      return scalarKinds(field.scalar, field);
    case 'enum':
      return enumKinds(field.number);
    case 'message':
      return [
        { name: 'empty', raw: () => delimited(field.number, new Uint8Array(0)) },
        {
          name: 'bytes that are no message',
          raw: () => delimited(field.number, Uint8Array.of(0xff, 0xff, 0xff)),
        },
      ];
    case 'list':
      return listKinds(field);
    case 'map':
      return mapKinds(field.number);
  }
}

/** A field with another wire type than its own: Protobuf takes it for one that is not known. */
function wrongWireType(field: DescField): Kind {
  const raw = (): Uint8Array =>
    wireTypeOf(field) === 2
      ? Buffer.concat([tag(field.number, 0), varint(7n)])
      : delimited(field.number, utf8.encode('seven'));
  return { name: 'another wire type', raw };
}

function scalarKinds(scalar: ScalarType, { number, name }: DescField): Kind[] {
  const integer = (kind: string, value: bigint): Kind => ({
    name: kind,
    raw: () => Buffer.concat([tag(number, 0), varint(value)]),
  });
  const overlong = {
    name: 'a varint of eleven bytes',
    raw: () => Buffer.concat([tag(number, 0), Buffer.alloc(11, 0xff)]),
  };
  switch (scalar) {
    case ScalarType.STRING:
      return [...textKinds(number), ...(/path|scope/.test(name) ? pathKinds(number) : [])];
    case ScalarType.BYTES:
      return bytesKinds(number);
    case ScalarType.UINT64:
      return [integer('the largest', 2n ** 64n - 1n), integer('more than 2^53', 2n ** 53n + 1n), overlong];
    case ScalarType.INT64:
      return [integer('the largest', 2n ** 63n - 1n), integer('the least', -(2n ** 63n)), overlong];
    case ScalarType.UINT32:
    case ScalarType.INT32:
      return [
        integer('the largest', 2n ** 32n - 1n),
        integer('negative', -1n),
        integer('more than 32 bits', 2n ** 40n + 1n),
        overlong,
      ];
    case ScalarType.BOOL:
      return [integer('neither 0 nor 1', 2n), overlong];
    case ScalarType.DOUBLE:
      return [NaN, Infinity, -Infinity, 1.7e308, -0].map((value) => double(number, value));
    case ScalarType.FIXED32:
      return [{ name: 'all bits', raw: () => Buffer.concat([tag(number, 5), Buffer.alloc(4, 0xff)]) }];
    default:
      throw new Error(`no kinds are known for fields such as ${name}`);
  }
}

function double(number: number, value: number): Kind {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return {
    name: Object.is(value, -0) ? '-0' : String(value),
    raw: () => Buffer.concat([tag(number, 1), bytes]),
  };
}

function textKinds(number: number): Kind[] {
  const text = (kind: string, bytes: Uint8Array): Kind => ({
    name: kind,
    raw: () => delimited(number, bytes),
  });
  return [
    text('a name that nobody has', utf8.encode('nobody-has-this')),
    text('a space', utf8.encode(' ')),
    text('NUL', Uint8Array.of(0)),
    text('a line break', utf8.encode('a\nb')),
    text('100,000 letters', Buffer.alloc(100_000, 0x78)),
    text('invalid UTF-8', Uint8Array.of(0x2f, 0xff, 0xfe)),
    text('half a surrogate pair', Uint8Array.of(0x2f, 0xed, 0xa0, 0x80)),
    text('an overlong encoding', Uint8Array.of(0xc0, 0xaf)),
    text('__proto__', utf8.encode('__proto__')),
  ];
}

function pathKinds(number: number): Kind[] {
  const path = (kind: string, text: string): Kind => ({
    name: kind,
    raw: () => delimited(number, utf8.encode(text)),
  });
  return [
    path('the root', '/'),
    path('a relative path', 'a/b'),
    path('an empty segment', '/a//b'),
    path('a slash at the end', '/a/'),
    path('a dot', '/a/./b'),
    path('two dots', '/a/../b'),
    path('a star', '/a/*'),
    path('65 segments', '/a'.repeat(65)),
    path('a segment of 256 bytes', `/${'x'.repeat(256)}`),
    path('more than 4,096 bytes', `/${'x'.repeat(250)}`.repeat(17)),
    path('a control character', '/a\u0007'),
    path('the proto of objects', '/__proto__/constructor'),
  ];
}

function bytesKinds(number: number): Kind[] {
  const bytes = (kind: string, content: Uint8Array): Kind => ({
    name: kind,
    raw: () => delimited(number, content),
  });
  return [
    bytes('empty bytes', new Uint8Array(0)),
    bytes('no JSON', utf8.encode('{"a":')),
    bytes('not a number', utf8.encode('NaN')),
    bytes('invalid UTF-8', Uint8Array.of(0x22, 0xff, 0x22)),
    bytes('nesting of 600', utf8.encode('['.repeat(600) + ']'.repeat(600))),
    bytes('a number that is no double', utf8.encode('1e999')),
    bytes('two values', utf8.encode('1 2')),
    bytes('the same key twice', utf8.encode('{"a":1,"a":2}')),
    bytes('3 MiB', Buffer.from(`"${'x'.repeat(3 * 1024 * 1024)}"`)),
  ];
}

function enumKinds(number: number): Kind[] {
  return [
    { name: 'an unknown value', raw: () => Buffer.concat([tag(number, 0), varint(99n)]) },
    { name: 'a negative value', raw: () => Buffer.concat([tag(number, 0), varint(-1n)]) },
    { name: 'unspecified, said', raw: () => Buffer.concat([tag(number, 0), varint(0n)]) },
  ];
}

function listKinds(field: DescField & { readonly fieldKind: 'list' }): Kind[] {
  const item = itemOf(field);
  const kinds = [
    { name: 'too many items', raw: () => Buffer.concat(new Array<Uint8Array>(tooMany).fill(item)) },
    { name: 'the same item twice', raw: () => Buffer.concat([item, item]) },
  ];
  if (field.listKind === 'message')
    return [...kinds, { name: 'an empty item', raw: () => delimited(field.number, new Uint8Array(0)) }];
  if (field.listKind !== 'scalar') return kinds;
  const single = scalarKinds(field.scalar, field).map(({ name, raw }) => ({ name: `an item: ${name}`, raw }));
  return [...kinds, ...single, ...(field.name === 'patterns' ? patternKinds(field.number) : [])];
}

function itemOf(field: DescField & { readonly fieldKind: 'list' }): Uint8Array {
  if (field.listKind === 'message') return delimited(field.number, bytesOf(sampleOf(field.message)));
  if (field.listKind === 'scalar' && field.scalar === ScalarType.UINT64)
    return Buffer.concat([tag(field.number, 0), varint(1n)]);
  return delimited(field.number, utf8.encode(field.name === 'json' ? '1' : '/a'));
}

function patternKinds(number: number): Kind[] {
  const pattern = (kind: string, text: string): Kind => ({
    name: kind,
    raw: () => delimited(number, utf8.encode(text)),
  });
  return [
    pattern('a star inside a segment', '/a*/b'),
    pattern('three stars', '/***'),
    pattern('a relative pattern', '**'),
    pattern('65 stars', '/*'.repeat(65)),
    pattern('no pattern', ''),
  ];
}

function mapKinds(number: number): Kind[] {
  const entry = (key: Uint8Array, value: Uint8Array): Uint8Array =>
    delimited(number, Buffer.concat([delimited(1, key), value]));
  const truth = delimited(2, Uint8Array.of(0x20, 1));
  return [
    {
      name: 'the same key twice',
      raw: () => Buffer.concat([entry(utf8.encode('a'), truth), entry(utf8.encode('a'), truth)]),
    },
    { name: 'a key in invalid UTF-8', raw: () => entry(Uint8Array.of(0xff), truth) },
    { name: 'an entry without a value', raw: () => entry(utf8.encode('a'), new Uint8Array(0)) },
    { name: 'an entry without a key', raw: () => delimited(number, truth) },
  ];
}

/** Ways in which a message as a whole can be bad. `bytes` are those of a valid one. */
export function wholeKinds(bytes: Uint8Array, noise: (length: number) => Uint8Array): Kind[] {
  const behind = (name: string, more: Uint8Array): Kind => ({
    name,
    raw: () => Buffer.concat([bytes, more]),
  });
  const cuts = [1, 2, 3].map((at) => Math.floor((bytes.length * at) / 4)).filter((at) => at > 0);
  return [
    ...[...new Set(cuts)].map((at) => ({
      name: `cut off after ${at} bytes`,
      raw: () => bytes.subarray(0, at),
    })),
    ...[8, 64, 512].map((length) => ({ name: `${length} random bytes`, raw: () => noise(length) })),
    { name: 'empty message', raw: () => new Uint8Array(0) },
    behind('a field that is not known', delimited(12_345, utf8.encode('from the future'))),
    behind('field number 0', Uint8Array.of(0x00, 0x01)),
    behind('wire type 6', tag(15_000, 6)),
    behind('a group that does not end', tag(15_000, 3)),
    behind('the end of a group', tag(15_000, 4)),
    behind('1,000 groups in one another', Buffer.concat(new Array<Uint8Array>(1_000).fill(tag(15_000, 3)))),
    behind('a length beyond the end', Buffer.concat([tag(15_000, 2), varint(1_000_000n)])),
    behind('a length of 2^63', Buffer.concat([tag(15_000, 2), varint(2n ** 63n)])),
  ];
}
