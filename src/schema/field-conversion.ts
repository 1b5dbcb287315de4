/** Which fields can take over one another's values without anybody saying so, and where digits would be lost. */
import { ScalarType } from '@bufbuild/protobuf';
import type { DescEnum, DescField, DescMessage, JsonValue } from '@bufbuild/protobuf';
import { DoubleValueSchema, FloatValueSchema, hasCustomJsonRepresentation } from '@bufbuild/protobuf/wkt';
import { hasSameDefault } from './breaking.ts';
import { fieldCalled } from './exact-integers.ts';

/** What a scalar is told as in ProtoJSON, with how much there is of it. */
type JsonClass = 'integer32' | 'integer64' | 'float' | 'double' | 'boolean' | 'string' | 'bytes';

/** Whether every value of `before` that `now` can hold means the same there, and `now` can hold what is usual in `before`. */
export function getsAlong(before: DescField, now: DescField): boolean {
  if (before.fieldKind === 'list' || now.fieldKind === 'list')
    return before.fieldKind === now.fieldKind && areAlike(before, now);
  if (before.fieldKind === 'map' || now.fieldKind === 'map') {
    if (before.fieldKind !== 'map' || now.fieldKind !== 'map') return false;
    return isTakenBy(before.mapKey, now.mapKey) && areAlike(before, now);
  }
  return hasSameDefault(before, now) && areAlike(before, now);
}

/** What a field, an item or a map's value is. */
function areAlike(before: DescField, now: DescField): boolean {
  if (before.message !== undefined)
    return now.message !== undefined && areMessagesAlike(before.message, now.message);
  if (before.enum !== undefined) return now.enum !== undefined && areNamesIn(before.enum, now.enum);
  if (before.scalar === undefined || now.scalar === undefined) return false;
  return isTakenBy(before.scalar, now.scalar);
}

/** What was found, since a message can be reached in very many ways. */
const known = new WeakMap<DescMessage, WeakMap<DescMessage, boolean>>();

/** Bound messages are not recursive, so this ends. */
function areMessagesAlike(before: DescMessage, now: DescMessage): boolean {
  const found = known.get(before) ?? new WeakMap<DescMessage, boolean>();
  known.set(before, found);
  const isAlike = found.get(now) ?? compareMessages(before, now);
  found.set(now, isAlike);
  return isAlike;
}

function compareMessages(before: DescMessage, now: DescMessage): boolean {
  if (hasCustomJsonRepresentation(before) || hasCustomJsonRepresentation(now))
    return before.typeName === now.typeName;
  return before.fields.every((field) => {
    const other = now.fields.find(({ name }) => name === field.name);
    return other !== undefined && getsAlong(field, other);
  });
}

/** ProtoJSON tells enums by name. */
function areNamesIn(before: DescEnum, now: DescEnum): boolean {
  if (before.open && !now.open) return false;
  const names = new Set(now.values.map(({ name }) => name));
  return before.values.every(({ name }) => names.has(name)) && before.values[0]?.name === now.values[0]?.name;
}

const wider: Readonly<Record<JsonClass, readonly JsonClass[]>> = {
  integer32: ['integer32', 'integer64', 'double'],
  integer64: ['integer64'],
  float: ['float', 'double'],
  double: ['double'],
  boolean: ['boolean'],
  string: ['string'],
  bytes: ['bytes'],
};

function isTakenBy(before: ScalarType, now: ScalarType): boolean {
  return wider[classOf(before)].includes(classOf(now));
}

function classOf(scalar: ScalarType): JsonClass {
  switch (scalar) {
    case ScalarType.INT32:
    case ScalarType.UINT32:
    case ScalarType.SINT32:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return 'integer32';
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return 'integer64';
    case ScalarType.FLOAT:
      return 'float';
    case ScalarType.DOUBLE:
      return 'double';
    case ScalarType.BOOL:
      return 'boolean';
    case ScalarType.STRING:
      return 'string';
    case ScalarType.BYTES:
      return 'bytes';
  }
}

/** Whether an integer in ProtoJSON would be rounded in `now`, at whatever depth, which is told of in no other way. */
export function losesDigits(was: DescField | undefined, now: DescField, json: JsonValue): boolean {
  const container = containerOf(now);
  const before = was !== undefined && containerOf(was) === container ? was : undefined;
  if (container === null) return valueLosesDigits(before, now, json);
  // Items and the values of a map alike.
  const values = typeof json === 'object' && json !== null ? Object.values(json) : [];
  return values.some((value) => valueLosesDigits(before, now, value));
}

function containerOf({ fieldKind }: DescField): 'list' | 'map' | null {
  return fieldKind === 'list' || fieldKind === 'map' ? fieldKind : null;
}

/** Of one item, or one value of a map, or the field itself. */
function valueLosesDigits(was: DescField | undefined, now: DescField, json: JsonValue): boolean {
  const floating = floatingOf(now);
  // Floating numbers are rounded as ProtoJSON rounds them.
  if (floating !== null) return (was === undefined || floatingOf(was) === null) && isRounded(floating, json);
  const { message } = now;
  if (message === undefined || hasCustomJsonRepresentation(message)) return false;
  if (typeof json !== 'object' || json === null) return false;
  return Object.entries(json).some(([key, value]) => {
    const field = fieldCalled(message, key);
    return field !== undefined && losesDigits(was?.message && fieldCalled(was.message, key), field, value);
  });
}

/** The floating type of a scalar or of a wrapper. */
function floatingOf({ scalar, message }: DescField): 'float' | 'double' | null {
  if (scalar === ScalarType.FLOAT || message?.typeName === FloatValueSchema.typeName) return 'float';
  if (scalar === ScalarType.DOUBLE || message?.typeName === DoubleValueSchema.typeName) return 'double';
  return null;
}

function isRounded(floating: 'float' | 'double', json: JsonValue): boolean {
  if (typeof json !== 'string' && typeof json !== 'number') return false;
  const text = String(json);
  if (!/^-?\d+$/.test(text)) return false;
  const read = floating === 'float' ? Math.fround(Number(text)) : Number(text);
  // What is too large for it is refused by who reads it.
  return Number.isFinite(read) && BigInt(read) !== BigInt(text);
}
