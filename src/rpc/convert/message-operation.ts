/** What requests say of fields of messages, with the names of fields resolved; and operations on messages as clients see them. */
import { fromBinary, fromJson, toBinary } from '@bufbuild/protobuf';
import type { DescField, DescMessage, JsonValue, Message } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import type { ReflectMessage } from '@bufbuild/protobuf/reflect';
import type { Any } from '@bufbuild/protobuf/wkt';
import {
  fieldChangesMax,
  fieldConditionBytesMax,
  fieldNameBytesMax,
  fieldsPerMaskMax,
  messageDepthMax,
} from '../../base/limits.ts';
import type { FieldCondition, Increment, Merge } from '../../gen/hyperloom/v1/operation_pb.ts';
import {
  appendChanges,
  fieldOf,
  kindOf,
  maskChanges,
  mergeChanges,
  scalarFieldOf,
  typeOf,
} from '../../schema/fields.ts';
import type { FieldProblem, FoundField } from '../../schema/fields.ts';
import type { FieldIncrement, MessagePatch, Precondition } from '../../state/command.ts';
import { digitsOf, parseJson } from '../../state/values/json.ts';
import { parsePointer } from '../../state/values/json-pointer.ts';
import type { ScalarType } from '../../state/values/message-field.ts';
import { messageName } from '../../state/values/operate-message.ts';
import { numberBytes } from '../../state/values/scalar.ts';
import type { Value } from '../../state/values/value.ts';
import { formatPath } from '../../trie/path.ts';
import type { Path } from '../../trie/path.ts';
import { checkCount, checkNeeded, checkText, tooMuch } from '../checks.ts';
import { violation } from '../errors.ts';
import { latin1, messageFrom, jsonFrom } from './value.ts';
import { utf8 } from './value-message.ts';

/** Says what the names of fields mean. */
export interface FieldNames {
  /** The message that a path is bound to. Throws `Refused` where there is none; `field` is who asks. */
  message(path: Path, field: string): DescMessage;
}

/** A merge into a message. `field` is its place in the request. */
export function mergeFrom(
  merge: Merge,
  message: Any,
  path: Path,
  field: string,
  names: FieldNames,
): MessagePatch {
  if (merge.jsonPatch.length > 0) violation(field, 'json_patch or message, not both');
  const mask = merge.mask?.paths ?? [];
  const place = `${field}.message`;
  const { patch, read } = patchFrom(message, path, place, names);
  if (mask.length === 0) {
    const fields = mergeChanges(read);
    if ('problem' in fields) return refuseField(fields, path, place, '');
    return { kind: 'merge_message', path, patch, fields, mask };
  }
  checkCount(mask.length, `${field}.mask.paths`, 'fieldsPerMaskMax', fieldsPerMaskMax);
  for (const [index, name] of mask.entries()) checkName(name, `${field}.mask.paths[${index}]`);
  const fields = maskChanges(read.desc, mask);
  if ('problem' in fields)
    return refuseField(fields, path, `${field}.mask.paths[${fields.index}]`, mask[fields.index] ?? '');
  return { kind: 'merge_message', path, patch, fields, mask };
}

/** An addition to repeated fields of a message. `field` is the message's place in the request. */
export function appendFrom(message: Any, path: Path, field: string, names: FieldNames): MessagePatch {
  const { patch, read } = patchFrom(message, path, field, names);
  const fields = appendChanges(read);
  if ('problem' in fields) return refuseField(fields, path, field, '');
  return { kind: 'append_message', path, patch, fields, mask: [] };
}

/** An increment of a field. `field` is its place in the request. */
export function fieldIncrementFrom(
  { field: name }: Increment,
  amount: bigint | number,
  path: Path,
  field: string,
  names: FieldNames,
): FieldIncrement {
  const place = `${field}.field`;
  const message = names.message(path, place);
  const found = findField(message, name, path, place);
  const type = typeOf(found.field);
  const expected = typeof amount === 'bigint' ? 'an integer' : 'a double or float';
  if (type === null || !takes(type, amount)) {
    const problem = `${name} is ${kindOf(found.field)}, not ${expected}`;
    return refuseField({ problem, wrongType: { expected, actual: kindOf(found.field) } }, path, place, name);
  }
  const operation = {
    kind: 'increment_field' as const,
    path,
    amount,
    field: scalarFieldOf(found, name),
    type: `type.googleapis.com/${message.typeName}`,
  };
  const initial = defaultOf(found.field, amount);
  return initial === null ? operation : { ...operation, initial };
}

function takes(type: ScalarType, amount: bigint | number): boolean {
  if (type === 'bool' || type === 'enum' || type === 'string' || type === 'bytes') return false;
  return (type === 'double' || type === 'float') === (typeof amount === 'number');
}

/** A default of the field's own, other than 0. */
function defaultOf(field: DescField, amount: bigint | number): bigint | number | null {
  if (field.fieldKind !== 'scalar') return null;
  const value = field.getDefaultValue();
  if (typeof amount === 'number')
    return typeof value === 'number' && Number.isFinite(value) && value !== 0 ? value : null;
  if (typeof value !== 'bigint' && typeof value !== 'number' && typeof value !== 'string') return null;
  const initial = BigInt(value);
  return initial === 0n ? null : initial;
}

