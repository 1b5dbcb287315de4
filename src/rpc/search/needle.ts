/**
 * What a search looks for. Found in one pass by Knuth, Morris and Pratt, so that no text and no needle take more than linear time, and
 * in steps that can be told apart by the event loop.
 */
import { foldAt, foldUnit } from './folding.ts';

/** Where it stands in a text, in UTF-16 units. */
export interface Found {
  readonly start: number;
  readonly end: number;
}

/** Units of text between two steps: some 100 µs. */
const unitsPerStep = 32_768;

export class Needle {
  /** In UTF-16 units. */
  readonly length: number;
  readonly #units: Uint16Array;
  /** For each length that was matched: how much of it still is where the next unit does not go on. */
  readonly #shorter: Uint16Array;

  /** `text` is not empty. */
  constructor(text: string) {
    this.length = text.length;
    this.#units = Uint16Array.from({ length: text.length }, (_, at) => foldAt(text, at));
    this.#shorter = new Uint16Array(text.length);
    for (let at = 1, matched = 0; at < text.length; at += 1) {
      matched = this.next(matched, this.#units[at] ?? 0);
      this.#shorter[at] = matched;
    }
  }

  /** How many units of the needle a text ends with, after one more. */
  next(matched: number, unit: number): number {
    let length = matched;
    while (length > 0 && this.#units[length] !== unit) length = this.#shorter[length - 1] ?? 0;
    return this.#units[length] === unit ? length + 1 : 0;
  }
}

/** The first place in a text from `from` on; `null` where there is none. */
export function* findIn(needle: Needle, text: string, from = 0): Generator<void, Found | null> {
  let matched = 0;
  for (let at = from; at < text.length;) {
    const until = Math.min(text.length, at + unitsPerStep);
    for (; at < until; at += 1) {
      matched = needle.next(matched, foldAt(text, at));
      if (matched === needle.length) return { start: at + 1 - needle.length, end: at + 1 };
    }
    yield;
  }
  return null;
}

/** The same in JSON: strings are read as what they stand for, or else as they are written. */
export function* findInJson(needle: Needle, json: string): Generator<void, Found | null> {
  const found = json.includes('\\') ? yield* findUnescaped(needle, json) : null;
  return found ?? (yield* findIn(needle, json));
}

function* findUnescaped(needle: Needle, json: string): Generator<void, Found | null> {
  // Where the units begin that were read last: escapes take several of the text for one.
  const starts = new Int32Array(needle.length);
  let matched = 0;
  for (let at = 0, count = 0, last = 0; at < json.length; count += 1) {
    starts[count % needle.length] = at;
    const isEscape = json.charCodeAt(at) === backslash;
    matched = needle.next(matched, isEscape ? foldUnit(escaped(json, at)) : foldAt(json, at));
    at += isEscape ? escapeLength(json, at) : 1;
    if (matched === needle.length) return { start: starts[(count + 1) % needle.length] ?? 0, end: at };
    if (at - last < unitsPerStep) continue;
    last = at;
    yield;
  }
  return null;
}

const backslash = 0x5c;
const letters: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** What an escape stands for. What is stored is valid JSON. */
function escaped(json: string, at: number): number {
  const kind = json.charAt(at + 1);
  return kind === 'u'
    ? Number.parseInt(json.slice(at + 2, at + 6), 16)
    : (letters[kind] ?? kind).charCodeAt(0);
}

function escapeLength(json: string, at: number): number {
  return json.charAt(at + 1) === 'u' ? 6 : 2;
}
