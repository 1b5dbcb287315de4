/**
 * Field by field from one version of a message to the next. What is to be done follows from the two descriptors and the rules alone,
 * so all that stands against it is told before any value is looked at. Values pass through canonical ProtoJSON, under the names of
 * fields: what numbers they have, and how they lie on the wire, does not matter.
 */
import type { DescField, DescMessage, JsonValue } from '@bufbuild/protobuf';
import { fromJson, fromJsonString } from '@bufbuild/protobuf';
import { EmptySchema, hasCustomJsonRepresentation } from '@bufbuild/protobuf/wkt';
import { messageDepthMax } from '../base/limits.ts';
import { messageOf } from './descriptor-set.ts';
import { exactIntegers } from './exact-integers.ts';
import type { MessageType } from './exact-integers.ts';
import { getsAlong, losesDigits } from './field-conversion.ts';
import { fieldOf } from './fields.ts';

/** What becomes of a field. Names are dotted, from the message down. */
export type MappingRule =
  | { readonly kind: 'move'; readonly from: string; readonly to: string }
  | { readonly kind: 'constant'; readonly field: string; readonly json: string }
  | { readonly kind: 'drop'; readonly field: string };

/** What becomes of the fields of a bound message of the version before. */
export interface MessageRules {
  readonly messageType: string;
  readonly rules: readonly MappingRule[];
  readonly dropUnknownFields: boolean;
}

/** Something that rules do not say, or cannot. `place` is within the rules of the message, such as `rules[1].move.to`. */
export interface PlanProblem {
  readonly place: string;
  readonly message: string;
}

export type JsonObject = { [key: string]: JsonValue };

type Names = readonly string[];

/** One thing that is done with each value. */
type Action =
  | {
      readonly kind: 'copy';
      readonly from: Names;
      readonly to: Names;
      readonly isExact: boolean;
      readonly was: DescField;
      readonly field: DescField;
    }
  /** The message is there, whatever of it is. */
  | { readonly kind: 'open'; readonly at: Names }
  | { readonly kind: 'set'; readonly to: Names; readonly json: JsonValue };

/** What is done with each value of a message. */
export class FieldPlan {
  readonly #actions: readonly Action[];

  constructor(actions: readonly Action[]) {
    this.#actions = actions;
  }

  /** The new message's ProtoJSON, of the old one's; or the field that would lose digits. What it is given is used up. */
  apply(old: JsonObject): { readonly json: JsonObject } | { readonly lossy: string } {
    const made = emptyObject();
    for (const action of this.#actions) {
      if (action.kind === 'set') {
        put(made, action.to, structuredClone(action.json));
        continue;
      }
      const value = valueAt(old, action.kind === 'open' ? action.at : action.from);
      if (value === undefined) continue;
      if (action.kind === 'open') put(made, action.at, emptyObject());
      else if (!action.isExact && losesDigits(action.was, action.field, value))
        return { lossy: action.to.join('.') };
      else put(made, action.to, value);
    }
    return { json: made };
  }
}

/** The plan of a message's rules, or what is wrong with them. */
export function planFields(
  before: MessageType,
  coming: MessageType,
  rules: readonly MappingRule[],
): FieldPlan | readonly PlanProblem[] {
  const named = namedBy(rules);
  const problems = [...overlaps(named)];
  const actions: Action[] = [];
  const moved = rules.map((rule, index) => actionOf(before, coming, rule, `rules[${index}].${rule.kind}`));
  if (problems.length === 0) {
    for (const found of keptIn(before.descriptor, coming.descriptor, [], named)) {
      if ('message' in found) problems.push(found);
      else actions.push(found);
    }
  }
  for (const found of moved) {
    if (found === null) continue;
    if ('message' in found) problems.push(found);
    else actions.push(found);
  }
  return problems.length > 0 ? problems : new FieldPlan(actions);
}

/** A field that a rule names, and where it does. */
interface Named {
  readonly name: string;
  readonly place: string;
}

/** Fields of the version before and of the coming one. */
interface AllNamed {
  readonly sources: readonly Named[];
  readonly targets: readonly Named[];
}

function namedBy(rules: readonly MappingRule[]): AllNamed {
  const sources: Named[] = [];
  const targets: Named[] = [];
  for (const [index, rule] of rules.entries()) {
    const place = `rules[${index}].${rule.kind}`;
    if (rule.kind === 'move') {
      sources.push({ name: rule.from, place: `${place}.from` });
      targets.push({ name: rule.to, place: `${place}.to` });
    } else if (rule.kind === 'constant') targets.push({ name: rule.field, place: `${place}.field` });
    else sources.push({ name: rule.field, place });
  }
  return { sources, targets };
}

function* overlaps({ sources, targets }: AllNamed): Generator<PlanProblem> {
  for (const side of [sources, targets]) {
    // In this order a field comes right before what is in it, or before others that are.
    const ordered = side.toSorted((a, b) => (sortable(a.name) < sortable(b.name) ? -1 : 1));
    let outer: Named | undefined;
    for (const each of ordered) {
      if (outer !== undefined && isIn(each.name, outer.name))
        yield { place: each.place, message: `"${each.name}": another rule is about "${outer.name}" already` };
      else outer = each;
    }
  }
}

