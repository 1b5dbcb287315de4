/**
 * What of a schema's next version would not get along with the values and the clients of the version before: buf's breaking rules of the
 * category WIRE_JSON, under their names, for the messages and enums that bound messages reach. That category is what stored values and
 * clients of another version depend on, in binary and in JSON. Its rules about RPCs say nothing about values; a message or file
 * that is gone matters only where something was bound to it (`BINDING_SAME_MESSAGE`, `BINDING_NO_DELETE`, which are our own).
 */
import { isFieldSet, ScalarType } from '@bufbuild/protobuf';
import type { DescEnum, DescField, DescMessage } from '@bufbuild/protobuf';
import {
  FeatureSet_FieldPresence,
  FeatureSet_JsonFormat,
  FeatureSetSchema,
  FieldDescriptorProtoSchema,
} from '@bufbuild/protobuf/wkt';
import type {
  DescriptorProto_ReservedRange,
  EnumDescriptorProto_EnumReservedRange,
} from '@bufbuild/protobuf/wkt';
import type { Problem } from './compiled.ts';
import { reachable } from './reach.ts';

/** What is wrong with `next` for those who know `previous`. Both are bound to the same paths. */
export function breakingChanges(previous: DescMessage, next: DescMessage): Problem[] {
  const nextMessages = new Map(reachable(next).map((message) => [message.typeName, message]));
  const problems: Problem[] = [];
  const enums = new Map<string, readonly [DescEnum, DescEnum]>();
  for (const message of reachable(previous)) {
    if (message.file.name.startsWith('google/protobuf/')) continue;
    const other = nextMessages.get(message.typeName);
    if (other === undefined) continue;
    problems.push(...messageChanges(message, other));
    for (const [field, now] of fieldPairs(message, other)) {
      if (field.enum !== undefined && field.enum.typeName === now.enum?.typeName)
        enums.set(field.enum.typeName, [field.enum, now.enum]);
    }
  }
  for (const [before, now] of enums.values()) problems.push(...enumChanges(before, now));
  return problems;
}

function* fieldPairs(before: DescMessage, now: DescMessage): Generator<readonly [DescField, DescField]> {
  const byNumber = new Map(now.fields.map((field) => [field.number, field]));
  for (const field of before.fields) {
    const other = byNumber.get(field.number);
    if (other !== undefined) yield [field, other];
  }
}

function problem(rule: string, subject: string, message: string): Problem {
  return { rule, subject, message };
}

function messageChanges(before: DescMessage, now: DescMessage): Problem[] {
  const { typeName } = before;
  const problems: Problem[] = [];
  const numbers = new Set(now.fields.map(({ number }) => number));
  for (const field of before.fields) {
    if (!numbers.has(field.number)) problems.push(...fieldDeleted(field, now));
  }
  for (const [field, other] of fieldPairs(before, now)) problems.push(...fieldChanges(field, other));
  const required = (message: DescMessage): string =>
    message.fields.flatMap((field) => (isRequired(field) ? [field.number] : [])).join();
  if (required(before) !== required(now)) {
    const what = 'its required fields are others than before';
    problems.push(problem('MESSAGE_SAME_REQUIRED_FIELDS', typeName, what));
  }
  if (jsonFormat(before) === FeatureSet_JsonFormat.ALLOW && jsonFormat(now) !== FeatureSet_JsonFormat.ALLOW)
    problems.push(problem('MESSAGE_SAME_JSON_FORMAT', typeName, 'it cannot be told in JSON any more'));
  // The end of a message's range is exclusive.
  const ranges = missingRanges(before.proto.reservedRange, now.proto.reservedRange, 1);
  const names = before.proto.reservedName.filter((name) => !now.proto.reservedName.includes(name));
  for (const what of [...ranges, ...names.map((name) => `"${name}"`)])
    problems.push(problem('RESERVED_MESSAGE_NO_DELETE', typeName, `${what} is not reserved any more`));
  return problems;
}

