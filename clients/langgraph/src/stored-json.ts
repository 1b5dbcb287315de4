/**
 * JSON with its long texts taken out, each to lie once in its thread: `docs/frameworks/langgraph-layout.md`, "Encoded values". An object whose only key is
 * `~` stands for something else, so one of the user's is wrapped in another.
 */
import { digestOf } from './digest.ts';
import { pieceBytesMax, takenOutBytesMin } from './limits.ts';

/** What JSON can hold, as `JSON.parse` makes it. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };

/** Texts by digest. */
export type Texts = Map<string, string>;

const mark = '~';

/** JSON text → stored JSON text. Long texts go to `texts`. */
export function takeOut(json: string, texts: Texts): string {
  if (json.length < takenOutBytesMin / 3 && !json.includes('"~"')) return json;
  return storedText(JSON.parse(json) as Plain, texts);
}

/** What JSON can hold → stored JSON text. Long texts go to `texts`. */
export function storedText(value: Plain, texts: Texts): string {
  return JSON.stringify(takenOut(value, (text) => referTo(text, texts)));
}

/** A message of this class, all of whose arguments are such texts, as stored JSON text. */
export function storedMessage(
  name: string,
  kwargs: readonly (readonly [key: string, text: string])[],
  texts: Texts,
): string {
  const told: Record<string, Plain> = {};
  for (const [key, text] of kwargs.toSorted(byKey)) {
    const reference = referTo(text, texts);
    told[key] = reference === undefined ? text : { [mark]: reference };
  }
  return JSON.stringify({ [mark]: [name, told] });
}

function byKey([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}

/** Half a surrogate pair has no UTF-8 form, and stays where JSON can escape it. */
function referTo(text: string, texts: Texts): Plain | undefined {
  return isLong(text) && text.isWellFormed() ? reference(text, texts) : undefined;
}

/** What stands for a text; `undefined` where it stays. */
type Refer = (text: string) => Plain | undefined;

function takenOut(value: Plain, refer: Refer): Plain {
  if (typeof value === 'string') {
    const reference = refer(value);
    return reference === undefined ? value : { [mark]: reference };
  }
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((item) => takenOut(item, refer));
  const message = messageOf(value);
  if (message !== undefined) return { [mark]: [message.name, takenOut(message.kwargs, refer)] };
  const object: Record<string, Plain> = {};
  for (const [key, member] of Object.entries(value)) define(object, key, takenOut(member, refer));
  return isMarked(value) ? { [mark]: object } : object;
}

interface PlainObject {
  readonly [key: string]: Plain;
}

/** What a message has whether it is said or not. */
const emptyByItself = new Set(['additional_kwargs', 'response_metadata', 'tool_calls', 'invalid_tool_calls']);

/** A message of LangChain, without what is empty by itself: its class and so on take more than many a message does. */
function messageOf(value: PlainObject): { readonly name: string; readonly kwargs: PlainObject } | undefined {
  const { lc, type, id, kwargs } = value;
  if (lc !== 1 || type !== 'constructor' || id === undefined || kwargs === undefined) return undefined;
  if (!isList(id) || id.length !== 3 || Object.keys(value).length !== 4) return undefined;
  const [library, module, name] = id;
  if (library !== 'langchain_core' || module !== 'messages' || typeof name !== 'string') return undefined;
  if (typeof kwargs !== 'object' || kwargs === null || isList(kwargs)) return undefined;
  const kept = Object.keys(kwargs).filter((key) => !emptyByItself.has(key) || !isEmpty(kwargs[key]));
  // In one order, so that what is equal is told by its text.
  const told: Record<string, Plain> = {};
  for (const key of kept.sort()) define(told, key, kwargs[key] ?? null);
  return { name, kwargs: told };
}

function isEmpty(value: Plain | undefined): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** The message that a class and its arguments make, where `inside` are such. */
function messageIn(
  inside: readonly Plain[],
): { readonly name: string; readonly kwargs: PlainObject } | undefined {
  const [name, kwargs] = inside;
  if (typeof name !== 'string' || typeof kwargs !== 'object' || kwargs === null || isList(kwargs))
    return undefined;
  return { name, kwargs };
}

/** Texts that stand for others by their digests, for whom the texts themselves do not matter. */
export const standIns = { get: (digest: string): string => `\u0000${digest}` };

/** JSON text with {@link standIns} → stored JSON text. */
export function takeStandInsOut(json: string): string {
  const refer: Refer = (text) => {
    if (!text.startsWith('\u0000')) return undefined;
    const digests = text.slice(1).split('\u0000');
    return digests.length === 1 ? (digests[0] ?? '') : digests;
  };
  return JSON.stringify(takenOut(JSON.parse(json) as Plain, refer));
}

/** Sets an own property, `__proto__` too, which an assignment would take for something else. */
function define(object: Record<string, Plain>, key: string, value: Plain): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
  else object[key] = value;
}

