/** What operations and conditions say about fields of messages ↔ `MessagePatch`, `FieldIncrement`, `FieldCondition`, `JsonCondition`. */
import { messageDepthMax } from '../base/limits.ts';
import type { Expectation, FieldIncrement, MessagePatch } from '../state/command.ts';
import type { FieldChange, FieldStep, ScalarField } from '../state/values/message-field.ts';
import { scalarTypes } from '../state/values/message-field.ts';
import { scalarTypeOf } from '../state/values/scalar.ts';
import type { Value } from '../state/values/value.ts';
import type { Path } from '../trie/path.ts';
import { CodecDamage } from './damage.ts';
import { readValue, writeValue } from './value.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

/** What a change takes, roughly, in bytes. */
export const changeBytes = 12;

/** Kinds of changes by their number. */
const kinds = ['within', 'replace', 'append', 'pack', 'entries', 'present'] as const;

export function writeMessagePatch(
  writer: WireWriter,
  number: number,
  { patch, fields, mask }: MessagePatch,
): void {
  const mark = writer.open(number, patch.bytes + fields.length * changeBytes + 64);
  writeValue(writer, 1, patch);
  writeChanges(writer, 2, fields);
  for (const name of mask) writer.textAlways(3, name);
  writer.close(mark);
}

export function readMessagePatch(reader: WireReader, kind: MessagePatch['kind'], path: Path): MessagePatch {
  const outer = reader.enter();
  let patch: Value | undefined;
  const fields: FieldChange[] = [];
  const mask: string[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) patch = readValue(reader, 'node');
    else if (field === 2) fields.push(readChange(reader));
    else if (field === 3) mask.push(reader.repeatedText());
    else reader.unknown('MessagePatch');
  }
  reader.leave(outer);
  if (patch?.kind !== 'message') throw new CodecDamage('a patch that is no message');
  return { kind, path, patch, fields, mask };
}

function writeChanges(writer: WireWriter, field: number, changes: readonly FieldChange[]): void {
  for (const change of changes) {
    const mark = writer.open(field, changeBytes);
    writer.uint(1, change.number);
    writer.uints(2, change.others);
    writer.uint(3, kinds.indexOf(change.kind));
    if (change.kind === 'within') writeChanges(writer, 4, change.within);
    writer.close(mark);
  }
}

function readChange(reader: WireReader, depth = 0): FieldChange {
  if (depth > messageDepthMax) throw new CodecDamage('changes of fields that are nested too deeply');
  const outer = reader.enter();
  let number = 0;
  const others: number[] = [];
  let kind: FieldChange['kind'] | undefined = 'within';
  const within: FieldChange[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) number = reader.uint();
    else if (field === 2) reader.uints(others);
    else if (field === 3) kind = kinds[reader.uint()];
    else if (field === 4) within.push(readChange(reader, depth + 1));
    else reader.unknown('FieldChange');
  }
  reader.leave(outer);
  if (kind === undefined) throw new CodecDamage('a change of a field of no known kind');
  return kind === 'within' ? { number, others, kind, within } : { number, others, kind };
}

export function writeFieldIncrement(writer: WireWriter, number: number, operation: FieldIncrement): void {
  const { field, amount, initial, type } = operation;
  const mark = writer.open(number, 64 + type.length);
  writeField(writer, 1, field);
  if (typeof amount === 'bigint') writer.sintBigAlways(2, amount);
  else writer.doubleAlways(3, amount);
  if (typeof initial === 'bigint') writer.textAlways(4, String(initial));
  else if (typeof initial === 'number') writer.doubleAlways(5, initial);
  writer.text(6, type);
  writer.close(mark);
}

