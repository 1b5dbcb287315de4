/** Plain JSON objects, and RFC 7396 merge patches between them. */
import { stringifyJson } from '../json.ts';

/** What `JSON.parse` makes. */
export type Plain = null | boolean | number | string | readonly Plain[] | PlainObject;

/** An object of JSON. */
export interface PlainObject {
  readonly [key: string]: Plain;
}

/** Whether it is an object, and no array. */
export function isObject(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether two values are the same JSON, whatever the order of keys. */
export function isEqual(a: Plain | undefined, b: Plain | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item: Plain, index) => isEqual(item, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]))
  );
}

/** The patch that makes `to` of `from`, as far as one can say it: it cannot set a member to null. */
export function patchBetween(from: PlainObject, to: PlainObject): PlainObject {
  const patch: Record<string, Plain> = {};
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) patch[key] = null;
  for (const [key, wanted] of Object.entries(to)) {
    const there = from[key];
    if (isEqual(there, wanted)) continue;
    patch[key] = isObject(there) && isObject(wanted) ? patchBetween(there, wanted) : wanted;
  }
  return patch;
}

/** Applies a patch. */
export function patched(target: PlainObject, patch: PlainObject): PlainObject {
  const out: Record<string, Plain> = { ...target };
  for (const [key, wanted] of Object.entries(patch)) {
    const there = out[key];
    if (wanted === null) delete out[key];
    else if (isObject(wanted)) out[key] = patched(isObject(there) ? there : {}, wanted);
    else out[key] = wanted;
  }
  return out;
}

/**
 * A value of a program as plain JSON. Throws a `TypeError` for what JSON cannot hold, and for bytes, of which JSON would make an object with a key
 * for each.
 */
export function plainOf(value: unknown): Plain {
  refuseBytes(value);
  return JSON.parse(stringifyJson(value)) as Plain;
}

function refuseBytes(value: unknown): void {
  if (value instanceof Uint8Array) throw new TypeError('it holds bytes; write them as a data: URL');
  if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) refuseBytes(part);
}