function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}

function isMarked(value: { readonly [key: string]: Plain }): boolean {
  return mark in value && Object.keys(value).length === 1;
}

function isLong(text: string): boolean {
  if (text.length >= takenOutBytesMin) return true;
  return text.length * 3 >= takenOutBytesMin && Buffer.byteLength(text) >= takenOutBytesMin;
}

function reference(text: string, texts: Texts): Plain {
  if (text.length * 3 <= pieceBytesMax || Buffer.byteLength(text) <= pieceBytesMax) return note(text, texts);
  return piecesOf(text).map((piece) => note(piece, texts));
}

function note(piece: string, texts: Texts): string {
  const digest = digestOf(piece);
  texts.set(digest, piece);
  return digest;
}

/** Pieces of at most 1 MiB of UTF-8, cut between code points. */
function piecesOf(text: string): string[] {
  const bytes = Buffer.from(text);
  const pieces: string[] = [];
  let start = 0;
  while (start < bytes.length) {
    let end = Math.min(start + pieceBytesMax, bytes.length);
    // The first byte of the next piece must begin a character.
    while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
    pieces.push(bytes.toString('utf8', start, end));
    start = end;
  }
  return pieces;
}

/** Adds the digests that a stored JSON text names to `digests`. */
export function digestsIn(stored: string, digests: Set<string>): void {
  if (stored.includes('"~"')) collect(JSON.parse(stored) as Plain, digests);
}

function collect(value: Plain, digests: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  if (isList(value)) {
    for (const item of value) collect(item, digests);
    return;
  }
  const inside = isMarked(value) ? value[mark] : undefined;
  if (typeof inside === 'string') digests.add(inside);
  else if (inside !== undefined && isList(inside)) collectIn(inside, digests);
  else if (inside !== undefined && inside !== null && typeof inside === 'object') {
    // The object inside is the user's, whose own mark means nothing.
    for (const member of Object.values(inside)) collect(member, digests);
  } else for (const member of Object.values(value)) collect(member, digests);
}

function collectIn(inside: readonly Plain[], digests: Set<string>): void {
  const message = messageIn(inside);
  if (message !== undefined) collect(message.kwargs, digests);
  else for (const digest of inside) digests.add(digestIn(digest));
}

/** Stored JSON text → JSON text as JavaScript's serialiser reads it. Throws an `Error` naming a text that is not in `texts`. */
export function putBack(stored: string, texts: { get(digest: string): string | undefined }): string {
  const hasMarks = stored.includes('"~"');
  if (!hasMarks && !stored.includes('"interrupt"') && !stored.includes('"send"')) return stored;
  return JSON.stringify(whole(JSON.parse(stored) as Plain, texts));
}

function whole(value: Plain, texts: { get(digest: string): string | undefined }): Plain {
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((item) => whole(item, texts));
  if (!isMarked(value)) return ofPython(members(value, texts));
  const inside = value[mark];
  if (typeof inside === 'string') return textOf(inside, texts);
  if (inside !== undefined && isList(inside)) {
    const message = messageIn(inside);
    if (message === undefined) return inside.map((digest) => textOf(digestIn(digest), texts)).join('');
    const id = ['langchain_core', 'messages', message.name];
    return { lc: 1, type: 'constructor', id, kwargs: whole(message.kwargs, texts) };
  }
  return typeof inside === 'object' && inside !== null && !isList(inside) ? members(inside, texts) : value;
}

function members(
  value: { readonly [key: string]: Plain },
  texts: { get(digest: string): string | undefined },
): { readonly [key: string]: Plain } {
  const object: Record<string, Plain> = {};
  for (const [key, member] of Object.entries(value)) define(object, key, whole(member, texts));
  return object;
}

function digestIn(value: Plain): string {
  return typeof value === 'string' ? value : '';
}

function textOf(digest: string, texts: { get(digest: string): string | undefined }): string {
  const text = texts.get(digest);
  if (text === undefined) throw new Error(`its text ${digest} is not there`);
  return text;
}

/** Python's interrupts and sends are records of their own; here they are plain objects. */
function ofPython(object: { readonly [key: string]: Plain }): Plain {
  if (object['lc'] !== 2) return object;
  if (object['type'] === 'interrupt') return { value: object['value'] ?? null, id: object['id'] ?? null };
  if (object['type'] === 'send') return { node: object['node'] ?? null, args: object['args'] ?? null };
  return object;
}
