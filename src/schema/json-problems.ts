/** What is wrong with JSON that is to become a message: every field of it, where the library that reads it tells of the first one only. */
import { fromJson } from '@bufbuild/protobuf';
import type { DescField, DescMessage, JsonReadOptions, JsonValue } from '@bufbuild/protobuf';
import { hasCustomJsonRepresentation } from '@bufbuild/protobuf/wkt';
import { jsonAllErrorsBytesMax, schemaProblemsMax } from '../base/limits.ts';
import type { Problem } from './compiled.ts';
import { messageOf } from './descriptor-set.ts';
import { fieldCalled } from './exact-integers.ts';

type Options = Partial<JsonReadOptions>;

/** At least one problem, at most `schemaProblemsMax`. `whole` is what was said of the JSON as a whole. */
export function jsonProblems(
  descriptor: DescMessage,
  json: JsonValue,
  bytes: number,
  options: Options,
  whole: string,
): readonly Problem[] {
  const problems: Problem[] = [];
  if (bytes <= jsonAllErrorsBytesMax) {
    for (const problem of problemsIn(descriptor, json, options, '')) {
      problems.push(problem);
      if (problems.length >= schemaProblemsMax) break;
    }
  }
  // Such as a key that is there twice.
  return problems.length > 0 ? problems : [problemAt('', whole)];
}

function* problemsIn(
  descriptor: DescMessage,
  json: JsonValue,
  options: Options,
  subject: string,
): Generator<Problem> {
  const whole = whyNot(descriptor, json, options);
  if (whole === null) return;
  let isTold = false;
  const isTaken = isJsonObject(json) && !hasCustomJsonRepresentation(descriptor);
  for (const [key, value] of isTaken ? Object.entries(json) : []) {
    const why = whyNot(descriptor, { [key]: value }, options);
    if (why === null) continue;
    isTold = true;
    const field = fieldCalled(descriptor, key);
    const name = joined(subject, field?.name ?? key);
    if (field === undefined) {
      const message = `${descriptor.typeName} has no such field`;
      yield { rule: 'json.unknown_field', subject: name, message };
    } else yield* problemsOf(field, value, options, name, why);
  }
  // Each key is right by itself: two members of one oneof.
  if (!isTold) yield problemAt(subject, whole);
}

function* problemsOf(
  field: DescField,
  json: JsonValue,
  options: Options,
  subject: string,
  why: string,
): Generator<Problem> {
  let isTold = false;
  for (const [place, key, item] of partsOf(field, json)) {
    const own = whyNot(field.parent, { [field.name]: key === null ? [item] : { [key]: item } }, options);
    if (own === null) continue;
    isTold = true;
    const name = `${subject}${place}`;
    const inner = field.message;
    const isWithin = inner !== undefined && item !== null && whyNot(inner, item, options) !== null;
    if (isWithin) yield* problemsIn(inner, item, options, name);
    else yield problemAt(name, own);
  }
  if (isTold) return;
  if (field.fieldKind === 'message') yield* problemsIn(field.message, json, options, subject);
  else yield problemAt(subject, why);
}

/** The items of a list or the entries of a map, with their places behind the name of the field. */
function* partsOf(
  { fieldKind }: DescField,
  json: JsonValue,
): Generator<readonly [place: string, key: string | null, item: JsonValue]> {
  if (fieldKind === 'list' && Array.isArray(json)) {
    for (const [index, item] of json.entries()) yield [`[${index}]`, null, item];
  } else if (fieldKind === 'map' && isJsonObject(json)) {
    for (const [key, item] of Object.entries(json)) yield [`[${JSON.stringify(key)}]`, key, item];
  }
}

/** What is said of JSON that is not that message. */
function whyNot(descriptor: DescMessage, json: JsonValue, options: Options): string | null {
  try {
    fromJson(descriptor, json, options);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

function problemAt(subject: string, said: string): Problem {
  return { rule: 'json', subject, message: said.replace(/^cannot decode .* from JSON: /, '') };
}

function joined(subject: string, name: string): string {
  return subject === '' ? name : `${subject}.${name}`;
}

function isJsonObject(json: JsonValue): json is { [key: string]: JsonValue } {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
