/**
 * One operation on one transaction: the meaning of put, append, merge, increment, delete and copy. What is done
 * to fields of messages is in `operate-message.ts`.
 */
import { nodeBytesMax, nodesPerForestMax, pathDepthMax } from '../../base/limits.ts';
import { unreachable } from '../../base/assert.ts';
import { locate } from '../../trie/lookup.ts';
import { formatPath, isWithin, utf8Length } from '../../trie/path.ts';
import type { Path } from '../../trie/path.ts';
import type { Transaction } from '../../trie/transaction.ts';
import type { Operation } from '../command.ts';
import { mergePatch, parseJson } from './json.ts';
import type { FieldChange } from './message-field.ts';
import { incrementField, patchMessage } from './operate-message.ts';
import { reject } from '../outcome.ts';
import type { Rejection } from '../outcome.ts';
import { jsonText } from './value.ts';
import type { Entry, Value } from './value.ts';
import { isJson, tooLarge, write, wrongType } from './write-entry.ts';
import type { OperationContext } from './write-entry.ts';

/** Applies `operation`. After a rejection the transaction is to be thrown away. */
export function operate(
  transaction: Transaction<Entry>,
  operation: Operation,
  context: OperationContext,
): Rejection | null {
  switch (operation.kind) {
    case 'put':
      write(transaction, operation.path, operation.value, true, context);
      return null;
    case 'append':
      return append(transaction, operation.path, operation.addition, context);
    case 'merge':
      return merge(transaction, operation.path, operation.patch, context);
    case 'increment':
      return increment(transaction, operation.path, operation.amount, context);
    case 'merge_message':
    case 'append_message':
      return patchMessage(transaction, operation, context);
    case 'increment_field':
      return incrementField(transaction, operation, context);
    case 'delete':
      if (operation.scope === 'subtree') transaction.removeSubtree(operation.path);
      else transaction.remove(operation.path);
      return null;
    case 'copy':
      return copy(transaction, operation, context);
    default:
      return unreachable(operation);
  }
}

/** Size that an operation adds to what a ghost has staged, in bytes. */
export function operationBytes(operation: Operation): number {
  const pathBytes = operation.path.length * 8;
  switch (operation.kind) {
    case 'put':
      return pathBytes + operation.value.bytes;
    case 'append':
      return pathBytes + operation.addition.bytes;
    case 'merge':
      return pathBytes + operation.patchBytes;
    case 'merge_message':
    case 'append_message':
      return pathBytes + operation.patch.bytes + changesBytes(operation.fields);
    case 'increment_field':
      return pathBytes + 32 + operation.field.name.length;
    case 'increment':
    case 'delete':
    case 'copy':
      return pathBytes + 16;
    default:
      return unreachable(operation);
  }
}

function changesBytes(changes: readonly FieldChange[]): number {
  let bytes = changes.length * 16;
  for (const change of changes) if (change.kind === 'within') bytes += changesBytes(change.within);
  return bytes;
}

function append(
  transaction: Transaction<Entry>,
  path: Path,
  addition: Value,
  context: OperationContext,
): Rejection | null {
  const old = transaction.get(path)?.node.entry ?? null;
  if (old === null) {
    const first = addition.kind === 'items' ? itemsValue(`[${addition.data}`, addition.bytes + 2) : addition;
    write(transaction, path, first, false, context);
    return null;
  }
  const base = addition.kind === 'items' ? openArray(old) : old.kind === addition.kind ? old : null;
  if (base === null) return wrongType(path, addition.kind === 'items' ? 'a JSON array' : addition.kind, old);
  const separator = addition.kind === 'items' && base.data !== '[' ? ',' : '';
  const bytes = base.bytes + separator.length + addition.bytes;
  if (bytes > nodeBytesMax) return tooLarge(path, bytes);
  const data = base.data + (separator + addition.data);
  write(transaction, path, { kind: base.kind, data, bytes, type: '' }, false, context);
  return null;
}

/** An array's text without its closing bracket, or `null` where the value is no array. */
function openArray(value: Value): Value | null {
  if (value.kind === 'items') return value;
  if (value.kind !== 'json') return null;
  const text = value.data.trim();
  if (!text.startsWith('[')) return null;
  const open = text.slice(0, -1).trimEnd();
  return itemsValue(open, utf8Length(open) + 1);
}

