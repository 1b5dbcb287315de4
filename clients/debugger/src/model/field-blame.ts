/**
 * Which change gave each field of a JSON value what it holds. A field belongs to the change since which it has held what it holds: who
 * writes a whole object anew with one field changed has made that one field. Of a list that grew or shrank, what is the same at its
 * beginning and at its end keeps its makers.
 */
import type { JsonValue } from '../../../typescript/src/browser.ts';

/** A value with who made it, and each of its members with theirs. `Cause` is whatever tells one change from another. */
export interface Blamed<Cause> {
  readonly value: JsonValue;
  /** Who made it what it is: this very value, or since when it has been an object or a list. */
  readonly cause: Cause;
  /** Of objects and lists, in their order; lists count from 0. */
  readonly members: ReadonlyMap<string, Blamed<Cause>> | undefined;
}

type JsonObject = { readonly [key: string]: JsonValue };
/** Members deeper than this are told with what holds them: nobody unfolds a hundred levels. */
const depthMax = 64;

/** The value that a change left behind, with the makers of what it has not changed. */
export function reblame<Cause>(
  before: Blamed<Cause> | undefined,
  value: JsonValue,
  cause: Cause,
  depth = 0,
): Blamed<Cause> {
  if (before !== undefined && isSame(before.value, value, depth)) return before;
  if (depth >= depthMax) return { value, cause, members: undefined };
  if (isList(value)) {
    const made = before !== undefined && isList(before.value) ? before : undefined;
    return { value, cause: made?.cause ?? cause, members: listMembers(made, value, cause, depth + 1) };
  }
  if (isObject(value)) {
    const made = before !== undefined && isObject(before.value) ? before : undefined;
    const members = new Map(
      Object.entries(value).map(([name, member]) => [
        name,
        reblame(made?.members?.get(name), member, cause, depth + 1),
      ]),
    );
    return { value, cause: made?.cause ?? cause, members };
  }
  return { value, cause, members: undefined };
}

function listMembers<Cause>(
  before: Blamed<Cause> | undefined,
  value: readonly JsonValue[],
  cause: Cause,
  depth: number,
): ReadonlyMap<string, Blamed<Cause>> {
  const old = before === undefined ? [] : [...(before.members?.values() ?? [])];
  const shorter = Math.min(old.length, value.length);
  const same = (left: Blamed<Cause> | undefined, right: JsonValue | undefined): boolean =>
    left !== undefined && right !== undefined && isSame(left.value, right, depth);
  let start = 0;
  while (start < shorter && same(old[start], value[start])) start += 1;
  let end = 0;
  while (end < shorter - start && same(old.at(-1 - end), value.at(-1 - end))) end += 1;
  const members = new Map<string, Blamed<Cause>>();
  value.forEach((item, index) => {
    // Between the two ends, items of lists as long as each other are taken for the same ones.
    const isAtEnd = index >= value.length - end;
    const at = isAtEnd ? index - value.length + old.length : index;
    const isKnown = isAtEnd || index < start || old.length === value.length;
    members.set(String(index), reblame(isKnown ? old[at] : undefined, item, cause, depth));
  });
  return members;
}

function isSame(left: JsonValue, right: JsonValue, depth: number): boolean {
  if (left === right) return true;
  if (depth >= depthMax * 2) return false;
  if (isList(left))
    return (
      isList(right) &&
      left.length === right.length &&
      left.every((item, index) => isSame(item, right[index] ?? null, depth + 1))
    );
  if (!isObject(left) || !isObject(right)) return false;
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => {
    const [one, other] = [left[name], memberOf(right, name)];
    return one !== undefined && other !== undefined && isSame(one, other, depth + 1);
  });
}

function memberOf(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A line of a value that is laid out field by field. */
export interface FieldRow<Cause> {
  /** The names from the top down, as a JSON pointer; empty: the value itself. */
  readonly pointer: string;
  readonly name: string;
  readonly depth: number;
  /** The field's value, cut short; of what holds others how many. */
  readonly text: string;
  /** Its members have makers of their own. */
  readonly holdsOthers: boolean;
  readonly cause: Cause;
}

/** The rows of a value, at most so many, parents before members. */
export function fieldRows<Cause>(
  blamed: Blamed<Cause>,
  rowsMax: number,
  textOf: (value: JsonValue) => string,
): { readonly rows: readonly FieldRow<Cause>[]; readonly left: number } {
  const rows: FieldRow<Cause>[] = [];
  let left = 0;
  const visit = (each: Blamed<Cause>, name: string, pointer: string, depth: number): void => {
    const { members = new Map<string, Blamed<Cause>>(), value, cause } = each;
    const hasMembers = members.size > 0;
    const text = hasMembers ? countText(value, members.size) : textOf(value);
    if (rows.length >= rowsMax) left += 1;
    else rows.push({ pointer, name, depth, text, holdsOthers: hasMembers, cause });
    for (const [key, member] of members) visit(member, key, `${pointer}/${escaped(key)}`, depth + 1);
  };
  visit(blamed, '', '', 0);
  return { rows, left };
}

function countText(value: JsonValue, count: number): string {
  return isList(value)
    ? `${count.toLocaleString('en')} ${count === 1 ? 'item' : 'items'}`
    : `${count.toLocaleString('en')} ${count === 1 ? 'field' : 'fields'}`;
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
