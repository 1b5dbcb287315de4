/** Integers in ProtoJSON that a double cannot hold: exact where a field has 64 bits, doubles everywhere else. */
import { ScalarType } from '@bufbuild/protobuf';
import type { DescExtension, DescField, DescMessage, FileRegistry, JsonValue } from '@bufbuild/protobuf';
import { AnySchema, hasCustomJsonRepresentation } from '@bufbuild/protobuf/wkt';
import { isObject } from './json-budget.ts';

/** What `JSON.parse` tells of a value besides: not in TypeScript's library yet. */
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

const longTypes: ReadonlySet<ScalarType> = new Set([
  ScalarType.INT64,
  ScalarType.UINT64,
  ScalarType.SINT64,
  ScalarType.FIXED64,
  ScalarType.SFIXED64,
]);

/** What the names in JSON stand for. */
export interface MessageType {
  readonly descriptor: DescMessage;
  /** What `Any` fields and extensions may hold. */
  readonly registry: FileRegistry;
}

/** What JSON text holds that is to become a message: with bigints where a field has 64 bits and an integer needs them. */
export function exactIntegers({ descriptor, registry }: MessageType, text: string): JsonValue {
  if (!/\d{16}/.test(text)) return JSON.parse(text) as JsonValue;
  let isLarge = false;
  const revive: Reviver = (_, value, { source = '' }) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value) || !/^-?\d+$/.test(source)) return value;
    isLarge = true;
    return BigInt(source);
  };
  const json: unknown = JSON.parse(text, revive as (key: string, value: unknown) => unknown);
  return (isLarge ? settledMessage(descriptor, registry, json) : json) as JsonValue;
}

function settledMessage(descriptor: DescMessage | undefined, registry: FileRegistry, json: unknown): unknown {
  if (typeof json === 'bigint') return isLongWrapper(descriptor) ? json : Number(json);
  if (descriptor?.typeName === AnySchema.typeName) return settledAny(registry, json);
  const isPlain = descriptor !== undefined && !hasCustomJsonRepresentation(descriptor);
  return within(json, (key, value) => {
    const field = isPlain
      ? (fieldCalled(descriptor, key) ?? registry.getExtension(key.slice(1, -1)))
      : undefined;
    return field === undefined
      ? settledMessage(undefined, registry, value)
      : settledField(field, registry, value);
  });
}

function settledAny(registry: FileRegistry, json: unknown): unknown {
  const url = isObject(json) ? json['@type'] : undefined;
  const inner =
    typeof url === 'string' ? registry.getMessage(url.slice(url.lastIndexOf('/') + 1)) : undefined;
  if (inner === undefined || !hasCustomJsonRepresentation(inner))
    return settledMessage(inner, registry, json);
  return within(json, (key, value) => settledMessage(key === 'value' ? inner : undefined, registry, value));
}

function settledField(field: DescField | DescExtension, registry: FileRegistry, json: unknown): unknown {
  const single = (value: unknown): unknown => {
    if (typeof value === 'bigint' && field.scalar !== undefined)
      return longTypes.has(field.scalar) ? value : Number(value);
    return settledMessage(field.message, registry, value);
  };
  const isMany = field.fieldKind === 'list' || field.fieldKind === 'map';
  return isMany ? within(json, (_, value) => single(value)) : single(json);
}

function isLongWrapper(descriptor: DescMessage | undefined): boolean {
  const name = descriptor?.typeName;
  return name === 'google.protobuf.Int64Value' || name === 'google.protobuf.UInt64Value';
}

/** The field that a key of an object names. */
export function fieldCalled({ fields }: DescMessage, key: string): DescField | undefined {
  return fields.find(({ name, jsonName }) => name === key || jsonName === key);
}

/** Changes what an array or object holds. */
function within(json: unknown, change: (key: string, value: unknown) => unknown): unknown {
  if (Array.isArray(json)) return json.map((item: unknown) => change('', item));
  if (!isObject(json)) return json;
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, change(key, value)]));
}
