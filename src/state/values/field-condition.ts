/** Conditions about what a field of a value is. */
import type { Precondition } from '../command.ts';
import { fieldValueOf, jsonValueOf } from './field-value.ts';
import type { FieldValue, ParsedJson } from './field-value.ts';
import { equalJson, parseJson, textOfJson } from './json.ts';
import type { Json } from './json.ts';
import { sameScalar, scalarOf, scalarText } from './scalar.ts';
import type { Entry } from './value.ts';

/** A condition about a field of a message or a part of JSON. */
export type FieldCondition = Extract<Precondition, { kind: 'field' | 'json' }>;

/** What is told of a condition that does not hold. */
export interface Failure {
  /** For people. */
  readonly wanted: string;
  readonly found: string;
  /** For programs. */
  readonly actual: string;
}

/** Characters of a value that a refusal tells. */
const toldCharactersMax = 200;

/** Why a condition does not hold, or `null` where it does. */
export function fieldFailure(
  entry: Entry | null,
  condition: FieldCondition,
  parsed: ParsedJson,
): Failure | null {
  if (condition.kind === 'field') {
    const found = fieldValueOf(entry, condition.field);
    return holdsFor(found, condition) ? null : failure(condition, textOf(found, condition));
  }
  const found = jsonValueOf(entry, condition.pointer, parsed);
  if ('isSet' in condition ? (found !== undefined) === condition.isSet : isEqual(found, condition.equals))
    return null;
  return failure(condition, found === undefined ? null : textOfJson(found));
}

function holdsFor(
  { isSet, value }: FieldValue,
  condition: Extract<FieldCondition, { kind: 'field' }>,
): boolean {
  if ('isSet' in condition) return isSet === condition.isSet;
  return value !== null && sameScalar(value, scalarOf(condition.equals, condition.field.type));
}

function isEqual(found: Json | undefined, text: string): boolean {
  return found !== undefined && equalJson(found, parseJson(text));
}

/** A field's value as JSON; `null` where there is none. */
function textOf(
  { isSet, value }: FieldValue,
  { field }: Extract<FieldCondition, { kind: 'field' }>,
): string | null {
  if (value === null) return isSet ? 'set' : null;
  return scalarText(value, field.type);
}

function failure(condition: FieldCondition, found: string | null): Failure {
  const name = condition.kind === 'field' ? condition.field.name : `"${condition.pointer}"`;
  const told = (text: string): string =>
    text.length > toldCharactersMax ? `${text.slice(0, toldCharactersMax - 1)}…` : text;
  if ('isSet' in condition) {
    const [wanted, actual] = condition.isSet ? ['set', 'unset'] : ['not set', 'set'];
    return { wanted: `must have ${name} ${wanted}`, found: `it is ${actual}`, actual };
  }
  const wanted =
    condition.kind === 'json'
      ? condition.equals
      : scalarText(scalarOf(condition.equals, condition.field.type), condition.field.type);
  const is = found === null ? 'it is not set' : `that is ${told(found)}`;
  return {
    wanted: `must have ${name} = ${told(wanted)}`,
    found: is,
    actual: found === null ? 'unset' : told(found),
  };
}

/** The field is the same in both: as much of it as the condition is about. */
export function sameField(before: Entry | null, now: Entry | null, condition: FieldCondition): boolean {
  if (condition.kind === 'field') {
    const [a, b] = [fieldValueOf(before, condition.field), fieldValueOf(now, condition.field)];
    if ('isSet' in condition) return a.isSet === b.isSet;
    return a.value === null || b.value === null ? a.value === b.value : sameScalar(a.value, b.value);
  }
  const parsed: ParsedJson = new Map();
  const [a, b] = [
    jsonValueOf(before, condition.pointer, parsed),
    jsonValueOf(now, condition.pointer, parsed),
  ];
  if ('isSet' in condition || a === undefined || b === undefined)
    return (a === undefined) === (b === undefined);
  return equalJson(a, b);
}
