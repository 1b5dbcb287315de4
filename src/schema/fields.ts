/**
 * From names of fields, and from messages that hold what is new, to field numbers and what is to be done with them. That is done
 * once, when a command is proposed; from then on nobody needs the descriptor (`docs/decisions/0009-typed-operations.md`).
 */
import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { isReflectMessage } from '@bufbuild/protobuf/reflect';
import type { ReflectMessage } from '@bufbuild/protobuf/reflect';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import { fieldChangesMax } from '../base/limits.ts';
import type { FieldChange, FieldStep, ScalarField, ScalarType } from '../state/values/message-field.ts';
import { scalarTypeOf } from '../state/values/scalar.ts';

/** Why a field cannot be what it is asked to be. */
export interface FieldProblem {
  readonly problem: string;
  /** It is there, but of another type than it would have to be. */
  readonly wrongType?: { readonly expected: string; readonly actual: string };
  /** There are too many. */
  readonly count?: number;
}

/** A field that a name leads to. */
export interface FoundField {
  readonly field: DescField;
  /** From the message down; the last one is the field itself. */
  readonly steps: readonly FieldStep[];
}

/** The field of a name such as `origin.url`. */
export function fieldOf(message: DescMessage, name: string): FoundField | FieldProblem {
  const steps: FieldStep[] = [];
  let inside = message;
  const names = name.split('.');
  for (const [index, part] of names.entries()) {
    const field = inside.fields.find((each) => each.name === part);
    if (field === undefined) return { problem: `${inside.typeName} has no field "${part}"` };
    steps.push(stepOf(field));
    if (index === names.length - 1) return { field, steps };
    if (field.fieldKind !== 'message' || field.delimitedEncoding)
      return { problem: `"${part}" is ${kindOf(field)}; a name goes through single messages only` };
    inside = field.message;
  }
  return { problem: 'a name is required' };
}

/** The same as something to look at. */
export function scalarFieldOf({ field, steps }: FoundField, name: string): ScalarField {
  const isImplicit = field.presence === FeatureSet_FieldPresence.IMPLICIT;
  const type = typeOf(field);
  if (type !== null) return { name, steps, type, implicit: isImplicit };
  return { name, steps, type: 'composite', implicit: field.fieldKind === 'list' && isPackable(field) };
}

/** The type of a single field that is no message; `null` of all others. */
export function typeOf(field: DescField): ScalarType | null {
  if (field.fieldKind === 'enum') return 'enum';
  return field.fieldKind === 'scalar' ? (scalarTypeOf(field.scalar) ?? null) : null;
}

/** A kind of field in words. */
export function kindOf(field: DescField): string {
  switch (field.fieldKind) {
    case 'list':
      return 'a repeated field';
    case 'map':
      return 'a map';
    case 'message':
      return `a ${field.message.typeName}`;
    default:
      return `a ${typeOf(field)}`;
  }
}

/** The fields of a mask, each to be replaced. */
export function maskChanges(
  message: DescMessage,
  mask: readonly string[],
): readonly FieldChange[] | (FieldProblem & { readonly index: number }) {
  const tree = new ChangeTree();
  for (const [index, name] of mask.entries()) {
    const found = fieldOf(message, name);
    if ('problem' in found) return { ...found, index };
    tree.replace(found.steps);
  }
  return tree.changes();
}

/** Fields of a mask, put together by what they have in common. A field takes those inside of it along. */
class ChangeTree {
  readonly #fields = new Map<number, { readonly step: FieldStep; within: ChangeTree | null }>();

  replace([step, ...rest]: readonly FieldStep[]): void {
    if (step === undefined) return;
    const known = this.#fields.get(step.number);
    if (rest.length === 0) this.#fields.set(step.number, { step, within: null });
    else if (known === undefined) {
      const within = new ChangeTree();
      within.replace(rest);
      this.#fields.set(step.number, { step, within });
    } else known.within?.replace(rest);
  }

  changes(): FieldChange[] {
    return Array.from(this.#fields.values(), ({ step, within }) =>
      within === null
        ? { ...step, kind: 'replace' as const }
        : { ...step, kind: 'within' as const, within: within.changes() },
    ).sort(byNumber);
  }
}

