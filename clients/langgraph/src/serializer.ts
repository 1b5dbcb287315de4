/** Values ↔ what lies in nodes. The shared form, which both languages read, or whatever a serialiser of the user's makes. */
import type { SerializerProtocol } from '@langchain/langgraph-checkpoint';
import { copyOf } from './copies.ts';
import { digestOf } from './digest.ts';
import { UnreadableValueError, UnstorableValueError } from './errors.ts';
import { inlineDataBytesMax, pieceBytesMax, storedValueBytesMax } from './limits.ts';
import { plainOf } from './plain-form.ts';
import {
  putBack,
  standIns,
  storedText,
  takeOut,
  takeStandInsOut,
  type Plain,
  type Texts,
} from './stored-json.ts';

/** Pieces of bytes by digest. */
export type Pieces = Map<string, Uint8Array>;

/** What a diff has to bring along for what it names. */
export interface Attachments {
  readonly texts: Texts;
  readonly bytes: Pieces;
  /** Texts that are there, by digest: the diff is worth nothing without them. */
  readonly relied: Set<string>;
}

export function attachments(): Attachments {
  return { texts: new Map(), bytes: new Map(), relied: new Set() };
}

/** What was read for what nodes name. */
export interface Attached {
  readonly texts: { get(digest: string): string | undefined };
  readonly bytes: { get(digest: string): Uint8Array | undefined };
}

/** An encoded value, as JSON text: `{"json": S}`, `{"tag": t, "data": …}` or `{"tag": t, "bytes": […]}`. */
export type EncodedText = string;

export class Serializer {
  readonly #serde: SerializerProtocol;
  /** Whether values are in the shared form. */
  readonly isShared: boolean;

  constructor(serde: SerializerProtocol, isShared: boolean) {
    this.#serde = serde;
    this.isShared = isShared;
  }

  /** A value as JSON text of the shared form, nothing taken out. */
  async json(value: unknown, what: string): Promise<string> {
    // Bytes alone are told as such, not as JSON.
    const isBytes = value instanceof Uint8Array;
    const [, bytes] = await this.#dumps(isBytes ? [value] : value, what);
    const text = decoder.decode(bytes);
    return isBytes ? text.slice(1, -1) : text;
  }

  /** A value as stored JSON. Only in the shared form. `copy`: of the value, where somebody has made one. */
  async stored(
    value: unknown,
    attached: Attachments,
    what: string,
    copy: unknown = copyIn(value),
  ): Promise<string> {
    const plain = copy === undefined ? undefined : plainOf(copy);
    if (plain !== undefined) return storedText(plain, attached.texts);
    return takeOut(await this.json(value, what), attached.texts);
  }

  /** A value as what lies in a node. */
  async encode(value: unknown, attached: Attachments, what: string): Promise<EncodedText> {
    // Bytes are JSON too, as an array of numbers, but four times as long.
    if (!this.isShared || value instanceof Uint8Array) return this.encodeWhole(value, attached, what);
    const texts: Texts = new Map();
    const stored = await this.stored(value, { ...attached, texts }, what);
    if (!fits(stored)) return this.encodeWhole(value, attached, what);
    for (const [digest, text] of texts) attached.texts.set(digest, text);
    return `{"json":${stored}}`;
  }

  /** A value as bytes, whatever its size. */
  async encodeWhole(value: unknown, attached: Attachments, what: string): Promise<EncodedText> {
    const [tag, bytes] = await this.#dumps(value, what);
    if (bytes.length <= inlineDataBytesMax)
      return JSON.stringify({ tag, data: Buffer.from(bytes).toString('base64') });
    const digests: string[] = [];
    for (let start = 0; start < bytes.length; start += pieceBytesMax) {
      const piece = bytes.subarray(start, start + pieceBytesMax);
      const digest = digestOf(piece);
      digests.push(digest);
      attached.bytes.set(digest, piece);
    }
    return JSON.stringify({ tag, bytes: digests });
  }

  /** What lies in a node as a value. */
  async decode(encoded: EncodedText, attached: Attached, what: string): Promise<unknown> {
    const stored = storedTextOf(encoded);
    if (stored !== undefined) return this.decodeStored(stored, attached, what);
    const { tag, data } = taggedOf(encoded, attached, what);
    return this.#loads(tag, data, what);
  }