function fieldDeleted({ name, number, parent }: DescField, now: DescMessage): Problem[] {
  const subject = `${parent.typeName}.${name}`;
  const problems: Problem[] = [];
  const isNumberReserved = now.proto.reservedRange.some(({ start, end }) => start <= number && number < end);
  if (!isNumberReserved) {
    const what = `it is gone, and its number ${number} is not reserved`;
    problems.push(problem('FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED', subject, what));
  }
  if (!now.proto.reservedName.includes(name))
    problems.push(
      problem('FIELD_NO_DELETE_UNLESS_NAME_RESERVED', subject, 'it is gone, and its name is not reserved'),
    );
  return problems;
}

function fieldChanges(before: DescField, now: DescField): Problem[] {
  const subject = `${before.parent.typeName}.${before.name}`;
  const problems: Problem[] = [];
  const changed = (rule: string, was: string, is: string): void => {
    if (was !== is) problems.push(problem(rule, subject, `it was ${was} and is ${is}`));
  };
  changed('FIELD_SAME_NAME', before.name, now.name);
  changed('FIELD_SAME_JSON_NAME', before.jsonName, now.jsonName);
  changed('FIELD_SAME_ONEOF', oneofOf(before), oneofOf(now));
  changed('FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY', cardinality(before), cardinality(now));
  if (!areTypesCompatible(before, now)) {
    const what = `it was ${typeOf(before)} and is ${typeOf(now)}`;
    problems.push(problem('FIELD_WIRE_JSON_COMPATIBLE_TYPE', subject, what));
  } else if (hasDefault(before) || hasDefault(now)) {
    changed('FIELD_SAME_DEFAULT', defaultOf(before), defaultOf(now));
  }
  return problems;
}

function oneofOf({ oneof }: DescField): string {
  return oneof === undefined ? 'in no oneof' : `in the oneof ${oneof.name}`;
}

function cardinality(field: DescField): string {
  if (field.fieldKind === 'list') return 'repeated';
  if (field.fieldKind === 'map') return 'a map';
  return isRequired(field) ? 'required' : 'single';
}

/** Scalars that are read from one another's bytes and JSON. */
const alike: readonly (readonly ScalarType[])[] = [
  [ScalarType.INT32, ScalarType.UINT32],
  [ScalarType.INT64, ScalarType.UINT64],
  [ScalarType.FIXED32, ScalarType.SFIXED32],
  [ScalarType.FIXED64, ScalarType.SFIXED64],
];

function areTypesCompatible(before: DescField, now: DescField): boolean {
  if ((before.fieldKind === 'map') !== (now.fieldKind === 'map')) return false;
  if (before.fieldKind === 'map' && now.fieldKind === 'map' && !areAlike(before.mapKey, now.mapKey))
    return false;
  if (before.enum !== undefined && now.enum !== undefined)
    return before.enum.typeName === now.enum.typeName || isSubset(before.enum, now.enum);
  const [was, is] = [before.scalar, now.scalar];
  if (was === undefined || is === undefined) return typeOf(before) === typeOf(now);
  return areAlike(was, is);
}

function areAlike(was: ScalarType, is: ScalarType): boolean {
  return was === is || alike.some((group) => group.includes(was) && group.includes(is));
}

/** Every value of `some` is one of `other`, under the same name. */
function isSubset(some: DescEnum, other: DescEnum): boolean {
  const shortName = ({ typeName }: DescEnum): string => typeName.slice(typeName.lastIndexOf('.') + 1);
  if (shortName(some) !== shortName(other)) return false;
  return some.values.every(({ name, number }) =>
    other.values.some((value) => value.name === name && value.number === number),
  );
}

function typeOf(field: DescField): string {
  if (field.message !== undefined)
    return `${field.message.typeName}${field.delimitedEncoding ? ', delimited' : ''}`;
  if (field.enum !== undefined) return field.enum.typeName;
  return ScalarType[field.scalar].toLowerCase();
}

