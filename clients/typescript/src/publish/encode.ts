/** Writes a publish as `hyperloom.v1.PublishStreamRequest`, byte for byte as generated code would. Tags are `field << 3 | type`. */
import { travelling, type BasisEntry } from '../basis.ts';
import { makeError, unreachable } from '../errors.ts';
import type { Operation, Precondition } from '../operation.ts';
import type { EncodableValue, TypedMessage } from '../value.ts';
import type { Diff } from './diff.ts';
import type { Writer } from './writer.ts';

/** Appends the request to `writer`. */
export function writePublishStreamRequest(writer: Writer, diff: Diff): void {
  const guess = guessLength(diff);
  writer.varint(0x0a);
  const mark = writer.begin(guess);
  if (diff.forest !== '') writer.textField(0x0a, diff.forest);
  if (diff.ghostId !== '') writer.textField(0x12, diff.ghostId);
  for (const operation of diff.operations) writeOperation(writer, operation);
  for (const precondition of diff.preconditions) writePrecondition(writer, precondition);
  if (diff.requestId !== '') writer.textField(0x2a, diff.requestId);
  if (diff.author !== '') writer.textField(0x32, diff.author);
  if (diff.label !== '') writer.textField(0x3a, diff.label);
  for (const entry of travelling(diff.basis)) writeBasisEntry(writer, entry);
  if (diff.fencingTokens.length > 0) writeTokens(writer, diff.fencingTokens);
  if (diff.lockWaitMs > 0) writeDuration(writer, 0x52, diff.lockWaitMs);
  if (diff.edition > 0) writeNumber(writer, 0x58, diff.edition);
  if (diff.traceParent !== '') writer.textField(0x62, diff.traceParent);
  writer.end(mark, guess);
}

function writeTokens(writer: Writer, tokens: readonly number[]): void {
  const guess = tokens.length * 2;
  writer.varint(0x4a);
  const mark = writer.begin(guess);
  for (const token of tokens) writer.varint(checkedNumber(token));
  writer.end(mark, guess);
}

function writeDuration(writer: Writer, tag: number, ms: number): void {
  const seconds = Math.floor(ms / 1_000);
  const nanos = (ms % 1_000) * 1_000_000;
  writer.varint(tag);
  const mark = writer.begin(8);
  if (seconds > 0) writeNumber(writer, 0x08, seconds);
  if (nanos > 0) writeNumber(writer, 0x10, nanos);
  writer.end(mark, 8);
}

function writeOperation(writer: Writer, operation: Operation): void {
  const guess = operation.path.length + guessOperation(operation) + 8;
  writer.varint(0x1a);
  const mark = writer.begin(guess);
  if (operation.path !== '') writer.textField(0x0a, operation.path);
  writeAction(writer, operation);
  if (operation.kind === 'put' && operation.leaseId !== '') writer.textField(0x42, operation.leaseId);
  writer.end(mark, guess);
}

function writeAction(writer: Writer, operation: Operation): void {
  const guess = guessOperation(operation);
  switch (operation.kind) {
    case 'put': {
      writer.varint(0x12);
      const mark = writer.begin(guess);
      writeValue(writer, operation.value);
      writer.end(mark, guess);
      return;
    }
    case 'append_text':
    case 'append_bytes':
    case 'append_items': {
      writer.varint(0x1a);
      const mark = writer.begin(guess);
      if (operation.kind === 'append_text') writer.textField(0x0a, operation.text);
      else if (operation.kind === 'append_bytes') writer.bytesField(0x12, operation.bytes);
      else writeItems(writer, operation.items);
      writer.end(mark, guess);
      return;
    }
    case 'append_message': {
      writer.varint(0x1a);
      const mark = writer.begin(guess);
      writeMessage(writer, 0x22, operation.message);
      writer.end(mark, guess);
      return;
    }
    case 'merge_message': {
      writer.varint(0x22);
      const mark = writer.begin(guess);
      writeMessage(writer, 0x12, operation.message);
      if (operation.mask.length > 0) writeMask(writer, operation.mask);
      writer.end(mark, guess);
      return;
    }
    case 'merge': {
      writer.varint(0x22);
      const mark = writer.begin(guess);
      if (operation.patch !== '') writer.textField(0x0a, operation.patch);
      writer.end(mark, guess);
      return;
    }
    case 'increment':
      writeIncrement(writer, operation.amount, operation.field);
      return;
    case 'delete':
      writer.varint(0x32);
      writer.varint(2);
      writer.varint(0x08);
      writer.varint(operation.scope === 'node' ? 2 : 1);
      return;
    case 'copy': {
      writer.varint(0x3a);
      const mark = writer.begin(guess);
      if (operation.source !== '') writer.textField(0x0a, operation.source);
      if (operation.sourceRevision !== 0) writeNumber(writer, 0x10, operation.sourceRevision);
      writer.end(mark, guess);
      return;
    }
  }
}

function writeValue(writer: Writer, value: EncodableValue): void {
  switch (value.kind) {
    case 'json':
      writer.textField(0x0a, value.json);
      return;
    case 'text':
      writer.textField(0x12, value.text);
      return;
    case 'bytes':
      writer.bytesField(0x1a, value.bytes);
      return;
    case 'message':
      writeMessage(writer, 0x22, value.message);
      return;
    case 'message_json':
      writer.textField(0x32, value.json);
      return;
  }
}

function writeMessage(writer: Writer, tag: number, message: TypedMessage): void {
  const guess = guessMessage(message);
  writer.varint(tag);
  const mark = writer.begin(guess);
  if (message.typeUrl !== '') writer.textField(0x0a, message.typeUrl);
  if (message.bytes.length > 0) writer.bytesField(0x12, message.bytes);
  writer.end(mark, guess);
}

