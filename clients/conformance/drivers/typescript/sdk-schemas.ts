/** The verbs of schemas. */
import {
  mapping,
  type Client,
  type JsonValue,
  type MappingRule,
  type MessageMapping,
  type Schema,
  type SchemaDefinition,
} from '../../../typescript/src/index.ts';
import type { Arguments } from './sdk-arguments.ts';
import type { Verbs } from './sdk-handles.ts';
import type { Result } from './sdk-results.ts';

/** One rule of a mapping: one of these. */
interface GivenRule {
  readonly move?: { readonly from: string; readonly to: string };
  readonly constant?: { readonly field: string; readonly value: JsonValue };
  readonly drop?: string;
}

/** What becomes of the fields of one message. */
export interface GivenMapping {
  readonly message: string;
  readonly rules?: readonly GivenRule[];
  readonly dropUnknownFields?: boolean;
}

export const schemaVerbs: Verbs<Client> = {
  register: async (on, { args, signal }) => {
    const options = { expectedVersion: args.expectedVersion, mapping: mappingOf(args), signal };
    const done = await on.schemas.register(args.name ?? '', definitionOf(args), options);
    return { ...tellSchema(done.schema), unchanged: done.unchanged, mappedValues: done.mappedValues };
  },
  validate: async (on, { args, signal }) => {
    const options = { mapping: mappingOf(args), signal };
    const tried = await on.schemas.validate(args.name ?? '', definitionOf(args), options);
    const { revision } = tried;
    if (!tried.accepted) {
      const { reason, problems } = tried;
      return { schema: null, reason, problems, unchanged: false, mappedValues: 0, revision };
    }
    const { schema, unchanged, mappedValues } = tried;
    return { schema: tellSchema(schema), reason: '', problems: [], unchanged, mappedValues, revision };
  },
  getSchema: async (on, { args }) =>
    tellSchema(await on.schemas.get(args.name ?? '', { version: args.version })),
  listSchemas: async (on) => {
    const { schemas, unboundPaths, revision } = await on.schemas.list();
    return { schemas: schemas.map(tellSchema), unboundPaths, revision };
  },
  setUnboundPaths: async (on, { args }) => on.schemas.setUnboundPaths(args.unboundPaths ?? 'free'),
};

function definitionOf({ set, json = '', path = '' }: Arguments): SchemaDefinition {
  return set === undefined
    ? { kind: 'json_schema', json, path }
    : { kind: 'descriptor_set', bytes: new Uint8Array(Buffer.from(set, 'base64')) };
}

function mappingOf({ mapping: given }: Arguments): readonly MessageMapping[] | undefined {
  return given?.map(({ message, rules = [], dropUnknownFields }) => ({
    messageType: message,
    rules: rules.map(ruleOf),
    dropUnknownFields,
  }));
}

function ruleOf({ move, constant, drop = '' }: GivenRule): MappingRule {
  if (move !== undefined) return mapping.move(move.from, move.to);
  return constant === undefined ? mapping.drop(drop) : mapping.constant(constant.field, constant.value);
}

function tellSchema(schema: Schema): Readonly<Record<string, Result>> {
  const { name, version, revision, bindings, definition } = schema;
  return { name, version, revision, bindings, definition: tellDefinition(definition) };
}

function tellDefinition(definition: SchemaDefinition | undefined): Result {
  if (definition === undefined) return null;
  if (definition.kind === 'json_schema') return { json: definition.json, path: definition.path };
  return { set: Buffer.from(definition.bytes).toString('base64') };
}
