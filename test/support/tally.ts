/**
 * A message for models of the broker, and what operations on its fields make of it, by rules on plain JSON: the broker works on bytes.
 */
import {
  create,
  createFileRegistry,
  fromBinary,
  fromJson,
  setExtension,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import type { DescMessage, JsonValue } from '@bufbuild/protobuf';
import {
  DescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FieldDescriptorProtoSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  MessageOptionsSchema,
} from '@bufbuild/protobuf/wkt';
import type { Any } from '@bufbuild/protobuf/wkt';

import type { FieldCondition } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import { node, NodeOptionsSchema } from '../../src/gen/hyperloom/v1/node_options_pb.ts';

/** Where they are. */
export const tallyPrefix = '/m';

const options = create(MessageOptionsSchema);
setExtension(options, node, create(NodeOptionsSchema, { path: `${tallyPrefix}/{who}/{what}` }));

function field(name: string, number: number, type: Type, more: { repeated?: true; typeName?: string } = {}) {
  const label = more.repeated === undefined ? Label.OPTIONAL : Label.REPEATED;
  const { typeName = '' } = more;
  return create(FieldDescriptorProtoSchema, { name, number, type, label, typeName, jsonName: name });
}

const file = create(FileDescriptorProtoSchema, {
  name: 'tally.proto',
  package: 'simulation',
  syntax: 'proto3',
  messageType: [
    create(DescriptorProtoSchema, {
      name: 'Tally',
      options,
      field: [
        field('title', 1, Type.STRING),
        field('lines', 2, Type.STRING, { repeated: true }),
        field('total', 3, Type.INT64),
        field('marks', 4, Type.SINT32, { repeated: true }),
        field('part', 5, Type.MESSAGE, { typeName: '.simulation.Part' }),
      ],
    }),
    create(DescriptorProtoSchema, {
      name: 'Part',
      field: [field('state', 1, Type.STRING), field('count', 2, Type.UINT32)],
    }),
  ],
});
const set = create(FileDescriptorSetSchema, { file: [file] });

/** Its schema, as it is registered. */
export const tallySchema = toBinary(FileDescriptorSetSchema, set);

const found = createFileRegistry(set).getMessage('simulation.Tally');
if (found === undefined) throw new Error('the message is missing');
/** Its descriptor. */
export const descriptor: DescMessage = found;

/** What a tally holds, as its ProtoJSON says it: fields at their defaults are left out. */
export interface Tally {
  title?: string;
  lines?: string[];
  /** 64 bits. */
  total?: string;
  marks?: number[];
  part?: { state?: string; count?: number };
}

/** A tally on its way to the broker. */
export function tallyMessage(tally: Tally) {
  const value = toBinary(descriptor, fromJson(descriptor, tally as JsonValue));
  return { typeUrl: `type.googleapis.com/${descriptor.typeName}`, value };
}

/** A tally out of its message. */
export function tallyOf({ value }: Pick<Any, 'value'>): Tally {
  return toJson(descriptor, fromBinary(descriptor, value)) as Tally;
}

/** A tally with a patch merged into it: with a mask, exactly the fields in it; without one, as Protobuf merges. */
export function mergedTally(old: Tally, patch: Tally, mask: readonly string[] = []): Tally {
  if (mask.length === 0) return mergedWhole(old, patch);
  const result = structuredClone(old);
  for (const name of mask) setAs(result, patch, name.split('.'));
  return result;
}

function mergedWhole(old: Tally, patch: Tally): Tally {
  const { lines = [], marks = [], part, ...single } = patch;
  const result: Tally = { ...old, ...single };
  if (lines.length > 0) result.lines = [...(old.lines ?? []), ...lines];
  if (marks.length > 0) result.marks = [...(old.marks ?? []), ...marks];
  if (part !== undefined) result.part = { ...old.part, ...part };
  return result;
}

function setAs(target: object, source: object, [name = '', ...rest]: readonly string[]): void {
  const [to, from] = [target as Record<string, unknown>, source as Record<string, unknown>];
  if (rest.length === 0) {
    if (from[name] === undefined) delete to[name];
    else to[name] = from[name];
    return;
  }
  const inner = { ...(to[name] as object | undefined) };
  setAs(inner, (from[name] as object | undefined) ?? {}, rest);
  // What is only cleared is not brought into being.
  if (to[name] !== undefined || Object.keys(inner).length > 0) to[name] = inner;
}

/** A tally after an increment of its total, and the sum. */
export function addedTo(old: Tally, amount: bigint): { readonly tally: Tally; readonly sum: string } {
  const sum = String(BigInt(old.total ?? 0) + amount);
  const { total: _, ...rest } = old;
  return { tally: sum === '0' ? rest : { ...rest, total: sum }, sum };
}

/** The same text for equal tallies. */
export function tallyText(tally: Tally): string {
  return JSON.stringify(toJson(descriptor, fromJson(descriptor, tally as JsonValue)));
}

/** Whether a condition holds; of a node that is not there nothing is set and nothing equal. */
export function tallyHolds(
  tally: Tally | undefined,
  { target, expectation }: Pick<FieldCondition, 'target' | 'expectation'>,
): boolean {
  if (target.case !== 'field') throw new TypeError('only names of fields are used');
  const value = target.value
    .split('.')
    .reduce<unknown>((inside, name) => (inside as Record<string, unknown> | undefined)?.[name], tally);
  if (expectation.case === 'isSet') return (value !== undefined) === expectation.value;
  if (tally === undefined) return false;
  const wanted: unknown = JSON.parse(new TextDecoder().decode(expectation.value));
  const defaults: Readonly<Record<string, unknown>> = {
    title: '',
    total: '0',
    'part.state': '',
    'part.count': 0,
  };
  return (value ?? defaults[target.value]) === wanted;
}