function writeMask(writer: Writer, mask: readonly string[]): void {
  const guess = guessMask(mask);
  writer.varint(0x1a);
  const mark = writer.begin(guess);
  for (const path of mask) writer.textField(0x0a, path);
  writer.end(mark, guess);
}

function writeItems(writer: Writer, items: readonly string[]): void {
  const guess = items.reduce((sum, item) => sum + item.length + 2, 0);
  writer.varint(0x1a);
  const mark = writer.begin(guess);
  for (const item of items) writer.textField(0x0a, item);
  writer.end(mark, guess);
}

function writeIncrement(writer: Writer, amount: bigint | number, field: string): void {
  const guess = 9 + field.length;
  writer.varint(0x2a);
  const mark = writer.begin(guess);
  if (typeof amount === 'bigint') {
    writer.varint(0x08);
    writer.varint64(amount);
  } else {
    writer.varint(0x11);
    writer.double(amount);
  }
  if (field !== '') writer.textField(0x1a, field);
  writer.end(mark, guess);
}

function writePrecondition(writer: Writer, precondition: Precondition): void {
  const guess = precondition.path.length + 8;
  writer.varint(0x22);
  const mark = writer.begin(guess);
  if (precondition.path !== '') writer.textField(0x0a, precondition.path);
  switch (precondition.kind) {
    case 'presence':
      writeNumber(writer, 0x10, precondition.present ? 1 : 2);
      break;
    case 'modified_revision':
      writeNumber(writer, 0x18, precondition.revision);
      break;
    case 'version':
      writeNumber(writer, 0x20, precondition.version);
      break;
    case 'subtree_unchanged_since':
      writeNumber(writer, 0x28, precondition.revision);
      break;
    case 'field':
      writeFieldCondition(writer, precondition);
      break;
  }
  writer.end(mark, guess);
}

/** Of a oneof the member that is chosen is written, be it empty. */
function writeFieldCondition(
  writer: Writer,
  { target, expectation }: Extract<Precondition, { kind: 'field' }>,
): void {
  const guess = 64;
  writer.varint(0x32);
  const mark = writer.begin(guess);
  if ('field' in target) writer.textField(0x0a, target.field);
  else writer.textField(0x12, target.pointer);
  if ('json' in expectation) writer.textField(0x22, expectation.json);
  else {
    writer.varint(0x18);
    writer.varint(expectation.isSet ? 1 : 0);
  }
  writer.end(mark, guess);
}

function writeBasisEntry(writer: Writer, entry: BasisEntry): void {
  const { ghostId = '', sequence = 0 } = entry;
  const guess = entry.path.length + ghostId.length + 8;
  writer.varint(0x42);
  const mark = writer.begin(guess);
  if (entry.path !== '') writer.textField(0x0a, entry.path);
  if (entry.revision !== 0) writeNumber(writer, 0x10, entry.revision);
  writeNumber(writer, 0x18, entry.extent === 'node' ? 1 : entry.extent === 'subtree' ? 2 : 3);
  if (ghostId !== '') writer.textField(0x22, ghostId);
  if (sequence !== 0) writeNumber(writer, 0x28, sequence);
  writer.end(mark, guess);
}

function writeNumber(writer: Writer, tag: number, value: number): void {
  const checked = checkedNumber(value);
  writer.varint(tag);
  writer.varint(checked);
}

function checkedNumber(value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  const message = `${value} is not a revision, version or token: those are integers from 0`;
  throw makeError({ code: 'INVALID_ARGUMENT', reason: 'INVALID_REQUEST', message });
}

/** Guesses need not be right, only likely: a wrong one costs a move of the bytes. */
function guessLength(diff: Diff): number {
  let length =
    diff.forest.length +
    diff.ghostId.length +
    diff.requestId.length +
    diff.author.length +
    diff.label.length +
    12;
  for (const operation of diff.operations) length += operation.path.length + guessOperation(operation) + 12;
  for (const precondition of diff.preconditions) length += precondition.path.length + 12;
  for (const entry of diff.basis) length += entry.path.length + (entry.newest === undefined ? 12 : 24);
  length += diff.fencingTokens.length * 2 + diff.traceParent.length;
  return length;
}

function guessOperation(operation: Operation): number {
  switch (operation.kind) {
    case 'put':
      return guessValue(operation.value) + 3;
    case 'append_text':
      return operation.text.length + 3;
    case 'append_bytes':
      return operation.bytes.length + 3;
    case 'append_items':
      return operation.items.reduce((sum, item) => sum + item.length + 2, 3);
    case 'append_message':
      return guessMessage(operation.message) + 3;
    case 'merge':
      return operation.patch.length + 3;
    case 'merge_message':
      return guessMessage(operation.message) + guessMask(operation.mask) + 6;
    case 'copy':
      return operation.source.length + 6;
    case 'increment':
      return 9 + operation.field.length;
    case 'delete':
      return 9;
    default:
      return unreachable(operation);
  }
}

function guessValue(value: EncodableValue): number {
  switch (value.kind) {
    case 'json':
    case 'message_json':
      return value.json.length;
    case 'text':
      return value.text.length;
    case 'bytes':
      return value.bytes.length;
    case 'message':
      return guessMessage(value.message);
    default:
      return unreachable(value);
  }
}

function guessMessage({ typeUrl, bytes }: TypedMessage): number {
  return typeUrl.length + bytes.length + 4;
}

function guessMask(mask: readonly string[]): number {
  return mask.reduce((sum, path) => sum + path.length + 2, 0);
}
