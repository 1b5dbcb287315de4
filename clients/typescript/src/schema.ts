/** Schemas as programs see them, and how their sources are told. */
import { create, toBinary, type DescFile, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema, timestampDate, type FileDescriptorProto } from '@bufbuild/protobuf/wkt';
import type * as wire from './gen/hyperloom/v1/schema_pb.ts';
import type { SchemaDefinitionSchema } from './gen/hyperloom/v1/schema_pb.ts';

/** A schema's source. */
export type SchemaDefinition =
  /** A compiled `google.protobuf.FileDescriptorSet`, as `buf build -o set.binpb` writes it. {@link schemaOf} makes one of generated code. */
  | { readonly kind: 'descriptor_set'; readonly bytes: Uint8Array }
  /** A JSON Schema 2020-12, as text, and the paths that it is about, such as `/{session}/plans/{plan}`. */
  | { readonly kind: 'json_schema'; readonly json: string; readonly path: string };

/** Paths and what may be there. */
export interface SchemaBinding {
  /** `{name}` stands for one segment. */
  readonly path: string;
  /** The full name of the only message that may be there. Empty: JSON. */
  readonly messageType: string;
}

/** One version of a schema. */
export interface Schema {
  readonly name: string;
  /** From 1. */
  readonly version: number;
  readonly bindings: readonly SchemaBinding[];
  /** The trunk revision that its registration made. */
  readonly revision: number;
  readonly author: string;
  readonly registerTime: Date;
  /** Size of the definition. */
  readonly definitionBytes: number;
  /** What was registered, byte for byte. Only in answers of `get`. */
  readonly definition?: SchemaDefinition;
}

/** Why a schema cannot be registered. */
export interface SchemaObjection {
  /** What it breaks: a rule's id such as `FIELD_WIRE_JSON_COMPATIBLE_TYPE`. */
  readonly rule: string;
  /** Where: a field of the definition such as `acme.v1.ResearchNote.claim`, or the path of a stored node and the field in it. */
  readonly subject: string;
  /** What is wrong, for people. */
  readonly message: string;
}

/** The definition of generated messages with the option `(hyperloom.v1.node).path`: their files with all that these import. */
export function schemaOf(...messages: readonly DescMessage[]): SchemaDefinition {
  const files = new Map<string, FileDescriptorProto>();
  const add = ({ proto, dependencies }: DescFile): void => {
    if (files.has(proto.name)) return;
    for (const dependency of dependencies) add(dependency);
    files.set(proto.name, proto);
  };
  for (const { file } of messages) add(file);
  const set = create(FileDescriptorSetSchema, { file: [...files.values()] });
  return { kind: 'descriptor_set', bytes: toBinary(FileDescriptorSetSchema, set) };
}

/** Writes a definition as its message. */
export function wireDefinition(
  definition: SchemaDefinition,
): MessageInitShape<typeof SchemaDefinitionSchema> {
  switch (definition.kind) {
    case 'descriptor_set':
      return { kind: { case: 'descriptorSet', value: new Uint8Array(definition.bytes) } };
    case 'json_schema': {
      const value = { json: new TextEncoder().encode(definition.json), path: definition.path };
      return { kind: { case: 'jsonSchema', value } };
    }
  }
}

/** Reads a schema from its message. */
export function readSchema(message: wire.Schema): Schema {
  return {
    name: message.name,
    version: Number(message.version),
    bindings: message.bindings.map(({ path, messageType }) => ({ path, messageType })),
    revision: Number(message.revision),
    author: message.author,
    registerTime: message.registerTime === undefined ? new Date(0) : timestampDate(message.registerTime),
    definitionBytes: Number(message.definitionBytes),
  };
}

/** Reads a definition from its message; `undefined` for a kind from a newer broker. */
export function readDefinition(message: wire.SchemaDefinition | undefined): SchemaDefinition | undefined {
  const kind = message?.kind;
  switch (kind?.case) {
    case 'descriptorSet':
      return { kind: 'descriptor_set', bytes: kind.value };
    case 'jsonSchema':
      return { kind: 'json_schema', json: new TextDecoder().decode(kind.value.json), path: kind.value.path };
    default:
      return undefined;
  }
}
