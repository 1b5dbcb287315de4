/** Operations as they stand in a file: `{"path": "/a", "put": {"text": "x"}}`. */
import { base64Encode } from '@bufbuild/protobuf/wire';
import {
  operation,
  TypedMessage,
  type BasisEntry,
  type BasisExtent,
  type Change,
  type Node,
  type Operation,
  type Value,
} from '../api.ts';
import { encodableValue, type EncodableValue } from '../value.ts';
import type { JsonRecord } from './json-record.ts';
import { Malformed } from './fields.ts';
import type { Fields } from './fields.ts';

/** The operation that a change was. */
export function operationOf(change: Change): Operation {
  const { path } = change;
  switch (change.action) {
    case 'put':
      return putOf(path, change);
    case 'append':
      return change.json === undefined
        ? operation.append(path, change.addition)
        : { kind: 'append_items', path, items: change.json };
    case 'merge':
      return change.patch instanceof TypedMessage
        ? operation.merge(path, change.patch, change.mask)
        : { kind: 'merge', path, patch: change.json ?? '' };
    case 'increment':
      return { kind: 'increment', path, amount: change.amount, field: change.field };
    case 'delete':
      return operation.delete(path, change.scope);
    case 'copy':
      return operation.copy(change.source, path, change.sourceRevision);
  }
}

/** A put of what a node holds, byte for byte. */
export function putOf(
  path: string,
  held: Pick<Node, 'json'> & { readonly value: Value | undefined },
): Operation {
  const value: EncodableValue =
    held.json === undefined ? encodableValue(held.value ?? '') : { kind: 'json', json: held.json };
  return { kind: 'put', path, value, leaseId: '' };
}

/** An operation for a file. */
export function operationJson(each: Operation): JsonRecord {
  const { path } = each;
  switch (each.kind) {
    case 'put':
      return { path, put: valueJson(each.value) };
    case 'append_text':
      return { path, append: { text: each.text } };
    case 'append_bytes':
      return { path, append: { bytes: base64Encode(each.bytes) } };
    case 'append_items':
      return { path, append: { items: each.items } };
    case 'append_message':
      return { path, append: messageJson(each.message) };
    case 'merge':
      return { path, merge: { json: each.patch } };
    case 'merge_message':
      return { path, merge: { ...messageJson(each.message), mask: each.mask } };
    case 'increment': {
      const field = each.field === '' ? {} : { field: each.field };
      const amount =
        typeof each.amount === 'bigint' ? { integer: String(each.amount) } : { real: each.amount };
      return { path, increment: { ...amount, ...field } };
    }
    case 'delete':
      return { path, delete: each.scope };
    case 'copy':
      return { path, copy: { source: each.source, revision: each.sourceRevision } };
  }
}

/** Reads an operation of a file. Throws {@link Malformed}. */
export function readOperation(fields: Fields): Operation {
  const path = fields.text('path');
  const [action, ...more] = ['put', 'append', 'merge', 'increment', 'delete', 'copy'].filter((name) =>
    fields.has(name),
  );
  if (more.length > 0) throw new Malformed(`${fields.place} has both "${action}" and "${more[0]}"`);
  switch (action) {
    case 'put':
      return { kind: 'put', path, value: readValue(fields.object('put')), leaseId: '' };
    case 'append':
      return readAppend(path, fields.object('append'));
    case 'merge': {
      const merged = fields.object('merge');
      return merged.has('json')
        ? { kind: 'merge', path, patch: merged.text('json') }
        : { kind: 'merge_message', path, message: readMessage(merged), mask: merged.texts('mask') };
    }
    case 'increment': {
      const added = fields.object('increment');
      const amount = added.has('integer') ? added.bigint('integer') : added.real('real');
      return { kind: 'increment', path, amount, field: added.textOr('field', '') };
    }
    case 'delete':
      return operation.delete(path, fields.oneOf('delete', ['subtree', 'node'] as const));
    case 'copy': {
      const copied = fields.object('copy');
      return operation.copy(copied.text('source'), path, copied.whole('revision'));
    }
    default:
      throw new Malformed(`${fields.place} has none of put, append, merge, increment, delete and copy`);
  }
}

function readAppend(path: string, added: Fields): Operation {
  if (added.has('text')) return { kind: 'append_text', path, text: added.text('text') };
  if (added.has('bytes')) return { kind: 'append_bytes', path, bytes: added.base64('bytes') };
  if (added.has('items')) return { kind: 'append_items', path, items: added.texts('items') };
  return { kind: 'append_message', path, message: readMessage(added) };
}

function valueJson(value: EncodableValue): JsonRecord {
  switch (value.kind) {
    case 'json':
      return { json: value.json };
    case 'text':
      return { text: value.text };
    case 'bytes':
      return { bytes: base64Encode(value.bytes) };
    case 'message':
      return messageJson(value.message);
    case 'message_json':
      return { messageJson: value.json };
  }
}

function readValue(fields: Fields): EncodableValue {
  if (fields.has('json')) return { kind: 'json', json: fields.text('json') };
  if (fields.has('text')) return { kind: 'text', text: fields.text('text') };
  if (fields.has('bytes')) return { kind: 'bytes', bytes: fields.base64('bytes') };
  return { kind: 'message', message: readMessage(fields) };
}

function messageJson({ typeUrl, bytes }: TypedMessage): JsonRecord {
  return { type: typeUrl, message: base64Encode(bytes) };
}

function readMessage(fields: Fields): TypedMessage {
  return new TypedMessage(fields.text('type'), fields.base64('message'));
}

const extents: readonly BasisExtent[] = ['node', 'subtree', 'absent'];

/** Reads an entry of a basis. */
export function readBasis(fields: Fields): BasisEntry {
  return {
    path: fields.text('path'),
    revision: fields.whole('revision'),
    extent: fields.oneOf('extent', extents),
    ...(fields.has('newest') ? { newest: fields.whole('newest') } : {}),
    ...(fields.has('ghostId')
      ? { ghostId: fields.text('ghostId'), sequence: fields.wholeOr('sequence', 0) }
      : {}),
  };
}