export function readFieldIncrement(reader: WireReader, path: Path): FieldIncrement {
  const outer = reader.enter();
  let target: ScalarField | undefined;
  let amount: bigint | number | undefined;
  let initial: bigint | number | undefined;
  let type = '';
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) target = readField(reader);
    else if (field === 2) amount = reader.sintBig();
    else if (field === 3) amount = reader.double();
    else if (field === 4) initial = integerOf(reader.text());
    else if (field === 5) initial = reader.double();
    else if (field === 6) type = reader.repeatedText();
    else reader.unknown('FieldIncrement');
  }
  reader.leave(outer);
  if (target === undefined || amount === undefined) throw new CodecDamage('an increment of nothing');
  const operation = { kind: 'increment_field' as const, path, amount, field: target, type };
  return initial === undefined ? operation : { ...operation, initial };
}

function integerOf(digits: string): bigint {
  if (!/^-?\d{1,20}$/.test(digits)) throw new CodecDamage('a default that is no integer');
  return BigInt(digits);
}

function writeField(writer: WireWriter, number: number, { name, steps, type, implicit }: ScalarField): void {
  const mark = writer.open(number, name.length + steps.length * changeBytes + 8);
  writer.text(1, name);
  for (const step of steps) {
    const inner = writer.open(2, changeBytes);
    writer.uint(1, step.number);
    writer.uints(2, step.others);
    writer.close(inner);
  }
  writer.uint(3, scalarTypes[type]);
  writer.boolean(4, implicit);
  writer.close(mark);
}

function readField(reader: WireReader): ScalarField {
  const outer = reader.enter();
  let name = '';
  const steps: FieldStep[] = [];
  let type: ScalarField['type'] | undefined;
  let implicit = false;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) name = reader.repeatedText();
    else if (field === 2) steps.push(readStep(reader));
    else if (field === 3) type = scalarTypeOf(reader.uint());
    else if (field === 4) implicit = reader.boolean();
    else reader.unknown('ScalarField');
  }
  reader.leave(outer);
  if (type === undefined || steps.length === 0) throw new CodecDamage('a field without a type or a number');
  return { name, steps, type, implicit };
}

function readStep(reader: WireReader): FieldStep {
  const outer = reader.enter();
  let number = 0;
  const others: number[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) number = reader.uint();
    else if (field === 2) reader.uints(others);
    else reader.unknown('FieldStep');
  }
  reader.leave(outer);
  return { number, others };
}

type About =
  | { readonly kind: 'field'; readonly field: ScalarField }
  | { readonly kind: 'json'; readonly pointer: string };

/** Writes field 6 or 7 of a `Precondition`. */
export function writeFieldCondition(writer: WireWriter, condition: About & Expectation): void {
  const isField = condition.kind === 'field';
  const mark = writer.open(isField ? 6 : 7, 64 + ('equals' in condition ? condition.equals.length : 0));
  if (isField) writeField(writer, 1, condition.field);
  else writer.text(1, condition.pointer);
  if ('isSet' in condition) writer.booleanAlways(2, condition.isSet);
  else if (isField) writer.binaryAlways(3, condition.equals);
  else writer.textAlways(3, condition.equals);
  writer.close(mark);
}

/** Reads field 6 or 7 of a `Precondition`. */
export function readFieldCondition(reader: WireReader, kind: About['kind']): About & Expectation {
  const outer = reader.enter();
  let field: ScalarField | undefined;
  let pointer = '';
  let expectation: Expectation | undefined;
  for (let number = reader.next(); number !== 0; number = reader.next()) {
    if (number === 1 && kind === 'field') field = readField(reader);
    else if (number === 1) pointer = reader.text();
    else if (number === 2) expectation = { isSet: reader.boolean() };
    else if (number === 3) expectation = { equals: kind === 'field' ? reader.binary() : reader.text() };
    else reader.unknown('FieldCondition');
  }
  reader.leave(outer);
  if (expectation === undefined) throw new CodecDamage('a condition that expects nothing');
  if (kind === 'json') return { kind, pointer, ...expectation };
  if (field === undefined) throw new CodecDamage('a condition about no field');
  return { kind, field, ...expectation };
}
