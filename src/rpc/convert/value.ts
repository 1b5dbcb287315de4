/** Values from the wire to the state. */
import type { Any, Value as StructValue } from '@bufbuild/protobuf/wkt';
import { jsonDepthMax, typeUrlBytesMax, valueBytesMax } from '../../base/limits.ts';
import { unreachable } from '../../base/assert.ts';
import type { Value as ValueMessage } from '../../gen/hyperloom/v1/node_pb.ts';
import type { Value } from '../../state/values/value.ts';
import { utf8Length } from '../../trie/path.ts';
import { checkNeeded, tooMuch } from '../checks.ts';
import { violation } from '../errors.ts';
import { decodeJson } from '../json-text.ts';

/** A value to be put. `path` is that of the node, for the refusal. */
export function valueFrom(message: ValueMessage, field: string, path: string): Value {
  const { kind } = message;
  switch (kind.case) {
    case 'json':
      return jsonValue(jsonFrom(kind.value, `${field}.json`, path), kind.value.length);
    case 'text':
      return textFrom(kind.value, `${field}.text`, path);
    case 'bytes':
      return bytesFrom(kind.value, `${field}.bytes`);
    case 'message':
      return messageFrom(kind.value, `${field}.message`);
    case 'struct': {
      const json = structJson(kind.value, `${field}.struct`, path);
      checkSize(utf8Length(json), `${field}.struct`);
      return jsonValue(json, utf8Length(json));
    }
    case 'messageJson':
      return violation(`${field}.message_json`, 'there is no path whose schema it could be read by');
    case undefined:
      return violation(field, 'exactly one kind of value is required');
    default:
      return unreachable(kind);
  }
}

/** JSON text that was checked. */
export function jsonFrom(bytes: Uint8Array, field: string, path: string): string {
  checkSize(bytes.length, field);
  const json = decodeJson(bytes);
  if (typeof json !== 'string') violation(field, json.problem, 'INVALID_VALUE', { path });
  return json;
}

export function textFrom(text: string, field: string, path: string): Value {
  const bytes = utf8Length(text);
  checkSize(bytes, field);
  if (!text.isWellFormed()) violation(field, 'half a surrogate pair', 'INVALID_VALUE', { path });
  return { kind: 'text', data: text, bytes, type: '' };
}

export function bytesFrom(bytes: Uint8Array, field: string): Value {
  checkSize(bytes.length, field);
  return { kind: 'bytes', data: latin1(bytes), bytes: bytes.length, type: '' };
}

export function jsonValue(json: string, bytes: number): Value {
  return { kind: 'json', data: json, bytes, type: '' };
}

/** Refuses what is larger than a value may be when it comes. */
export function checkSize(bytes: number, field: string): void {
  if (bytes > valueBytesMax) tooMuch(field, 'valueBytesMax', valueBytesMax, bytes, 'bytes');
}

/** A string of one character a byte. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** An encoded message. */
export function messageFrom(message: Any, field: string): Value {
  const type = checkNeeded(message.typeUrl, `${field}.type_url`, 'typeUrlBytesMax', typeUrlBytesMax);
  checkSize(message.value.length, field);
  return { kind: 'message', data: latin1(message.value), bytes: message.value.length, type };
}

/**
 * JSON text of a `google.protobuf.Value`. Keys are sorted: the wire keeps no order of them, and the same value must give the
 * same bytes when it is sent again.
 */
function structJson(value: StructValue, field: string, path: string, depth = 0): string {
  if (depth > jsonDepthMax)
    violation(field, `nested deeper than ${jsonDepthMax} levels`, 'INVALID_VALUE', { path });
  const { kind } = value;
  switch (kind.case) {
    case 'nullValue':
      return 'null';
    case 'boolValue':
      return String(kind.value);
    case 'numberValue':
      if (!Number.isFinite(kind.value))
        violation(field, `${kind.value} is no JSON number`, 'INVALID_VALUE', { path });
      return JSON.stringify(kind.value);
    case 'stringValue':
      return JSON.stringify(kind.value);
    case 'listValue':
      return `[${kind.value.values.map((item) => structJson(item, field, path, depth + 1)).join()}]`;
    case 'structValue': {
      const { fields } = kind.value;
      const members = Object.keys(fields)
        .sort()
        .map((key) => {
          const member = fields[key];
          if (member === undefined) return `${JSON.stringify(key)}:null`;
          return `${JSON.stringify(key)}:${structJson(member, field, path, depth + 1)}`;
        });
      return `{${members.join()}}`;
    }
    case undefined:
      return violation(field, 'a google.protobuf.Value without a kind', 'INVALID_VALUE', { path });
    default:
      return unreachable(kind);
  }
}
