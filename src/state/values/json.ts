/** JSON without loss: numbers keep their digits through a merge, whatever their size. */
import { decimalOf, textOfDecimal } from './decimal.ts';

/** A parsed JSON value in which numbers that a double would change are kept as their source text. */
export type Json = null | boolean | number | string | RawNumber | readonly Json[] | JsonObject;
/** Without a prototype, so that a key such as `__proto__` is a key like any other. */
export interface JsonObject {
  [key: string]: Json;
}
/** A number as its digits. */
export interface RawNumber {
  readonly rawJSON: string;
}

/** The parts of the standard `JSON` object that its type does not know yet (ECMAScript 2026, JSON.parse source text access). */
interface SourceAwareJson {
  rawJSON(text: string): RawNumber;
  isRawJSON(value: unknown): value is RawNumber;
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): Json;
}
const sourceAware = JSON as unknown as SourceAwareJson;

/** Parses valid JSON text. Nesting is bounded by `jsonDepthMax`, which is checked where values come in. */
export function parseJson(text: string): Json {
  return sourceAware.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source
      ? sourceAware.rawJSON(source)
      : value,
  );
}

/** True for objects, false for arrays, numbers and all else. */
export function isJsonObject(json: Json | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json) && !sourceAware.isRawJSON(json);
}

/** RFC 7396: `target` with `patch` merged into it. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isJsonObject(patch)) return patch;
  const merged = Object.create(null) as JsonObject;
  if (isJsonObject(target)) for (const key of Object.keys(target)) merged[key] = target[key] ?? null;
  for (const key of Object.keys(patch)) {
    const value = patch[key] ?? null;
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

/**
 * Whether a patch that was made on `base` touches a key that differs in `now`. A patch of disjoint keys does not, so it can
 * be merged into `now` with the same meaning.
 */
export function patchConflicts(base: Json | undefined, now: Json | undefined, patch: Json): boolean {
  if (
    !isJsonObject(patch) ||
    (base !== undefined && !isJsonObject(base)) ||
    (now !== undefined && !isJsonObject(now))
  ) {
    return !sameJson(base, now);
  }
  return Object.keys(patch).some((key) => {
    const [baseValue, nowValue, value] = [base?.[key], now?.[key], patch[key]];
    if (isJsonObject(value) && (isJsonObject(baseValue) || isJsonObject(nowValue))) {
      return patchConflicts(baseValue, nowValue, value);
    }
    return !sameJson(baseValue, nowValue);
  });
}

function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  return a === b || canonical(a) === canonical(b);
}

/** Text that is equal for equal values, whatever the order of their keys. */
function canonical(json: Json | undefined): string {
  if (json === undefined) return '';
  if (Array.isArray(json)) return `[${json.map(canonical).join()}]`;
  if (!isJsonObject(json)) return JSON.stringify(json);
  const keys = Object.keys(json).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(json[key])}`).join()}}`;
}

/** Both are equal by value: numbers however they are written, objects whatever the order of their keys. */
export function equalJson(a: Json, b: Json): boolean {
  return byValue(a) === byValue(b);
}

/** Text that is equal for what {@link equalJson} calls equal. */
function byValue(json: Json): string {
  if (Array.isArray(json)) return `[${(json as readonly Json[]).map(byValue).join()}]`;
  if (typeof json === 'number') return decimalText(String(json));
  if (sourceAware.isRawJSON(json)) return decimalText(json.rawJSON);
  if (!isJsonObject(json)) return JSON.stringify(json);
  const keys = Object.keys(json).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${byValue(json[key] ?? null)}`).join()}}`;
}

function decimalText(text: string): string {
  return textOfDecimal(decimalOf(text));
}

/** A number that `JSON.stringify` writes as this text. */
export function rawNumber(text: string): RawNumber {
  return sourceAware.rawJSON(text);
}

/** The digits of a number that a double would change; `null` of all else. */
export function digitsOf(json: Json): string | null {
  return sourceAware.isRawJSON(json) ? json.rawJSON : null;
}

/** JSON text of a value, for people. */
export function textOfJson(json: Json): string {
  return JSON.stringify(json);
}
