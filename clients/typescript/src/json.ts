/**
 * JSON that loses no integers: what does not fit a double exactly is a bigint. `JSON.parse` alone would round it.
 */

/** What JSON can hold. */
export type JsonValue =
  null | boolean | number | bigint | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Exact JSON text: sent as it is, byte for byte. Makes JSON strings possible, since a plain string is a text. */
export class Json {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Wraps exact JSON text as a value. The broker refuses it with `INVALID_VALUE` where it does not parse. */
export function json(text: string): Json {
  return new Json(text);
}

/** JSON text of a value. Throws a `TypeError` for what JSON cannot hold (functions, symbols, `undefined`, cycles, NaN). */
export function stringifyJson(value: unknown): string {
  const text = containsOddity(value) ? JSON.stringify(value, exactly) : JSON.stringify(value);
  if (typeof text !== 'string')
    throw new TypeError(`a value of type ${typeof value} cannot be written as JSON`);
  return text;
}

/** Parses JSON text; integers beyond 2^53 become bigints. */
export function parseJson(text: string): JsonValue {
  // Only a run of 16 digits can be an integer that a double rounds: the slow way is for those texts alone.
  return longDigits.test(text) ? (JSON.parse(text, revive) as JsonValue) : (JSON.parse(text) as JsonValue);
}

const longDigits = /\d{16}/;
const integerText = /^-?\d+$/;

/** Lib types of `JSON.parse` with source access and of `JSON.rawJSON` (ES2026), which every supported runtime has. */
interface ExactJson {
  rawJSON(text: string): object;
}

function revive(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined && integerText.test(source) ? BigInt(source) : value;
}

function exactly(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return (JSON as unknown as ExactJson).rawJSON(value.toString());
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new TypeError(`${value} cannot be written as JSON`);
  return value;
}

/** Whether plain `JSON.stringify` would throw on a bigint or write a non-finite number as `null`. */
function containsOddity(value: unknown): boolean {
  switch (typeof value) {
    case 'bigint':
      return true;
    case 'number':
      return !Number.isFinite(value);
    case 'object':
      if (value === null) return false;
      if (Array.isArray(value)) return value.some(containsOddity);
      for (const key in value)
        if (containsOddity((value as Readonly<Record<string, unknown>>)[key])) return true;
      return false;
    default:
      return false;
  }
}
