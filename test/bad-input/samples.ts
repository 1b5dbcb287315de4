/** A valid example of each message that a request can hold, so that whatever is changed in it is all that is wrong. */
import { create } from '@bufbuild/protobuf';
import type { DescMessage } from '@bufbuild/protobuf';
import type { ReflectMessage } from '@bufbuild/protobuf/reflect';

import { reflected } from './wire.ts';

const json = new TextEncoder().encode('{"a":1}');
const path = '/a/text';

/** By type name. Where it matters which alternative is chosen, the first stands for all: each of the others is tried as well. */
const samples: Readonly<Record<string, object>> = {
  'hyperloom.v1.Operation': {
    path: '/new/node',
    action: { case: 'put', value: { kind: { case: 'text', value: 'x' } } },
  },
  'hyperloom.v1.Value': { kind: { case: 'text', value: 'x' } },
  'hyperloom.v1.Append': { addition: { case: 'text', value: 'x' } },
  'hyperloom.v1.JsonItems': { json: [json] },
  'hyperloom.v1.Merge': { jsonPatch: json },
  'hyperloom.v1.Increment': { amount: { case: 'integer', value: 1n } },
  'hyperloom.v1.Delete': { scope: 1 },
  'hyperloom.v1.Copy': { sourcePath: path },
  'hyperloom.v1.Precondition': { path, condition: { case: 'presence', value: 1 } },
  'hyperloom.v1.FieldCondition': {
    target: { case: 'jsonPointer', value: '/a' },
    expectation: { case: 'isSet', value: true },
  },
  'hyperloom.v1.BasisEntry': { path, revision: 1n, extent: 1 },
  'hyperloom.v1.PublishRequest': {
    operations: [
      { path: '/new/node', action: { case: 'put', value: { kind: { case: 'text', value: 'x' } } } },
    ],
  },
  'hyperloom.v1.ReadView': { atRevision: 1n },
  'hyperloom.v1.SchemaPin': { schema: 'pinned', version: 1n },
  'hyperloom.v1.Gate': { kind: { case: 'limit', value: { operationsMax: 1n } } },
  'hyperloom.v1.LimitGate': { patterns: ['/a/**'], operationsMax: 1n, bytesMax: 100n },
  'hyperloom.v1.ReviewGate': { reviewer: 'editor' },
  'hyperloom.v1.SchemaGate': { onViolation: 1 },
  'hyperloom.v1.Race': { id: 'race', attemptsMax: 3 },
  'hyperloom.v1.LockTarget': { path: '/free', mode: 2 },
  'hyperloom.v1.GhostRewind': { ghostId: 'nobody-has-this', checkpoint: 'x' },
  'hyperloom.v1.RevisionRange': { fromRevision: 1n, toRevision: 2n },
  'hyperloom.v1.SchemaDefinition': { kind: { case: 'jsonSchema', value: { path: '/typed/{name}', json } } },
  'hyperloom.v1.SchemaMigration': {
    name: 'brought',
    definition: { kind: { case: 'jsonSchema', value: { path: '/brought/{name}', json } } },
  },
  'hyperloom.v1.SchemaMapping': {
    messages: [{ messageType: 'acme.v1.Pinned', rules: [{ kind: { case: 'drop', value: 'text' } }] }],
  },
  'hyperloom.v1.MessageMapping': {
    messageType: 'acme.v1.Pinned',
    rules: [{ kind: { case: 'drop', value: 'text' } }],
  },
  'hyperloom.v1.MappingRule': { kind: { case: 'move', value: { from: 'text', to: 'text' } } },
  'hyperloom.v1.FieldMove': { from: 'text', to: 'text' },
  'hyperloom.v1.FieldConstant': { field: 'text', json },
  'hyperloom.v1.JsonSchema': { path: '/typed/{name}', json },
  'google.protobuf.Duration': { seconds: 60n },
  'google.protobuf.Any': { typeUrl: 'type.googleapis.com/a.B', value: json },
  'google.protobuf.Value': { kind: { case: 'stringValue', value: 'x' } },
  'google.protobuf.Struct': { fields: { a: { kind: { case: 'boolValue', value: true } } } },
  'google.protobuf.ListValue': { values: [{ kind: { case: 'boolValue', value: true } }] },
};

/** An example of a type. */
export function sampleOf(descriptor: DescMessage): ReflectMessage {
  // A struct is plain JSON where it is a field; as a message of its own it is not.
  return reflected(descriptor, create(descriptor, { ...samples[descriptor.typeName] }));
}
