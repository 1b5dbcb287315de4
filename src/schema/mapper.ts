/** Stored values as the coming version of their schema has them: found, mapped field by field, and judged by that version. */
import { fromBinary, fromJson, isMessage, toBinary, toJson } from '@bufbuild/protobuf';
import type { JsonReadOptions, Message } from '@bufbuild/protobuf';
import { isReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import type { ReflectMessage } from '@bufbuild/protobuf/reflect';
import { AnySchema, anyUnpack } from '@bufbuild/protobuf/wkt';
import {
  mappedBytesMax,
  mappedValuesMax,
  messageDepthMax,
  schemaProblemsMax,
  valueBytesMax,
} from '../base/limits.ts';
import type { Root } from '../state/ghosts/ghost.ts';
import { reject } from '../state/outcome.ts';
import type { FieldViolation, Rejection } from '../state/outcome.ts';
import { formatTemplate, sameTemplate, templatePattern } from '../state/schemas/path-template.ts';
import type { PathTemplate } from '../state/schemas/path-template.ts';
import type { SchemaBinding, SchemaSource, SchemaVersion } from '../state/schemas/schema.ts';
import type { Value } from '../state/values/value.ts';
import type { MappedValue, ValueMapper } from '../state/schemas/value-mapper.ts';
import { formatPath } from '../trie/path.ts';
import { walkMatching } from '../trie/walk-matching.ts';
import type { SchemaCompiler } from './compile.ts';
import type { Problem } from './compiled.ts';
import { messageOf } from './descriptor-set.ts';
import { incompatibilities } from './evolution.ts';
import type { MessageType } from './exact-integers.ts';
import { planFields } from './field-mapping.ts';
import type { FieldPlan, JsonObject, MessageRules } from './field-mapping.ts';
import { jsonProblems } from './json-problems.ts';
import { ProtobufSchema } from './protobuf.ts';
import { invalidSchema, objection, storedViolationOf, unusable } from './verdict.ts';

/** Values between two pauses: some 4 ms. */
const valuesPerStep = 128;

export class SchemaMapper implements ValueMapper {
  readonly #compiler: SchemaCompiler;
  readonly #source: SchemaSource;
  readonly #rules: readonly MessageRules[];

  constructor(compiler: SchemaCompiler, source: SchemaSource, rules: readonly MessageRules[]) {
    this.#compiler = compiler;
    this.#source = source;
    this.#rules = rules;
  }

  *map(previous: SchemaVersion, root: Root): Generator<void, readonly MappedValue[] | Rejection> {
    const before = this.#compiler.known(previous);
    if ('problems' in before) return unusable(previous, before);
    const coming = this.#compiler.coming(this.#source);
    if ('problems' in coming) return invalidSchema(coming, 'definition');
    if (!(before instanceof ProtobufSchema) || !(coming instanceof ProtobufSchema)) {
      const description =
        'only from messages to messages; a ghost with a migration is the way from or to a JSON Schema';
      return refusedMapping([{ field: 'mapping', description }]);
    }
    const ways = waysOf(before, coming, this.#rules);
    if ('reason' in ways) return ways;
    const refused = yield* counted(ways, root);
    if (refused !== null) return refused;
    const mapped: MappedValue[] = [];
    const violations: FieldViolation[] = [];
    let [seen, bytes] = [0, 0];
    for (const way of ways) {
      for (const { path, node } of walkMatching(root, [templatePattern(way.template)])) {
        if (node.entry === null) continue;
        seen += 1;
        if (seen % valuesPerStep === 0) yield;
        const made = mappedValue(way, node.entry);
        const problems = 'value' in made ? coming.check(way.binding, made.value) : made.problems;
        for (const problem of problems) violations.push(storedViolationOf(problem, formatPath(path)));
        if (violations.length >= schemaProblemsMax) return this.#unmapped(violations);
        if (!('value' in made)) continue;
        bytes += made.value.bytes;
        if (bytes > mappedBytesMax) return tooMany('mappedBytesMax', mappedBytesMax, 'bytes');
        mapped.push({ path, value: made.value });
      }
    }
    return violations.length > 0 ? this.#unmapped(violations) : mapped;
  }

  #unmapped(violations: readonly FieldViolation[]): Rejection {
    const { name } = this.#source;
    const what = `stored values cannot be mapped to the schema ${name}`;
    return objection('SCHEMA_STORED', what, { schema: name }, violations);
  }
}

/** How the values at the paths of a binding come to the next version. */
interface Way {
  readonly template: PathTemplate;
  /** Of the coming version. */
  readonly binding: SchemaBinding;
  readonly before: MessageType;
  readonly coming: MessageType;
  readonly plan: FieldPlan;
  readonly dropUnknownFields: boolean;
}

/** Bindings whose values change: those that something is said about, and those that break. */
function waysOf(
  before: ProtobufSchema,
  coming: ProtobufSchema,
  rules: readonly MessageRules[],
): readonly Way[] | Rejection {
  const ways: Way[] = [];
  const violations: FieldViolation[] = [];
  for (const [index, { messageType }] of rules.entries()) {
    const was = before.bindings.find((each) => each.messageType === messageType);
    const is = was && coming.bindings.find(({ template }) => sameTemplate(template, was.template));
    if (is !== undefined) continue;
    const description =
      was === undefined
        ? `no path is bound to ${messageType} in the version before`
        : `${formatTemplate(was.template)} is bound no more; values stay where they are`;
    violations.push({ field: `mapping.messages[${index}].message_type`, description });
  }
  const broken = new Set<string>();
  for (const { template } of incompatibilities(before, before.bindings, coming, coming.bindings))
    broken.add(formatTemplate(template));
  for (const { template, messageType } of before.bindings) {
    const binding = coming.bindings.find((each) => sameTemplate(each.template, template));
    const index = rules.findIndex((each) => each.messageType === messageType);
    if (binding === undefined || (index < 0 && !broken.has(formatTemplate(template)))) continue;
    const [was, is] = [typeIn(before, messageType), typeIn(coming, binding.messageType)];
    if (was === null || is === null) continue;
    const given = rules[index];
    const plan = planFields(was, is, given?.rules ?? []);
    if ('apply' in plan) {
      const dropUnknownFields = given?.dropUnknownFields ?? false;
      ways.push({ template, binding, before: was, coming: is, plan, dropUnknownFields });
      continue;
    }
    const place = given === undefined ? 'mapping' : `mapping.messages[${index}]`;
    for (const problem of plan) {
      const field = problem.place === '' ? place : `${place}.${problem.place}`;
      violations.push({ field, description: `${messageType}: ${problem.message}` });
    }
  }
  return violations.length > 0 ? refusedMapping(violations) : ways;
}

/** There is no need to map a part of what is too much. */
function* counted(ways: readonly Way[], root: Root): Generator<void, Rejection | null> {
  let seen = 0;
  for (const { template } of ways) {
    for (const { node } of walkMatching(root, [templatePattern(template)])) {
      if (node.entry === null) continue;
      seen += 1;
      if (seen > mappedValuesMax) return tooMany('mappedValuesMax', mappedValuesMax, 'values');
      if (seen % valuesPerStep === 0) yield;
    }
  }
  return null;
}

function typeIn(schema: ProtobufSchema, messageType: string): MessageType | null {
  const descriptor = schema.message(messageType);
  return descriptor === undefined ? null : { descriptor, registry: schema.registry };
}

function refusedMapping(violations: readonly FieldViolation[]): Rejection {
  const [first] = violations;
  const message = `${first?.field ?? ''}: ${first?.description ?? ''}`;
  return reject('INVALID_REQUEST', message, {}, { violations: violations.slice(0, schemaProblemsMax) });
}

function tooMany(limit: string, maximum: number, unit: string): Rejection {
  const message = `more than ${maximum} ${unit} would be mapped (${limit}); put them in a ghost with a migration`;
  return reject('QUOTA_EXCEEDED', message, { limit, maximum });
}

type Mapped = { readonly value: Value } | { readonly problems: readonly Problem[] };

function mappedValue(way: Way, { data, kind, bytes }: Value): Mapped {
  if (kind !== 'message') return one('MAPPING_VALUE', 'it is no message');
  if (bytes > valueBytesMax) return tooLarge(bytes);
  const { before, coming, plan, dropUnknownFields } = way;
  let made: ReturnType<FieldPlan['apply']>;
  try {
    const message = fromBinary(before.descriptor, Buffer.from(data, 'latin1'), {
      recursionLimit: messageDepthMax,
      readUnknownFields: !dropUnknownFields,
    });
    if (!dropUnknownFields && hasUnknown(reflect(before.descriptor, message), before)) {
      const why = 'it holds fields that the version before does not know, and the mapping does not drop them';
      return one('MAPPING_UNKNOWN_FIELDS', why);
    }
    const json = toJson(before.descriptor, message, { registry: before.registry, useProtoFieldName: true });
    made = plan.apply(json as JsonObject);
  } catch (error) {
    return one('MAPPING_VALUE', `it cannot be told in ProtoJSON: ${messageOf(error)}`);
  }
  if ('lossy' in made) return one('MAPPING_VALUE', 'the integer would be rounded', made.lossy);
  const options: Partial<JsonReadOptions> = { registry: coming.registry, recursionLimit: messageDepthMax };
  try {
    const encoded = toBinary(coming.descriptor, fromJson(coming.descriptor, made.json, options));
    if (encoded.length > valueBytesMax) return tooLarge(encoded.length);
    const text = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.length).toString('latin1');
    const type = `type.googleapis.com/${way.binding.messageType}`;
    return { value: { kind: 'message', data: text, bytes: encoded.length, type } };
  } catch (error) {
    const found = jsonProblems(coming.descriptor, made.json, data.length, options, messageOf(error));
    return { problems: found.map((problem) => ({ ...problem, rule: 'MAPPING_VALUE' })) };
  }
}