/** What merging a message changes: everything that is set in it. */
export function mergeChanges(patch: ReflectMessage): readonly FieldChange[] | FieldProblem {
  const counted = { count: 0 };
  const changes = changesIn(patch, counted);
  return tooMany(counted.count) ?? changes;
}

/** What appending a message's repeated fields changes; a problem where anything else is set in it. */
export function appendChanges(patch: ReflectMessage): readonly FieldChange[] | FieldProblem {
  const other = otherThanLists(patch, '');
  if (other !== null) return other;
  const changes = mergeChanges(patch);
  if (!('problem' in changes) && changes.length === 0) return { problem: 'there is nothing to append in it' };
  return changes;
}

function tooMany(count: number): FieldProblem | null {
  return count > fieldChangesMax ? { problem: `it sets ${count} fields`, count } : null;
}

function changesIn(patch: ReflectMessage, counted: { count: number }): FieldChange[] {
  const changes: FieldChange[] = [];
  for (const field of patch.desc.fields) {
    if (!patch.isSet(field)) continue;
    counted.count += 1;
    changes.push(changeOf(patch, field, counted));
  }
  const known = new Set(changes.map(({ number }) => number));
  for (const { no } of patch.getUnknown() ?? []) {
    if (known.has(no)) continue;
    known.add(no);
    counted.count += 1;
    const field = patch.desc.fields.find(({ number }) => number === no);
    // What is not known here is kept as merging demands, whatever it is: what counts stands behind the rest.
    if (field === undefined) changes.push({ number: no, others: [], kind: 'append' });
    else changes.push({ ...stepOf(field), kind: field.fieldKind === 'list' ? 'append' : 'replace' });
  }
  return changes.sort(byNumber);
}

function changeOf(patch: ReflectMessage, field: DescField, counted: { count: number }): FieldChange {
  const step = stepOf(field);
  switch (field.fieldKind) {
    case 'list':
      return { ...step, kind: field.packed ? 'pack' : 'append' };
    case 'map':
      return { ...step, kind: 'entries' };
    case 'message': {
      if (field.delimitedEncoding) return { ...step, kind: 'append' };
      const inner = patch.get(field);
      const within = isReflectMessage(inner) ? changesIn(inner, counted) : [];
      return within.length === 0 ? { ...step, kind: 'present' } : { ...step, kind: 'within', within };
    }
    default:
      return { ...step, kind: 'replace' };
  }
}

function otherThanLists(patch: ReflectMessage, prefix: string): FieldProblem | null {
  const unknown = patch.getUnknown()?.[0];
  if (unknown !== undefined)
    return notRepeated(`${prefix}${unknown.no}`, 'a field that the schema does not have');
  for (const field of patch.desc.fields) {
    if (!patch.isSet(field) || field.fieldKind === 'list') continue;
    const name = prefix + field.name;
    const inner = field.fieldKind === 'message' && !field.delimitedEncoding ? patch.get(field) : null;
    if (!isReflectMessage(inner)) return notRepeated(name, kindOf(field));
    const other = otherThanLists(inner, `${name}.`);
    if (other !== null) return other;
    if (changesIn(inner, { count: 0 }).length === 0) return notRepeated(name, kindOf(field));
  }
  return null;
}

function notRepeated(name: string, actual: string): FieldProblem {
  const expected = 'a repeated field';
  return { problem: `${name} is ${actual}, not ${expected}`, wrongType: { expected, actual } };
}

/** The field, and the other members of its oneof. */
function stepOf({ number, oneof }: DescField): FieldStep {
  const others = oneof?.fields.map((field) => field.number).filter((other) => other !== number) ?? [];
  return { number, others };
}

function isPackable(field: DescField & { readonly fieldKind: 'list' }): boolean {
  if (field.listKind === 'enum') return true;
  const type = field.listKind === 'scalar' ? scalarTypeOf(field.scalar) : 'composite';
  return type !== 'string' && type !== 'bytes' && type !== 'composite';
}

function byNumber(a: FieldStep, b: FieldStep): number {
  return a.number - b.number;
}
