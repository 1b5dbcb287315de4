/**
 * Tries the rules of a message before anything is stored under them. CEL's own type checker is not open to users of its
 * library, so the rules are run on messages that were made for it: an empty one, one with everything set, and one for each
 * further member of a oneof. What cannot be compiled, calls what does not exist or mixes types comes out; what
 * other values could have, such as a key of a map, does not count.
 */
import { create } from '@bufbuild/protobuf';
import type { DescField, DescMessage, DescOneof } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';
import { reflect, reflectList, reflectMap } from '@bufbuild/protobuf/reflect';
import type { ReflectMessage } from '@bufbuild/protobuf/reflect';
import { CompilationError } from '@bufbuild/protovalidate';
import type { Validator } from '@bufbuild/protovalidate';
import type { Problem } from './compiled.ts';
import { reachable } from './reach.ts';

/** Why a rule cannot be evaluated, where no other value could help: it is the rule that is wrong. */
const typeErrors =
  /no matching overload|no such overload|undeclared|unresolved|unknown identifier|field not found|no such field|unknown field|outputs .*, wanted|unbound|undefined/i;
/** What is not set has this type: a wrapper, or a `Value`. Another value may have another. */
const absent = /null_type/;
/** A field of a message, or a key of a map or a `Struct`: CEL says the same of both. */
const missing = /field not found/;

/** What is wrong with the rules of one message and its fields. */
export function rulesProblem(validator: Validator, message: DescMessage): Problem | null {
  const hasKeys = reachable(message).some(({ fields }) =>
    fields.some(({ fieldKind }) => fieldKind === 'map'),
  );
  for (const sample of samplesOf(message)) {
    const { kind, error } = validator.validate(message, sample.message);
    if (kind !== 'error') continue;
    const dependsOnValue = absent.test(error.message) || (hasKeys && missing.test(error.message));
    const isWrong = error instanceof CompilationError || (typeErrors.test(error.message) && !dependsOnValue);
    if (!isWrong) continue;
    return { rule: 'cel', subject: message.typeName, message: error.message };
  }
  return null;
}

function* samplesOf(message: DescMessage): Generator<ReflectMessage> {
  yield reflect(message);
  const variants = Math.max(1, ...message.oneofs.map(({ fields }) => fields.length));
  for (let variant = 0; variant < variants; variant += 1) yield filled(message, variant);
}

/** Every field set, of each oneof the member number `variant`. Messages in it are empty: each has a trial of its own. */
function filled(message: DescMessage, variant: number): ReflectMessage {
  const sample = reflect(message);
  for (const field of message.fields) {
    if (field.oneof !== undefined && memberOf(field.oneof, variant) !== field) continue;
    fill(sample, field);
  }
  return sample;
}

function memberOf({ fields }: DescOneof, variant: number): DescField | undefined {
  return fields[variant % fields.length];
}

function fill(sample: ReflectMessage, field: DescField): void {
  switch (field.fieldKind) {
    case 'scalar':
      return sample.set(field, scalar(field.scalar));
    case 'enum':
      return sample.set(field, field.enum.values.at(-1)?.number ?? 0);
    case 'message':
      return sample.set(field, reflect(field.message));
    case 'list': {
      const list = reflectList(field);
      if (field.listKind === 'scalar') list.add(scalar(field.scalar));
      else if (field.listKind === 'enum') list.add(field.enum.values.at(-1)?.number ?? 0);
      else list.add(reflect(field.message));
      return sample.set(field, list);
    }
    case 'map': {
      const map = reflectMap(field);
      const key = scalar(field.mapKey);
      if (field.mapKind === 'scalar') map.set(key, scalar(field.scalar));
      else if (field.mapKind === 'enum') map.set(key, field.enum.values.at(-1)?.number ?? 0);
      else map.set(key, reflect(field.message, create(field.message)));
      return sample.set(field, map);
    }
  }
}

function scalar(type: ScalarType): string | number | bigint | boolean | Uint8Array {
  switch (type) {
    case ScalarType.STRING:
      return 'a';
    case ScalarType.BYTES:
      return Uint8Array.of(97);
    case ScalarType.BOOL:
      return true;
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return 1n;
    default:
      return 1;
  }
}
