/** Schemas between the wire and the state. */
import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { schemaDefinitionBytesMax, schemaNameBytesMax } from '../../base/limits.ts';
import { unreachable } from '../../base/assert.ts';
import {
  type Schema,
  type SchemaDefinition,
  SchemaDefinitionSchema,
  type SchemaMigration,
  SchemaSchema,
} from '../../gen/hyperloom/v1/schema_pb.ts';
import type { SchemaCompiler } from '../../schema/compile.ts';
import { invalidSchema } from '../../schema/verdict.ts';
import type { BeginGhost } from '../../state/command.ts';
import { formatTemplate, parseTemplate } from '../../state/schemas/path-template.ts';
import type { SchemaBinding, SchemaSource, SchemaVersion } from '../../state/schemas/schema.ts';
import { checkNeeded, tooMuch, toNumber } from '../checks.ts';
import { Refused, violation } from '../errors.ts';
import { decodeJson } from '../json-text.ts';
import { latin1 } from './value.ts';
import { fromLatin1 } from './value-message.ts';

/** A schema to be registered or tried. Throws `Refused` where it is wrong in itself. */
export function schemaFrom(
  name: string,
  definition: SchemaDefinition | undefined,
  compiler: SchemaCompiler,
  within = '',
): SchemaSource {
  const source = sourceFrom(checkSchemaName(name, `${within}name`), definition, `${within}definition`);
  const compiled = compiler.coming(source);
  if ('problems' in compiled) {
    const place = source.format === 'protobuf' ? 'descriptor_set' : 'json_schema.json';
    throw new Refused(invalidSchema(compiled, `${within}definition.${place}`));
  }
  return { ...source, bindings: compiled.bindings };
}

/** The version that a ghost brings, as a command carries it. */
export function migrationFrom(
  migration: SchemaMigration | undefined,
  compiler: SchemaCompiler,
): Pick<BeginGhost, 'migration'> {
  if (migration === undefined) return {};
  const source = schemaFrom(migration.name, migration.definition, compiler, 'migration.');
  const expectedVersion = toNumber(migration.expectedVersion);
  return { migration: expectedVersion === 0 ? source : { ...source, expectedVersion } };
}

export function checkSchemaName(name: string, field = 'name'): string {
  checkNeeded(name, field, 'schemaNameBytesMax', schemaNameBytesMax);
  if (/^[\w.-]+$/.test(name)) return name;
  return violation(field, 'a schema is named by 1 to 128 of a-z A-Z 0-9 . _ -');
}

function sourceFrom(name: string, definition: SchemaDefinition | undefined, field: string): SchemaSource {
  const kind = definition?.kind ?? { case: undefined };
  switch (kind.case) {
    case 'descriptorSet': {
      checkDefinition(kind.value, `${field}.descriptor_set`);
      return { name, format: 'protobuf', definition: latin1(kind.value), bindings: [] };
    }
    case 'jsonSchema': {
      const { json, path } = kind.value;
      checkDefinition(json, `${field}.json_schema.json`);
      const text = decodeJson(json);
      if (typeof text !== 'string') violation(`${field}.json_schema.json`, text.problem, 'INVALID_SCHEMA');
      const bindings = [bindingFrom(path, `${field}.json_schema.path`)];
      return { name, format: 'json_schema', definition: latin1(json), bindings };
    }
    case undefined:
      return violation(field, 'a descriptor set or a JSON Schema is required');
    default:
      return unreachable(kind);
  }
}

function checkDefinition(bytes: Uint8Array, field: string): void {
  if (bytes.length > schemaDefinitionBytesMax)
    tooMuch(field, 'schemaDefinitionBytesMax', schemaDefinitionBytesMax, bytes.length, 'bytes');
}

function bindingFrom(path: string, field: string): SchemaBinding {
  const template = parseTemplate(path);
  if ('problem' in template) return violation(field, template.problem, 'INVALID_SCHEMA');
  return { template, messageType: '' };
}

/** A version for the wire, with its definition where that was asked for. */
export function schemaMessage(schema: SchemaVersion, withDefinition: boolean): Schema {
  return create(SchemaSchema, {
    name: schema.name,
    version: BigInt(schema.version),
    bindings: schema.bindings.map(({ template, messageType }) => ({
      path: formatTemplate(template),
      messageType,
    })),
    revision: BigInt(schema.revision),
    author: schema.author,
    registerTime: timestampFromMs(schema.timeMs),
    definitionBytes: BigInt(schema.definition.length),
    ...(withDefinition ? { definition: definitionMessage(schema) } : {}),
  });
}

function definitionMessage({ format, definition, bindings }: SchemaVersion): SchemaDefinition {
  const bytes = fromLatin1(definition);
  if (format === 'protobuf')
    return create(SchemaDefinitionSchema, { kind: { case: 'descriptorSet', value: bytes } });
  const [binding] = bindings;
  const path = binding === undefined ? '' : formatTemplate(binding.template);
  return create(SchemaDefinitionSchema, { kind: { case: 'jsonSchema', value: { json: bytes, path } } });
}
