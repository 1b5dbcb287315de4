/**
 * JSON with the numbers that a double would change. Values and schemas are parsed to doubles, which is what Ajv's code knows; beside them
 * stands how such a number is written, found by where it is. A double that stands for one is an integer where the number is one,
 * and has its sign: what else is asked of it is asked of its text (`json-keywords.ts`).
 */
import { compareDecimals, decimalOf, isInteger, textOfDecimal } from '../state/values/decimal.ts';
import type { Decimal } from '../state/values/decimal.ts';
import { rawNumber } from '../state/values/json.ts';

/** What `JSON.parse` tells of a value besides: not in TypeScript's library yet. */
type Reviver = (this: object, key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** An array or an object. */
type Holder = Readonly<Record<string | number, unknown>>;

/** A JSON value: what `holder` has under `key`. */
export interface Place {
  readonly holder: object;
  readonly key: string | number;
  readonly numbers: WrittenNumbers;
}

/** How numbers are written that doubles would change. */
export class WrittenNumbers {
  readonly #texts = new Map<object, Map<string, string>>();

  add(holder: object, key: string, text: string): void {
    const texts = this.#texts.get(holder) ?? new Map<string, string>();
    this.#texts.set(holder, texts.set(key, text));
  }

  /** `undefined` where the double is the number. */
  textAt(holder: object, key: string | number): string | undefined {
    return this.#texts.size === 0 ? undefined : this.#texts.get(holder)?.get(String(key));
  }
}

/** None of 15 digits and an exponent of two is changed, and most values are known by that. */
const suspects = /[\d.]{16}|\d[eE][+-]?\d{3}/;

/** JSON text, which is known to parse. */
export function readJson(text: string): Place & { readonly json: unknown } {
  const numbers = new WrittenNumbers();
  const revive: Reviver = function (key, value, { source }) {
    if (typeof value !== 'number' || source === undefined) return value;
    const decimal = decimalOf(source);
    if (Number.isFinite(value) && compareDecimals(decimal, decimalOf(String(value))) === 0) return value;
    numbers.add(this, key, source);
    return standIn(decimal, value);
  };
  // Within an array, so that a number that is the whole value has a place too.
  const holder = suspects.test(text)
    ? (JSON.parse(`[${text}]`, revive as (key: string, value: unknown) => unknown) as [unknown])
    : [JSON.parse(text) as unknown];
  return { json: holder[0], holder, key: 0, numbers };
}

function standIn(decimal: Decimal, value: number): number {
  if (!isInteger(decimal)) return decimal.isNegative ? -0.5 : 0.5;
  return Math.max(-Number.MAX_VALUE, Math.min(value, Number.MAX_VALUE));
}

/** The number at a place as a decimal. */
export function decimalAt(place: Place): Decimal {
  return decimalOf(writtenAt(place) ?? String(valueAt(place)));
}

/** Less than zero where the number at `a` is less than that at `b`, zero where they are equal. */
export function compareNumbers(a: Place, b: Place): number {
  const areDoubles = writtenAt(a) === undefined && writtenAt(b) === undefined;
  if (!areDoubles) return compareDecimals(decimalAt(a), decimalAt(b));
  return Math.sign((valueAt(a) as number) - (valueAt(b) as number));
}

/** The JSON text of what is at a place, for people. */
export function textAt(place: Place): string {
  const write = function (this: object, key: string, value: unknown): unknown {
    const text = place.numbers.textAt(this, key);
    return text === undefined ? value : rawNumber(text);
  };
  return writtenAt(place) ?? JSON.stringify(valueAt(place), write);
}

/** Whether the same JSON value is at both places. Ends at the first difference. */
export function isSameAt(a: Place, b: Place): boolean {
  const [value, other] = [valueAt(a), valueAt(b)];
  if (typeof value === 'number' && typeof other === 'number') return value === other && isSameNumber(a, b);
  if (typeof value !== 'object' || typeof other !== 'object') return value === other;
  if (value === null || other === null) return value === other;
  if (Array.isArray(value) !== Array.isArray(other)) return false;
  const keys = Object.keys(value);
  return (
    keys.length === Object.keys(other).length &&
    keys.every(
      (key) =>
        Object.hasOwn(other, key) && isSameAt({ ...a, holder: value, key }, { ...b, holder: other, key }),
    )
  );
}

/** Of two numbers that the same double stands for. */
function isSameNumber(a: Place, b: Place): boolean {
  const [text, other] = [writtenAt(a), writtenAt(b)];
  if (text === undefined || other === undefined) return text === other;
  return compareDecimals(decimalOf(text), decimalOf(other)) === 0;
}

/** Text that is equal for equal values, whatever the order of their keys and however their numbers are written. */
export function canonicalAt(place: Place): string {
  const text = writtenAt(place);
  // No double is written like this: it would not be changed.
  if (text !== undefined) return textOfDecimal(decimalOf(text));
  const value = valueAt(place);
  const inner = (key: string | number): string => canonicalAt({ ...place, holder: value as object, key });
  if (Array.isArray(value)) return `[${value.map((_, index) => inner(index)).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value === 0 ? 0 : value);
  const members = Object.keys(value).map((name) => `${JSON.stringify(name)}:${inner(name)}`);
  return `{${members.sort().join()}}`;
}

function valueAt({ holder, key }: Place): unknown {
  return (holder as Holder)[key];
}

function writtenAt({ holder, key, numbers }: Place): string | undefined {
  return numbers.textAt(holder, key);
}