function itemsValue(data: string, bytes: number): Value {
  return { kind: 'items', data, bytes, type: '' };
}

function merge(
  transaction: Transaction<Entry>,
  path: Path,
  patch: string,
  context: OperationContext,
): Rejection | null {
  const old = transaction.get(path)?.node.entry ?? null;
  if (old !== null && !isJson(old.kind)) return wrongType(path, 'JSON', old);
  const target = old === null ? undefined : parseJson(jsonText(old));
  const data = JSON.stringify(mergePatch(target, parseJson(patch)));
  const bytes = utf8Length(data);
  if (bytes > nodeBytesMax) return tooLarge(path, bytes);
  write(transaction, path, { kind: 'json', data, bytes, type: '' }, true, context);
  return null;
}

const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;
const integerText = /^\s*-?\d+\s*$/;
const numberText = /^\s*-?\d/;

function increment(
  transaction: Transaction<Entry>,
  path: Path,
  amount: bigint | number,
  context: OperationContext,
): Rejection | null {
  const old = transaction.get(path)?.node.entry ?? null;
  const text = old === null ? '0' : old.kind === 'json' ? old.data : '';
  const fits = typeof amount === 'bigint' ? integerText.test(text) : numberText.test(text);
  if (!fits && old !== null)
    return wrongType(path, typeof amount === 'bigint' ? 'a JSON integer' : 'a JSON number', old);
  const sum = typeof amount === 'bigint' ? BigInt(text) + amount : Number(text) + amount;
  const inRange = typeof sum === 'bigint' ? sum >= int64Min && sum <= int64Max : Number.isFinite(sum);
  if (!inRange) {
    const message = `${formatPath(path)}: the sum leaves the range of ${typeof sum === 'bigint' ? 'int64' : 'a double'}`;
    return reject('OUT_OF_BOUNDS', message, { path: formatPath(path) });
  }
  const data = String(sum);
  context.sums.push(data);
  write(transaction, path, { kind: 'json', data, bytes: data.length, type: '' }, false, context);
  return null;
}

function copy(
  transaction: Transaction<Entry>,
  operation: Extract<Operation, { kind: 'copy' }>,
  context: OperationContext,
): Rejection | null {
  const { path, source, sourceRevision } = operation;
  if (sourceRevision === 0 && isWithin(path, source)) {
    const message = `${formatPath(path)} lies within ${formatPath(source)}, which it would replace with itself`;
    return reject('OVERLAPPING_COPY', message, { path: formatPath(path) });
  }
  const range = checkRevision(sourceRevision, context.revision, context.compactedRevision);
  if (range !== null) return range;
  const root = sourceRevision === 0 ? transaction.commit() : context.past(sourceRevision);
  const located = locate(root, source);
  if (located === undefined || located.node.count === 0) {
    const metadata = { path: formatPath(source), revision: sourceRevision };
    return reject('NODE_NOT_FOUND', `${formatPath(source)}: nothing to copy there`, metadata);
  }
  if (path.length + located.node.height > pathDepthMax) {
    const metadata = {
      limit: 'pathDepthMax',
      maximum: pathDepthMax,
      actual: path.length + located.node.height,
    };
    return reject('LIMIT_EXCEEDED', `${formatPath(path)}: the copy would be nested too deeply`, metadata);
  }
  if (root.count + located.node.count > nodesPerForestMax) {
    const metadata = { limit: 'nodesPerForestMax', maximum: nodesPerForestMax };
    return reject(
      'QUOTA_EXCEEDED',
      `${formatPath(path)}: the copy would make more nodes than a forest may have`,
      metadata,
    );
  }
  transaction.graft(path, located.node);
  return null;
}

/** Refuses a trunk revision that is compacted or does not exist yet. 0 always passes. */
export function checkRevision(revision: number, newest: number, compacted: number): Rejection | null {
  if (revision > newest) {
    const message = `revision ${revision} does not exist yet; the newest is ${newest}`;
    return reject('REVISION_IN_FUTURE', message, { revision, newest_revision: newest });
  }
  if (revision !== 0 && revision < compacted) {
    const message = `history at revision ${revision} was given up; the oldest revision left is ${compacted}`;
    return reject('REVISION_COMPACTED', message, { revision, oldest_revision: compacted });
  }
  return null;
}
