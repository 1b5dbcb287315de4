/** Which items a search is for. */
import type { ItemValue } from './item.ts';

type Compare = (value: unknown, wanted: unknown) => boolean;

const operators: Readonly<Record<string, Compare>> = {
  $eq: isEqual,
  $ne: (value, wanted) => !isEqual(value, wanted),
  $gt: (value, wanted) => order(value, wanted) > 0,
  $gte: (value, wanted) => order(value, wanted) >= 0,
  $lt: (value, wanted) => order(value, wanted) < 0,
  $lte: (value, wanted) => order(value, wanted) <= 0,
  $in: (value, wanted) => Array.isArray(wanted) && wanted.some((each) => isEqual(value, each)),
  $nin: (value, wanted) => !(Array.isArray(wanted) && wanted.some((each) => isEqual(value, each))),
};

/** Every key of `filter` holds: it equals the value's member, or all its operators (`$gt`, `$in`, …) do. */
export function matches(value: ItemValue, filter: Readonly<Record<string, unknown>> = {}): boolean {
  return Object.entries(filter).every(([key, wanted]) => {
    const member: unknown = Object.hasOwn(value, key) ? (value[key] as unknown) : undefined;
    const conditions = conditionsOf(wanted);
    if (conditions === undefined) return isEqual(member, wanted);
    return conditions.every(([compare, operand]) => compare(member, operand));
  });
}

/** The operators of a filter's member; `undefined` where it is a plain value. */
function conditionsOf(wanted: unknown): (readonly [Compare, unknown])[] | undefined {
  if (typeof wanted !== 'object' || wanted === null) return undefined;
  const entries = Object.entries(wanted);
  const conditions = entries.flatMap(([name, operand]) => {
    const compare = operators[name];
    return compare === undefined ? [] : [[compare, operand] as const];
  });
  return entries.length > 0 && conditions.length === entries.length ? conditions : undefined;
}

/** Below zero, zero, above; NaN where one cannot be compared with the other. */
function order(value: unknown, wanted: unknown): number {
  if (typeof value === 'string' && typeof wanted === 'string')
    return value < wanted ? -1 : value > wanted ? 1 : 0;
  return value === undefined || value === null ? Number.NaN : Number(value) - Number(wanted);
}

/** Equal as JSON, whatever the order of keys. */
function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Readonly<Record<string, unknown>>, b as Readonly<Record<string, unknown>>];
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => Object.hasOwn(right, key) && isEqual(left[key], right[key]));
}
