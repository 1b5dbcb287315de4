/** A value as LangGraph's savers keep it: a type tag and bytes. Either it has the shared form, or its bytes stay as they are. */
import { arrayItems } from '../../json-parts.ts';
import { readMsgpack, MsgpackProblem, type Packed } from '../msgpack.ts';
import { Unimportable } from '../segments.ts';
import { takeOut, type Texts } from '../stored-json.ts';
import { sharedJson } from './shared-form.ts';

/** A piece of stored JSON, and the texts that it names. */
export interface StoredPart {
  readonly json: string;
  readonly texts: Texts;
}

/** In the form that both languages read. */
export interface SharedValue {
  readonly kind: 'shared';
  /** Of an array each item; otherwise the value alone. */
  readonly parts: readonly StoredPart[];
  readonly isArray: boolean;
  /** The whole as JSON, nothing taken out. */
  readonly whole: () => string;
}

/** As a serialiser wrote it, with its tag. */
export interface TaggedValue {
  readonly kind: 'tagged';
  readonly tag: string;
  readonly bytes: Uint8Array;
}

export type SavedValue = SharedValue | TaggedValue;

/** What a saver has written for one value; `undefined` where it says that there is none. Throws {@link Unimportable}. */
export function savedValue(tag: string | null, bytes: Uint8Array): SavedValue | undefined {
  switch (tag) {
    case 'empty':
      return undefined;
    case 'null':
      return savedJson('null');
    case null:
    case 'json':
      return savedJson(textOf(bytes));
    case 'msgpack':
      return savedPacked(msgpackOf(bytes), bytes);
    default:
      return { kind: 'tagged', tag, bytes };
  }
}

/** A value within MessagePack: `source` is what it was read from. */
export function savedPacked(value: Packed, source: Uint8Array): SavedValue {
  // Alone, bytes are told as such, which every language reads.
  if (value.kind === 'bytes') return { kind: 'tagged', tag: 'bytes', bytes: value.value };
  const tagged: TaggedValue = {
    kind: 'tagged',
    tag: 'msgpack',
    bytes: source.subarray(value.start, value.end),
  };
  const isArray = value.kind === 'array';
  const parts: StoredPart[] = [];
  for (const item of isArray ? value.items : [value]) {
    const texts: Texts = new Map();
    const json = sharedJson(item, texts);
    if (json === undefined) return tagged;
    parts.push({ json, texts });
  }
  return { kind: 'shared', parts, isArray, whole: () => sharedJson(value, undefined) ?? 'null' };
}

/** A value as JSON text: JavaScript's form is the shared one. */
export function savedJson(json: string): SavedValue {
  if (json.includes('"constructor"') && holdsPythonObject(JSON.parse(json)))
    throw new Unimportable(
      'it was written by a LangGraph of 2024, as JSON with Python objects in it: invoke the graph once more with a newer one, ' +
        'or update the state, and import that',
    );
  const items = arrayItems(json);
  const parts = (items ?? [json]).map((part) => {
    const texts: Texts = new Map();
    return { json: takeOut(part, texts), texts };
  });
  return { kind: 'shared', parts, isArray: items !== undefined, whole: () => json };
}

/** Objects of JavaScript's own are named by one word, those of Python by module and class. */
function holdsPythonObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(holdsPythonObject);
  const { lc, type, id } = value as { readonly lc?: unknown; readonly type?: unknown; readonly id?: unknown };
  const isPython = lc === 2 && type === 'constructor' && Array.isArray(id) && id.length > 1;
  return isPython || Object.values(value).some(holdsPythonObject);
}

/** Stored JSON of a shared value as a whole. */
export function storedOf({ parts, isArray }: SharedValue): string {
  return isArray ? `[${parts.map(({ json }) => json).join(',')}]` : (parts[0]?.json ?? 'null');
}

export function msgpackOf(bytes: Uint8Array): Packed {
  try {
    return readMsgpack(bytes);
  } catch (error) {
    throw error instanceof MsgpackProblem ? new Unimportable(`it is damaged: ${error.message}`) : error;
  }
}

/** Bytes as text of valid JSON. */
export function textOf(bytes: Uint8Array): string {
  return checkedJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
}

/** A text that is JSON. Throws {@link Unimportable} where it is none: Python's writer lets NaN through. */
export function checkedJson(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    throw new Unimportable(`it is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
