/** Holds an answer, in its JSON form with nothing left out, against what a scenario expects of it. */
import type { JsonObject, JsonValue } from '@bufbuild/protobuf';

/** The first difference, as a sentence; `undefined` where the answer is as expected. */
export function difference(
  actual: JsonValue | undefined,
  expected: JsonValue,
  at = 'it',
): string | undefined {
  if (expected === null)
    return actual === undefined || actual === null ? undefined : unlike(at, actual, 'nothing');
  if (Array.isArray(expected)) return differenceOfLists(actual, expected, at);
  if (typeof expected === 'object') {
    const special = differenceOfSpecial(actual, expected, at);
    return special === ordinary ? differenceOfObjects(actual, expected, at) : special;
  }
  // 64-bit integers are texts in Protobuf's JSON; in a scenario they may be numbers.
  return actual !== undefined &&
    actual !== null &&
    typeof actual !== 'object' &&
    String(actual) === String(expected)
    ? undefined
    : unlike(at, actual, JSON.stringify(expected));
}

function differenceOfLists(
  actual: JsonValue | undefined,
  expected: JsonValue[],
  at: string,
): string | undefined {
  if (!Array.isArray(actual)) return unlike(at, actual, `a list of ${expected.length}`);
  if (actual.length !== expected.length)
    return `${at} has ${actual.length} items instead of ${expected.length}: ${short(actual)}`;
  for (const [index, item] of expected.entries()) {
    const found = difference(actual[index], item, `${at}[${index}]`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function differenceOfObjects(
  actual: JsonValue | undefined,
  expected: JsonObject,
  at: string,
): string | undefined {
  if (actual === undefined || actual === null || typeof actual !== 'object' || Array.isArray(actual))
    return unlike(at, actual, 'a message');
  for (const [key, inner] of Object.entries(expected)) {
    const found = difference(actual[key], inner, `${at}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Stands for "this object is no matcher". */
const ordinary = Symbol('ordinary');

function differenceOfSpecial(
  actual: JsonValue | undefined,
  expected: JsonObject,
  at: string,
): string | undefined | typeof ordinary {
  if (expected['$any'] === true) return isSomething(actual) ? undefined : unlike(at, actual, 'something');
  const { $least: least, $size: size } = expected;
  if (typeof least === 'number') {
    const isEnough = typeof actual !== 'object' && BigInt(actual ?? -1) >= BigInt(least);
    return isEnough ? undefined : unlike(at, actual, `at least ${least}`);
  }
  if (typeof size === 'number') {
    const seen = typeof actual === 'string' || Array.isArray(actual) ? actual.length : undefined;
    return seen === size ? undefined : `${at} has a size of ${seen} instead of ${size}`;
  }
  return ordinary;
}

function isSomething(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === '0') return false;
  return value !== false && !(Array.isArray(value) && value.length === 0);
}

function unlike(at: string, actual: JsonValue | undefined, expected: string): string {
  return `${at} is ${short(actual)} instead of ${expected}`;
}

function short(value: JsonValue | undefined): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