/** So that no other name comes between a field and those in it. */
function sortable(name: string): string {
  return name.replaceAll('.', '\u0000');
}

function isIn(name: string, outer: string): boolean {
  return name === outer || name.startsWith(`${outer}.`);
}

function actionOf(
  before: MessageType,
  coming: MessageType,
  rule: MappingRule,
  place: string,
): Action | PlanProblem | null {
  switch (rule.kind) {
    case 'drop': {
      const field = fieldAt(before.descriptor, rule.field);
      return typeof field === 'string' ? { place, message: field } : null;
    }
    case 'constant':
      return constantOf(coming, rule, place);
    case 'move': {
      const from = fieldAt(before.descriptor, rule.from);
      if (typeof from === 'string') return { place: `${place}.from`, message: from };
      const to = fieldAt(coming.descriptor, rule.to);
      if (typeof to === 'string') return { place: `${place}.to`, message: to };
      const names = { from: rule.from.split('.'), to: rule.to.split('.') };
      return { kind: 'copy', ...names, isExact: getsAlong(from, to), was: from, field: to };
    }
  }
}

function constantOf(
  coming: MessageType,
  { field: name, json }: Extract<MappingRule, { kind: 'constant' }>,
  place: string,
): Action | PlanProblem {
  const field = fieldAt(coming.descriptor, name);
  if (typeof field === 'string') return { place: `${place}.field`, message: field };
  const to = name.split('.');
  const text = to.reduceRight((inner, part) => `{${JSON.stringify(part)}:${inner}}`, json);
  try {
    const whole = exactIntegers(coming, text);
    fromJson(coming.descriptor, whole, { registry: coming.registry, recursionLimit: messageDepthMax });
    // Only the text tells of a key that is there twice.
    fromJsonString(EmptySchema, text, { ignoreUnknownFields: true });
    const value = valueAt(whole as JsonObject, to);
    return { kind: 'set', to, json: value ?? null };
  } catch (error) {
    return { place: `${place}.json`, message: messageOf(error) };
  }
}

/** The field of a dotted name, or why there is none. */
function fieldAt(message: DescMessage, name: string): DescField | string {
  const names = name.split('.');
  for (let length = 1; length < names.length; length += 1) {
    const outer = fieldOf(message, names.slice(0, length).join('.'));
    if ('problem' in outer) return outer.problem;
    const { message: inner } = outer.field;
    if (inner !== undefined && hasCustomJsonRepresentation(inner))
      return `"${names[length - 1]}" is a ${inner.typeName}, whose fields have no names in ProtoJSON`;
  }
  const found = fieldOf(message, name);
  return 'problem' in found ? found.problem : found.field;
}

/** What no rule names keeps its name. */
function* keptIn(
  before: DescMessage,
  now: DescMessage | undefined,
  outer: Names,
  named: AllNamed,
): Generator<Action | PlanProblem> {
  for (const field of before.fields) {
    const names = [...outer, field.name];
    const name = names.join('.');
    if (named.sources.some((each) => each.name === name)) continue;
    const other = now?.fields.find((each) => each.name === field.name);
    const writer = named.targets.find((each) => isIn(name, each.name));
    if (writer !== undefined) {
      const message = `"${name}" of the version before would be kept there, unless a rule moves or drops it`;
      yield { place: writer.place, message };
    } else if (isOpened(field, name, named)) {
      const inner = other?.fieldKind === 'message' ? other.message : undefined;
      if (inner !== undefined) yield { kind: 'open', at: names };
      yield* keptIn(field.message, inner, names, named);
    } else if (other === undefined) {
      yield {
        place: '',
        message: `no rule says what becomes of "${name}", which the coming version does not have`,
      };
    } else if (!getsAlong(field, other)) {
      const message = `no rule says what becomes of "${name}", which is of another type in the coming version`;
      yield { place: '', message };
    } else yield { kind: 'copy', from: names, to: names, isExact: true, was: field, field: other };
  }
}

/** Whether rules are about fields in it. */
function isOpened(
  field: DescField,
  name: string,
  { sources, targets }: AllNamed,
): field is DescField & { fieldKind: 'message' } {
  const isInside = (each: Named): boolean => each.name.startsWith(`${name}.`);
  return field.fieldKind === 'message' && (sources.some(isInside) || targets.some(isInside));
}

function emptyObject(): JsonObject {
  return Object.create(null) as JsonObject;
}

function valueAt(json: JsonObject, names: Names): JsonValue | undefined {
  let at: JsonValue | undefined = json;
  for (const name of names) {
    if (typeof at !== 'object' || at === null || Array.isArray(at) || !Object.hasOwn(at, name))
      return undefined;
    at = at[name];
  }
  return at;
}

function put(json: JsonObject, names: Names, value: JsonValue): void {
  let at = json;
  for (const name of names.slice(0, -1)) {
    const inner = Object.hasOwn(at, name) ? at[name] : undefined;
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) at = inner;
    else at = at[name] = emptyObject();
  }
  const last = names.at(-1);
  if (last !== undefined) at[last] = value;
}
