/** What schemas are made into: something that tells what is wrong with a value. */
import type { SchemaBinding, SchemaFormat } from '../state/schemas/schema.ts';
import type { Value, ValueKind } from '../state/values/value.ts';

/** Something that is wrong with a value or a schema. */
export interface Problem {
  /** A rule's id. */
  readonly rule: string;
  /** Where: a field of a value such as `sources[2]`, a part of a definition such as `acme.v1.Note.claim`. Empty: all of it. */
  readonly subject: string;
  readonly message: string;
}

/** A schema that can be used. */
export interface CompiledSchema {
  readonly format: SchemaFormat;
  readonly bindings: readonly SchemaBinding[];
  /** What is wrong with a value at a path of that binding; empty where it fits. At most `schemaProblemsMax`. */
  check(binding: SchemaBinding, value: Value): readonly Problem[];
}

/** Why a definition is no schema. At least one problem. */
export interface Uncompilable {
  readonly problems: readonly Problem[];
}

/** A kind of value in words. */
export function kindName(kind: ValueKind): string {
  return { json: 'JSON', items: 'JSON', text: 'a text', bytes: 'bytes', message: 'a message' }[kind];
}

/** A problem of a schema as a whole. */
export function uncompilable(rule: string, message: string, subject = ''): Uncompilable {
  return { problems: [{ rule, subject, message }] };
}
