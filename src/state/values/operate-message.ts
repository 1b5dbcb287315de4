/** Operations on fields of messages: merge, append, increment. */
import { nodeBytesMax } from '../../base/limits.ts';
import { formatPath } from '../../trie/path.ts';
import type { Path } from '../../trie/path.ts';
import type { Transaction } from '../../trie/transaction.ts';
import { amend } from './amend.ts';
import type { FieldIncrement, MessagePatch } from '../command.ts';
import { wayTo } from './field-slots.ts';
import { readField } from './field-value.ts';
import { reject } from '../outcome.ts';
import type { Rejection } from '../outcome.ts';
import { isZero, numberBytes, sumOf, wireTypeOf } from './scalar.ts';
import type { Entry, Value } from './value.ts';
import { MalformedMessage } from './wire-scan.ts';
import { tooLarge, write, wrongType } from './write-entry.ts';
import type { OperationContext } from './write-entry.ts';

/** Merges into a message, or appends to its repeated fields. */
export function patchMessage(
  transaction: Transaction<Entry>,
  { kind, path, patch, fields }: MessagePatch,
  context: OperationContext,
): Rejection | null {
  const old = transaction.get(path)?.node.entry ?? null;
  const refused = checkType(path, old, patch.type);
  if (refused !== null) return refused;
  const data = unlessMalformed(path, () => amend(old?.data ?? '', patch.data, fields));
  if (typeof data !== 'string') return data;
  return store(
    transaction,
    path,
    messageOf(data, old?.type ?? patch.type),
    kind === 'merge_message',
    context,
  );
}

/** Adds to a field of a message. */
export function incrementField(
  transaction: Transaction<Entry>,
  operation: FieldIncrement,
  context: OperationContext,
): Rejection | null {
  const { path, field, type } = operation;
  const old = transaction.get(path)?.node.entry ?? null;
  const refused = checkType(path, old, type);
  if (refused !== null) return refused;
  const added = unlessMalformed(path, () => addTo(old?.data ?? '', operation));
  if (added === null) {
    const message = `${formatPath(path)}: the sum leaves the range of ${field.name}, which is of the type ${field.type}`;
    return reject('OUT_OF_BOUNDS', message, { path: formatPath(path), field: field.name });
  }
  if ('reason' in added) return added;
  context.sums.push(String(added.sum));
  return store(transaction, path, messageOf(added.data, old?.type ?? type), false, context);
}

/** A message with the sum in it; `null` where that leaves the field's range. */
function addTo(
  data: string,
  { field, amount, initial }: FieldIncrement,
): { readonly data: string; readonly sum: bigint | number } | null {
  const zero = typeof amount === 'bigint' ? 0n : 0;
  const { value, isSet } = readField(data, field);
  const before = isSet && value !== null ? value : (initial ?? zero);
  const sum = sumOf(before, amount, field.type);
  if (sum === null) return null;
  // At its default, a field without presence is not written.
  const body = field.implicit && isZero(sum) ? null : numberBytes(sum, field.type);
  const { patch, changes } = wayTo(field.steps, wireTypeOf(field.type), body);
  return { data: amend(data, patch, changes), sum };
}

function messageOf(data: string, type: string): Value {
  return { kind: 'message', data, bytes: data.length, type };
}

function store(
  transaction: Transaction<Entry>,
  path: Path,
  value: Value,
  assigns: boolean,
  context: OperationContext,
): Rejection | null {
  if (value.bytes > nodeBytesMax) return tooLarge(path, value.bytes);
  write(transaction, path, value, assigns, context);
  return null;
}

function checkType(path: Path, old: Entry | null, type: string): Rejection | null {
  if (old === null) return null;
  const expected = messageName(type);
  if (old.kind !== 'message') return wrongType(path, expected, old);
  const actual = messageName(old.type);
  if (actual === expected) return null;
  const text = formatPath(path);
  return reject('WRONG_TYPE', `${text} holds ${actual}, not ${expected}`, { path: text, expected, actual });
}

/** The full name of a message out of its type URL. */
export function messageName(type: string): string {
  return type.slice(type.lastIndexOf('/') + 1);
}

function unlessMalformed<T>(path: Path, work: () => T): T | Rejection {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof MalformedMessage)) throw error;
    const text = formatPath(path);
    const message = `${text}: its bytes are no message that fields of can be changed: ${error.message}`;
    return reject('INVALID_VALUE', message, { path: text });
  }
}
