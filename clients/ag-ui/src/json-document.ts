/**
 * Values of nodes as plain JSON, for a document that any JSON program can hold. Texts are strings, JSON is itself, messages are ProtoJSON. What JSON
 * has no place for: bytes are `{"base64": "…"}`, a message without a JSON form is that with its `@type`, and an integer that a double would round
 * is a string of its digits.
 */
import type { Node, Value, ValueKind } from '@hyperloom/client';
import { TypedMessage } from '@hyperloom/client';
import type { Plain } from '@hyperloom/client/adapters';

/** A value as it is told: of a node, or of a change that puts one. */
export interface ToldValue {
  readonly kind: ValueKind;
  readonly value: Value | undefined;
}

/** `undefined`: the node has no value of its own. */
export function documentValue({ kind, value }: ToldValue | Node): Plain | undefined {
  return kind === 'none' || value === undefined ? undefined : plain(value);
}

/** Any value that is read from the broker. */
export function plain(value: Value): Plain {
  if (typeof value === 'bigint') return value.toString();
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString('base64') };
  if (value instanceof TypedMessage)
    return { '@type': value.typeUrl, base64: Buffer.from(value.bytes).toString('base64') };
  if (isList(value)) return value.map(plain);
  // Not by assignment: a member may be called `__proto__`.
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

function isList(value: Value): value is readonly Exclude<Value, Uint8Array | TypedMessage>[] {
  return Array.isArray(value);
}