/** A condition about a field of a message or a part of JSON. `field` is its place in the request. */
export function fieldConditionFrom(
  { target, expectation }: FieldCondition,
  path: Path,
  field: string,
  names: FieldNames,
): Precondition {
  if (expectation.case === undefined) return violation(field, 'exactly one expectation is required');
  switch (target.case) {
    case 'jsonPointer': {
      const pointer = checkText(
        target.value,
        `${field}.json_pointer`,
        'fieldNameBytesMax',
        fieldNameBytesMax,
      );
      if (parsePointer(pointer) === null)
        violation(
          `${field}.json_pointer`,
          'no RFC 6901 pointer: it begins with "/", and "~" stands before 0 or 1',
        );
      const about = { kind: 'json' as const, path, pointer };
      if (expectation.case === 'isSet') return { ...about, isSet: expectation.value };
      return { ...about, equals: expectedJson(expectation.value, `${field}.equals_json`, path) };
    }
    case 'field': {
      const place = `${field}.field`;
      const message = names.message(path, place);
      const found = findField(message, target.value, path, place);
      const about = { kind: 'field' as const, path, field: scalarFieldOf(found, target.value) };
      if (expectation.case === 'isSet') return { ...about, isSet: expectation.value };
      const json = expectedJson(expectation.value, `${field}.equals_json`, path);
      const type = typeOf(found.field);
      if (type === null) {
        const [expected, actual] = ['a single field that is no message', kindOf(found.field)];
        const problem = `${target.value} is ${actual}; of such it can only be said whether it is set`;
        return refuseField({ problem, wrongType: { expected, actual } }, path, place, target.value);
      }
      return { ...about, equals: bodyOf(found.field, type, json, `${field}.equals_json`, path) };
    }
    case undefined:
      return violation(field, 'exactly one target is required');
  }
}

function expectedJson(bytes: Uint8Array, field: string, path: Path): string {
  if (bytes.length > fieldConditionBytesMax)
    tooMuch(field, 'fieldConditionBytesMax', fieldConditionBytesMax, bytes.length, 'bytes');
  return jsonFrom(bytes, field, formatPath(path));
}

/** What a field would hold on the wire that has this value in ProtoJSON. */
function bodyOf(field: DescField, type: ScalarType, json: string, place: string, path: Path): string {
  let value: unknown = null;
  try {
    const message = fromJson(field.parent, { [field.name]: protoJson(json) });
    value = json === 'null' ? null : reflect(field.parent, message).get(field);
  } catch {
    // What the library says names its own functions; what is wrong is said below.
  }
  if (typeof value === 'boolean') return numberBytes(value ? 1n : 0n, type);
  if (value instanceof Uint8Array) return latin1(value);
  if (typeof value === 'string' && type === 'string') return latin1(utf8(value));
  if (type === 'double' || type === 'float') {
    if (typeof value === 'number') return numberBytes(value, type);
  } else if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'string')
    return numberBytes(BigInt(value), type);
  return violation(
    place,
    `no value of ${field.name}, which is ${kindOf(field)}, in ProtoJSON`,
    'INVALID_VALUE',
    {
      path: formatPath(path),
    },
  );
}

/** JSON for the library, which takes long numbers as strings. */
function protoJson(text: string): JsonValue {
  const json = parseJson(text);
  return digitsOf(json) ?? (json as JsonValue);
}

interface Patch {
  readonly patch: Value;
  readonly read: ReflectMessage;
}

/** A message that holds what is new, in the bytes that the library writes, so that equal ones are equal. */
function patchFrom(message: Any, path: Path, field: string, names: FieldNames): Patch {
  const value = messageFrom(message, field);
  const descriptor = names.message(path, field);
  const actual = messageName(value.type);
  if (actual !== descriptor.typeName) {
    const expected = descriptor.typeName;
    const problem = `${formatPath(path)} is bound to ${expected}, not to ${actual}`;
    return refuseField({ problem, wrongType: { expected, actual } }, path, `${field}.type_url`, '');
  }
  let read: Message;
  try {
    read = fromBinary(descriptor, message.value, { recursionLimit: messageDepthMax });
  } catch {
    return violation(`${field}.value`, `no valid encoding of ${descriptor.typeName}`, 'INVALID_VALUE', {
      path: formatPath(path),
    });
  }
  const data = written(descriptor, read) ?? value.data;
  return { patch: { ...value, data, bytes: data.length }, read: reflect(descriptor, read) };
}

/** `null` where required fields are missing, which a patch need not have. */
function written(descriptor: DescMessage, message: Message): string | null {
  try {
    return latin1(toBinary(descriptor, message));
  } catch {
    return null;
  }
}

function findField(message: DescMessage, name: string, path: Path, place: string): FoundField {
  checkName(name, place);
  const found = fieldOf(message, name);
  return 'problem' in found ? refuseField(found, path, place, name) : found;
}

function checkName(name: string, place: string): void {
  checkNeeded(name, place, 'fieldNameBytesMax', fieldNameBytesMax);
}

function refuseField(
  { problem, wrongType, count }: FieldProblem,
  path: Path,
  place: string,
  name: string,
): never {
  if (count !== undefined) tooMuch(place, 'fieldChangesMax', fieldChangesMax, count, 'fields');
  if (wrongType === undefined) violation(place, problem);
  const field = name === '' ? {} : { field: name };
  return violation(place, problem, 'WRONG_TYPE', { path: formatPath(path), ...wrongType, ...field });
}