/** Whether a field that is not set means the same in both. */
export function hasSameDefault(before: DescField, now: DescField): boolean {
  return (!hasDefault(before) && !hasDefault(now)) || defaultOf(before) === defaultOf(now);
}

function hasDefault({ proto }: DescField): boolean {
  return isFieldSet(proto, FieldDescriptorProtoSchema.field.defaultValue);
}

function defaultOf(field: DescField): string {
  const { fieldKind } = field;
  const value = fieldKind === 'scalar' || fieldKind === 'enum' ? field.getDefaultValue() : undefined;
  return `"${value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value)}" by default`;
}

function isRequired({ presence }: DescField): boolean {
  return presence === FeatureSet_FieldPresence.LEGACY_REQUIRED;
}

function jsonFormat({ proto, file }: DescMessage | DescEnum): FeatureSet_JsonFormat {
  const own = proto.options?.features;
  if (own !== undefined && isFieldSet(own, FeatureSetSchema.field.jsonFormat)) return own.jsonFormat;
  const around = file.proto.options?.features;
  if (around !== undefined && isFieldSet(around, FeatureSetSchema.field.jsonFormat)) return around.jsonFormat;
  return file.proto.syntax === 'proto2' || file.proto.syntax === ''
    ? FeatureSet_JsonFormat.LEGACY_BEST_EFFORT
    : FeatureSet_JsonFormat.ALLOW;
}

function enumChanges(before: DescEnum, now: DescEnum): Problem[] {
  const { typeName } = before;
  const problems: Problem[] = [];
  const namesOf = (of: DescEnum, number: number): string[] =>
    of.values.flatMap((value) => (value.number === number ? [value.name] : []));
  for (const number of new Set(before.values.map((value) => value.number))) {
    const [names, left] = [namesOf(before, number), namesOf(now, number)];
    if (left.length === 0) problems.push(...valueDeleted(before, names, number, now));
    else if (!names.every((name) => left.includes(name))) {
      const what = `${number} was ${names.join(', ')} and is ${left.join(', ')}`;
      problems.push(problem('ENUM_VALUE_SAME_NAME', typeName, what));
    }
  }
  if (jsonFormat(before) === FeatureSet_JsonFormat.ALLOW && jsonFormat(now) !== FeatureSet_JsonFormat.ALLOW)
    problems.push(problem('ENUM_SAME_JSON_FORMAT', typeName, 'it cannot be told in JSON any more'));
  const ranges = missingRanges(before.proto.reservedRange, now.proto.reservedRange, 0);
  const names = before.proto.reservedName.filter((name) => !now.proto.reservedName.includes(name));
  for (const what of [...ranges, ...names.map((name) => `"${name}"`)])
    problems.push(problem('RESERVED_ENUM_NO_DELETE', typeName, `${what} is not reserved any more`));
  return problems;
}

function valueDeleted(
  { typeName }: DescEnum,
  names: readonly string[],
  number: number,
  now: DescEnum,
): Problem[] {
  const problems: Problem[] = [];
  const isReserved = now.proto.reservedRange.some(({ start, end }) => start <= number && number <= end);
  const what = `${names.join(', ')} (${number}) is gone, and its`;
  if (!isReserved) {
    const rule = 'ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED';
    problems.push(problem(rule, typeName, `${what} number is not reserved`));
  }
  if (!names.every((name) => now.proto.reservedName.includes(name))) {
    const rule = 'ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED';
    problems.push(problem(rule, typeName, `${what} name is not reserved`));
  }
  return problems;
}

type Range = DescriptorProto_ReservedRange | EnumDescriptorProto_EnumReservedRange;

/** Ranges of `before` that do not lie in one range of `now`. `beyond`: how far their end lies behind their last number. */
function missingRanges(before: readonly Range[], now: readonly Range[], beyond: number): string[] {
  return before
    .filter(({ start, end }) => !now.some((range) => range.start <= start && end <= range.end))
    .map(({ start, end }) => (end - beyond === start ? `${start}` : `${start} to ${end - beyond}`));
}