function one(rule: string, message: string, subject = ''): Mapped {
  return { problems: [{ rule, subject, message }] };
}

function tooLarge(bytes: number): Mapped {
  return one('MAPPING_SIZE', `it has ${bytes} bytes; a value that is mapped has at most ${valueBytesMax}`);
}

/** Whether a message holds fields that its descriptor does not have, at any depth. */
function hasUnknown(message: ReflectMessage, type: MessageType): boolean {
  if ((message.getUnknown()?.length ?? 0) > 0) return true;
  if (message.desc.typeName === AnySchema.typeName) return hasUnknownInside(message.message, type);
  for (const field of message.desc.fields) {
    if (field.message === undefined || !message.isSet(field)) continue;
    const held: unknown = message.get(field);
    const parts: Iterable<unknown> = isReflectMessage(held)
      ? [held]
      : ((field.fieldKind === 'map' ? (held as Map<unknown, unknown>).values() : held) as Iterable<unknown>);
    for (const part of parts) if (isReflectMessage(part) && hasUnknown(part, type)) return true;
  }
  return false;
}

/** What an `Any` holds is decoded to be told, if it is known. */
function hasUnknownInside(any: Message, type: MessageType): boolean {
  if (!isMessage(any, AnySchema)) return false;
  const inner = anyUnpack(any, type.registry);
  const descriptor = inner && type.registry.getMessage(inner.$typeName);
  return descriptor !== undefined && inner !== undefined && hasUnknown(reflect(descriptor, inner), type);
}
