/** Values as tools tell them, and as models hand them in. */
import * as z from 'zod';

import {
  json,
  stringifyJson,
  TypedMessage,
  type JsonValue,
  type PutValue,
  type Value,
  type ValueKind,
} from '../../../clients/typescript/src/index.ts';
import { WrongUse } from '../wrong-use.ts';
import { isLong, partOf, partShape, type Window } from './window.ts';

/** What is told of a value. */
export const valueFields = {
  kind: z
    .enum(['none', 'json', 'text', 'bytes', 'message'])
    .describe('none: it has only children. message: Protobuf without a JSON form.'),
  value: z.unknown().optional().describe('JSON or text that is not too long.'),
  exact_json: z
    .string()
    .optional()
    .describe('Where it has integers beyond 2^53, which are strings in value.'),
  base64: z.string().optional().describe('Bytes, or a message.'),
  type_url: z.string().optional(),
  part: partShape.optional(),
};

const valueShape = z.object(valueFields);
export type ToldValue = z.output<typeof valueShape>;

/** A value as the client gives it. */
export interface ReadValue {
  readonly kind: ValueKind;
  readonly value: Value | undefined;
  readonly json: string | undefined;
}

/** Tells a value, or the part of it that the window shows. */
export function tellValue({ kind, value, json: text }: ReadValue, window: Window): ToldValue {
  if (value === undefined) return { kind };
  if (value instanceof Uint8Array) return tellBytes({ kind }, value, window);
  if (value instanceof TypedMessage) return tellBytes({ kind, type_url: value.typeUrl }, value.bytes, window);
  const exact = textOf(value, text, kind);
  if (isLong(exact, window)) return { kind, part: partOf(exact, window) };
  if (kind === 'text') return { kind, value };
  const plain = plainJson(value);
  return plain === value ? { kind, value } : { kind, value: plain, exact_json: exact };
}

function tellBytes(told: ToldValue, bytes: Uint8Array, window: Window): ToldValue {
  const base64 = Buffer.from(bytes).toString('base64');
  return isLong(base64, window) ? { ...told, part: partOf(base64, window) } : { ...told, base64 };
}

function textOf(value: JsonValue, text: string | undefined, kind: ValueKind): string {
  if (kind === 'text' && typeof value === 'string') return value;
  return text ?? stringifyJson(value);
}

/** The same JSON with strings for integers that a double would round; the very same value where there are none. */
function plainJson(value: JsonValue): JsonValue {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (isArray(value)) {
    const items = value.map(plainJson);
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  const entries = Object.entries(value).map(([key, each]) => [key, plainJson(each)] as const);
  return entries.some(([key, each]) => each !== value[key]) ? Object.fromEntries(entries) : value;
}

/** `Array.isArray` does not know of arrays that cannot be changed. */
function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** What a model hands in as a value: exactly one of them. */
export const newValueFields = {
  value: z
    .unknown()
    .optional()
    .describe('Any JSON. A plain string is stored as text, everything else as JSON.'),
  json_text: z
    .string()
    .optional()
    .describe('Instead of value: the exact text of the JSON, for integers beyond 2^53 and for JSON strings.'),
  base64: z.base64().optional().describe('Instead of value: bytes.'),
};

/** Reads it. Throws with what is wrong where not exactly one of them is given. */
export function readNewValue(given: {
  readonly value?: unknown;
  readonly json_text?: string | undefined;
  readonly base64?: string | undefined;
}): PutValue {
  const count = [given.value, given.json_text, given.base64].filter((each) => each !== undefined).length;
  if (count !== 1) throw new WrongUse('give exactly one of value, json_text and base64');
  if (given.base64 !== undefined) return Uint8Array.from(Buffer.from(given.base64, 'base64'));
  return given.json_text === undefined ? (given.value as PutValue) : json(given.json_text);
}
