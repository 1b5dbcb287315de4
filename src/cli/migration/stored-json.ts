/**
 * JSON texts with their long texts taken out, each to lie once in its thread: docs/frameworks/langgraph-layout.md, "Encoded values". Everything here is
 * made of texts, never of JavaScript's numbers: `1.0` is a float in Python, and must come back as one.
 */
import { createHash } from 'node:crypto';

import { pieceBytesMax, takenOutBytesMin } from './limits.ts';

/** Texts by digest, as they are taken out. `undefined` stands for: nothing is taken out. */
export type Texts = Map<string, string>;

/** The only key of an object that stands for something else. */
const mark = '~';

/** The name of a piece: the first 16 bytes of its SHA-256, in base64url without padding. */
export function digestOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest().subarray(0, 16).toString('base64url');
}

/** A text as JSON, taken out where it is long. */
export function textJson(text: string, texts: Texts | undefined): string {
  // Half a surrogate pair has no UTF-8 form, and stays where JSON can escape it.
  if (texts === undefined || !isLong(text) || !text.isWellFormed()) return JSON.stringify(text);
  const digests = piecesOf(text).map((piece) => {
    const digest = digestOf(piece);
    texts.set(digest, piece);
    return `"${digest}"`;
  });
  return `{"${mark}":${digests.length === 1 ? (digests[0] ?? '') : `[${digests.join(',')}]`}}`;
}

/** An object as JSON; where texts are taken out, one that looks as if it stood for a text is wrapped. */
export function objectJson(
  members: readonly (readonly [key: string, json: string])[],
  texts: Texts | undefined,
): string {
  const object = `{${members.map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(',')}}`;
  return texts !== undefined && members.length === 1 && members[0]?.[0] === mark
    ? `{"${mark}":${object}}`
    : object;
}

/** A JSON text that JavaScript has written, with its long texts taken out. */
export function takeOut(json: string, texts: Texts): string {
  const isShort = json.length < takenOutBytesMin / 3 && !json.includes('"~"');
  // Numbers stay as they are written: Python has integers of any length.
  return isShort || /^[-\d]/.test(json) ? json : takenOut(JSON.parse(json), texts);
}

function takenOut(value: unknown, texts: Texts): string {
  if (typeof value === 'string') return textJson(value, texts);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => takenOut(item, texts)).join(',')}]`;
  return objectJson(
    Object.entries(value).map(([key, member]) => [key, takenOut(member, texts)]),
    texts,
  );
}

function isLong(text: string): boolean {
  return (
    text.length >= takenOutBytesMin ||
    (text.length * 3 >= takenOutBytesMin && Buffer.byteLength(text) >= takenOutBytesMin)
  );
}

/** Pieces of at most 1 MiB of UTF-8, cut between code points. */
function piecesOf(text: string): readonly string[] {
  if (text.length * 3 <= pieceBytesMax) return [text];
  const bytes = Buffer.from(text);
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length;) {
    let end = Math.min(start + pieceBytesMax, bytes.length);
    // The first byte of the next piece must begin a character.
    while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
    pieces.push(bytes.toString('utf8', start, end));
    start = end;
  }
  return pieces;
}
