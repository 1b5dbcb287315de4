/** A message with every kind of field, random ones of it, and what the library makes of them: for tests of typed operations. */
import { clone, fromBinary, fromJson, toBinary } from '@bufbuild/protobuf';
import type { DescMessage, JsonValue, Message } from '@bufbuild/protobuf';
import { isReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import type { ReflectMessage } from '@bufbuild/protobuf/reflect';
import * as fc from 'fast-check';
import { acme, messageOf } from './schemas.ts';

/** The descriptor set that has it. */
export const allKindsSet = acme(`
enum Kind { KIND_UNSPECIFIED = 0; KIND_ONE = 1; KIND_TWO = 2; }
message All {
  option (hyperloom.v1.node).path = "/{session}/all/{name}";
  string text = 1; int32 i32 = 2; sint64 s64 = 3; fixed32 f32 = 4; double dbl = 5; bool flag = 6; bytes raw = 7; Kind kind = 8;
  repeated string words = 9; repeated int32 numbers = 10; repeated Inner inners = 11;
  map<string, int32> counts = 12; map<sint32, Inner> by_number = 13;
  Inner inner = 14;
  oneof choice { string a = 15; Inner b = 16; int32 c = 17; }
  optional int32 maybe = 18; optional string perhaps = 19;
  float flt = 20; uint64 u64 = 21; int64 i64 = 22; uint32 u32 = 23; sint32 s32 = 24; fixed64 f64 = 25; sfixed32 sf32 = 26; sfixed64 sf64 = 27;
  repeated Kind kinds = 30; repeated int32 loose = 31 [packed = false];
}
message Inner {
  string name = 1; int64 n = 2; repeated string tags = 3; Leaf leaf = 4;
  oneof pick { int32 x = 5; string y = 6; }
  map<bool, string> flags = 7;
}
message Leaf { string v = 1; uint32 w = 2; repeated double ds = 3; }
`);

/** The message. */
export const all: DescMessage = messageOf(allKindsSet, 'acme.v1.All');

const word = fc.constantFrom('', 'a', 'é', 'long '.repeat(40));
const int32 = fc.constantFrom(0, 1, -1, 300, 2 ** 31 - 1, -(2 ** 31));
const int64 = fc.constantFrom('0', '5', '-5', '9223372036854775807', '-9223372036854775808');
const some = <T>(each: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(each, { minLength: 0, maxLength: 3 });

const leaf = fc.record(
  { v: word, w: fc.nat(5), ds: some(fc.constantFrom(0, 1.5, -2)) },
  { requiredKeys: [] },
);
const inner = fc
  .record(
    {
      name: word,
      n: int64,
      tags: some(word),
      leaf,
      pick: fc.oneof(fc.record({ x: int32 }), fc.record({ y: word })),
      flags: fc.dictionary(fc.constantFrom('true', 'false'), word),
    },
    { requiredKeys: [] },
  )
  .map(flat('pick'));

/** ProtoJSON of random messages. */
export const allJson = fc
  .record(
    {
      text: word,
      i32: int32,
      s64: int64,
      f32: fc.nat(9),
      dbl: fc.constantFrom(0, 0.1, -1e300),
      flag: fc.boolean(),
      raw: fc.constantFrom('', 'AAE='),
      kind: fc.constantFrom('KIND_UNSPECIFIED', 'KIND_ONE', 'KIND_TWO'),
      words: some(word),
      numbers: some(int32),
      inners: some(inner),
      counts: fc.dictionary(fc.constantFrom('', 'k', 'l'), int32),
      byNumber: fc.dictionary(fc.constantFrom('0', '-3', '7'), inner),
      inner,
      choice: fc.oneof(fc.record({ a: word }), fc.record({ b: inner }), fc.record({ c: int32 })),
      maybe: int32,
      perhaps: word,
      kinds: some(fc.constantFrom('KIND_UNSPECIFIED', 'KIND_TWO')),
      loose: some(int32),
    },
    { requiredKeys: [] },
  )
  .map(flat('choice'));

function flat(key: string) {
  return (record: Record<string, unknown>): JsonValue => {
    const { [key]: chosen, ...rest } = record;
    return { ...rest, ...(chosen as object | undefined) } as JsonValue;
  };
}

/** Names that a mask may have. */
export const names = [
  ...all.fields.map(({ name }) => name),
  ...['name', 'n', 'tags', 'leaf', 'leaf.v', 'leaf.ds', 'x', 'y', 'flags'].flatMap((each) => [
    `inner.${each}`,
    `b.${each}`,
  ]),
];

/** A message in its bytes, with fields behind it that nobody knows. */
export function bytesOf(json: JsonValue, unknown = ''): string {
  return Buffer.from(toBinary(all, fromJson(all, json))).toString('latin1') + unknown;
}

/** The message that bytes are. */
export function read(data: string): Message {
  return fromBinary(all, Buffer.from(data, 'latin1'));
}

/** What the library makes of a merge with a mask: field by field set as in the patch, or cleared. */
export function mergedByMask(stored: Message, patch: Message, mask: readonly string[]): Message {
  const result = reflect(all, clone(all, stored));
  for (const name of mask) setAs(result, reflect(all, clone(all, patch)), name.split('.'));
  return result.message;
}

function setAs(target: ReflectMessage, source: ReflectMessage, [name, ...rest]: readonly string[]): void {
  const field = target.desc.fields.find((each) => each.name === name);
  if (field === undefined) throw new Error(`no field ${name}`);
  if (rest.length === 0) {
    if (source.isSet(field)) target.set(field, source.get(field));
    else target.clear(field);
    return;
  }
  if (field.fieldKind !== 'message') throw new Error(`${name} is no message`);
  const wasSet = target.isSet(field);
  const inside = wasSet ? target.get(field) : reflect(field.message);
  const from = source.isSet(field) ? source.get(field) : reflect(field.message);
  if (!isReflectMessage(inside) || !isReflectMessage(from)) throw new Error(`${name} holds no message`);
  setAs(inside, from, rest);
  const holds = inside.desc.fields.some((each) => inside.isSet(each));
  // What the patch does not have is only cleared, which makes nothing.
  if (wasSet || holds) target.set(field, inside);
}
