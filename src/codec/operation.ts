/** Operations ↔ `Operation`. */
import { unreachable } from '../base/assert.ts';
import type { Operation } from '../state/command.ts';
import type { Path } from '../trie/path.ts';
import { CodecDamage } from './damage.ts';
import {
  changeBytes,
  readFieldIncrement,
  readMessagePatch,
  writeFieldIncrement,
  writeMessagePatch,
} from './message-operation.ts';
import { readValue, valueOverheadBytes, writeValue } from './value.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

export function writeOperations(writer: WireWriter, field: number, operations: readonly Operation[]): void {
  for (const operation of operations) {
    const mark = writer.open(field, estimate(operation));
    writer.path(1, operation.path);
    writeAction(writer, operation);
    if (operation.kind === 'put' && operation.leaseId !== undefined) writer.text(10, operation.leaseId);
    writer.close(mark);
  }
}

/** Roughly what the operations take, in bytes. */
export function estimateOperations(operations: readonly Operation[]): number {
  let bytes = 0;
  for (const operation of operations) bytes += estimate(operation) + 3;
  return bytes;
}

function writeAction(writer: WireWriter, operation: Operation): void {
  switch (operation.kind) {
    case 'put':
      return writeValue(writer, 2, operation.value);
    case 'append':
      return writeValue(writer, 3, operation.addition);
    case 'merge':
      return writer.textAlways(4, operation.patch);
    case 'increment':
      if (typeof operation.amount === 'bigint') return writer.sintBigAlways(5, operation.amount);
      return writer.doubleAlways(6, operation.amount);
    case 'merge_message':
      return writeMessagePatch(writer, 11, operation);
    case 'append_message':
      return writeMessagePatch(writer, 12, operation);
    case 'increment_field':
      return writeFieldIncrement(writer, 13, operation);
    case 'delete':
      return writer.booleanAlways(operation.scope === 'subtree' ? 7 : 8, true);
    case 'copy': {
      const mark = writer.open(9, pathBytes(operation.source) + 8);
      writer.path(1, operation.source);
      writer.uint(2, operation.sourceRevision);
      return writer.close(mark);
    }
    default:
      return unreachable(operation);
  }
}

function estimate(operation: Operation): number {
  const bytes = pathBytes(operation.path) + 4;
  if (operation.kind === 'put')
    return bytes + operation.value.bytes + operation.value.type.length + valueOverheadBytes;
  if (operation.kind === 'append') return bytes + operation.addition.bytes + valueOverheadBytes;
  if (operation.kind === 'merge_message' || operation.kind === 'append_message')
    return bytes + operation.patch.bytes + operation.fields.length * changeBytes + 64;
  if (operation.kind === 'increment_field') return bytes + 64 + operation.type.length;
  return operation.kind === 'merge' ? bytes + operation.patchBytes : bytes + 12;
}

function pathBytes(path: Path): number {
  let bytes = path.length;
  for (const segment of path) bytes += segment.length;
  return bytes;
}

export function readOperation(reader: WireReader): Operation {
  const outer = reader.enter();
  let path: Path | undefined;
  let operation: Operation | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) path = reader.path();
    else if (field === 10 && operation?.kind === 'put') operation = { ...operation, leaseId: reader.text() };
    else if (path === undefined) throw new CodecDamage('an operation whose path does not come first');
    else operation = readAction(reader, field, path);
  }
  reader.leave(outer);
  if (operation === undefined) throw new CodecDamage('an operation without an action');
  return operation;
}

function readAction(reader: WireReader, field: number, path: Path): Operation {
  switch (field) {
    case 2:
      return { kind: 'put', path, value: readValue(reader, 'node') };
    case 3:
      return { kind: 'append', path, addition: readValue(reader, 'addition') };
    case 4: {
      const patchBytes = reader.peekLength();
      return { kind: 'merge', path, patch: reader.text(), patchBytes };
    }
    case 5:
      return { kind: 'increment', path, amount: reader.sintBig() };
    case 6:
      return { kind: 'increment', path, amount: reader.double() };
    case 7:
    case 8:
      if (!reader.boolean()) throw new CodecDamage('a delete that says no');
      return { kind: 'delete', path, scope: field === 7 ? 'subtree' : 'node' };
    case 9:
      return readCopy(reader, path);
    case 11:
      return readMessagePatch(reader, 'merge_message', path);
    case 12:
      return readMessagePatch(reader, 'append_message', path);
    case 13:
      return readFieldIncrement(reader, path);
    default:
      return reader.unknown('Operation');
  }
}

function readCopy(reader: WireReader, path: Path): Operation {
  const outer = reader.enter();
  let source: Path | undefined;
  let sourceRevision = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) source = reader.path();
    else if (field === 2) sourceRevision = reader.uint();
    else reader.unknown('Copy');
  }
  reader.leave(outer);
  if (source === undefined) throw new CodecDamage('a copy without a source');
  return { kind: 'copy', path, source, sourceRevision };
}