  /** Stored JSON as a value. */
  async decodeStored(stored: string, attached: Attached, what: string): Promise<unknown> {
    if (!this.isShared)
      throw new UnreadableValueError(what, 'it was written without the serialiser that this saver was given');
    let text: string;
    try {
      text = putBack(stored, attached.texts);
    } catch (error) {
      throw new UnreadableValueError(what, error instanceof Error ? error.message : String(error), error);
    }
    return this.#loads('json', text, what);
  }

  /** Stored JSON as this process would write it, which differs where another language or version wrote it. */
  async rewritten(stored: string): Promise<string> {
    const value = await this.#loads('json', putBack(stored, standIns), 'an item of a list');
    return takeStandInsOut(await this.json(value, 'an item of a list'));
  }

  async #dumps(value: unknown, what: string): Promise<[string, Uint8Array]> {
    let dumped: [string, Uint8Array];
    try {
      dumped = await this.#serde.dumpsTyped(value);
    } catch (error) {
      throw new UnstorableValueError(what, error);
    }
    if (this.isShared && isGivenUp(dumped[1])) throw new UnstorableValueError(what, whyGivenUp(value));
    return dumped;
  }

  async #loads(tag: string, data: Uint8Array | string, what: string): Promise<unknown> {
    try {
      return (await this.#serde.loadsTyped(tag, data)) as unknown;
    } catch (error) {
      const why = isOfPython(tag)
        ? `Python's own serialiser wrote it (${tag}), because it is more than JSON and messages; keep such values out of the state of graphs that are shared`
        : `the serialiser does not take it (${tag}): ${error instanceof Error ? error.message : String(error)}`;
      throw new UnreadableValueError(what, why, error);
    }
  }
}

/** A value that may be told without LangGraph's serialiser; `undefined` where it may not. */
function copyIn(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? copyOf(value) : value;
}

const decoder = new TextDecoder();

/** What LangGraph's serialiser stores in place of a value that it cannot write, without a word. */
const givenUp = '"[unable to serialize, circular reference is too complex to analyze]"';

function isGivenUp(bytes: Uint8Array): boolean {
  return bytes.length === givenUp.length && decoder.decode(bytes) === givenUp;
}

function whyGivenUp(value: unknown): unknown {
  try {
    JSON.stringify(value);
    return new Error('it cannot be written as JSON');
  } catch (error) {
    return error;
  }
}

/** Whether stored JSON may lie in one node. */
export function fits(stored: string): boolean {
  return stored.length * 3 <= storedValueBytesMax || Buffer.byteLength(stored) <= storedValueBytesMax;
}

function isOfPython(tag: string): boolean {
  return tag === 'msgpack' || tag === 'pickle' || tag === 'bytearray' || tag === 'null';
}

/** The stored JSON of an encoded value; `undefined` where it is in another form. */
export function storedTextOf(encoded: EncodedText): string | undefined {
  // As this package writes it: nothing has to be parsed.
  if (encoded.startsWith('{"json":')) return encoded.slice('{"json":'.length, -1);
  const parsed = JSON.parse(encoded) as Plain;
  const isForm = typeof parsed === 'object' && parsed !== null && 'json' in parsed;
  return isForm ? JSON.stringify(parsed.json) : undefined;
}

interface Tagged {
  readonly tag?: unknown;
  readonly data?: unknown;
  readonly bytes?: unknown;
}

/** Digests of the pieces that an encoded value names as bytes. */
export function bytesIn(encoded: EncodedText): readonly string[] {
  if (encoded.startsWith('{"json":')) return [];
  const { tag, bytes } = (JSON.parse(encoded) ?? {}) as Tagged;
  return typeof tag === 'string' && Array.isArray(bytes) ? bytes.map(String) : [];
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** The tag and bytes of an encoded value that is not in the shared form. */
function taggedOf(
  encoded: EncodedText,
  attached: Attached,
  what: string,
): { readonly tag: string; readonly data: Uint8Array } {
  const { tag, data } = (JSON.parse(encoded) ?? {}) as Tagged;
  if (typeof tag !== 'string')
    throw new UnreadableValueError(what, 'it is in no form that this version knows');
  if (typeof data === 'string') return { tag, data: new Uint8Array(Buffer.from(data, 'base64')) };
  const pieces = bytesIn(encoded).map((digest) => {
    const piece = attached.bytes.get(digest);
    if (piece === undefined) throw new UnreadableValueError(what, `its bytes ${digest} are not there`);
    return piece;
  });
  return { tag, data: joined(pieces) };
}
