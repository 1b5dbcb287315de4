/** Which fields can take over one another's values without anybody saying so, and where digits would be lost. */
import { ScalarType } from '@bufbuild/protobuf';
import type { DescEnum, DescField, DescMessage, JsonValue } from '@bufbuild/protobuf';
import { hasCustomJsonRepresentation } from '@bufbuild/protobuf/wkt';
import { hasSameDefault } from './breaking.ts';

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

/** Its values are rounded as ProtoJSON rounds them. */
export function isFloating({ scalar }: DescField): boolean {
  return scalar === ScalarType.FLOAT || scalar === ScalarType.DOUBLE;
}

/** Whether an integer in ProtoJSON would be rounded in `now`, which is told of in no other way. */
export function losesDigits(now: DescField, json: JsonValue): boolean {
  if (Array.isArray(json)) return json.some((item) => losesDigits(now, item));
  const isFloat = now.scalar === ScalarType.FLOAT;
  if (!isFloat && now.scalar !== ScalarType.DOUBLE) return false;
  if (typeof json !== 'string' && typeof json !== 'number') return false;
  const text = String(json);
  if (!/^-?\d+$/.test(text)) return false;
  const read = isFloat ? Math.fround(Number(text)) : Number(text);
  // What is too large for it is refused by who reads it.
  return Number.isFinite(read) && BigInt(read) !== BigInt(text);
}
