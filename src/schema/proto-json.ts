/**
 * Messages as canonical ProtoJSON and back, for clients that ask for the other form. Only at the edge: what is stored and journaled
 * are the bytes of messages.
 */
import { fromBinary, fromJson, fromJsonString, toBinary, toJson } from '@bufbuild/protobuf';
import type { JsonReadOptions, JsonValue } from '@bufbuild/protobuf';
import { EmptySchema } from '@bufbuild/protobuf/wkt';
import { jsonFormBytesMax, messageDepthMax } from '../base/limits.ts';
import { utf8Length } from '../trie/path.ts';
import type { Problem } from './compiled.ts';
import { messageOf } from './descriptor-set.ts';
import { exactIntegers } from './exact-integers.ts';
import type { MessageType } from './exact-integers.ts';
import { jsonProblems } from './json-problems.ts';

/** Why a message has no JSON. */
export type NoJson = 'no_json' | 'too_large';

/** JSON text of the message that `data` holds, one character a byte, or why there is none. */
export function messageToJson(
  { descriptor, registry }: MessageType,
  data: string,
): { readonly json: string } | NoJson {
  let value: JsonValue;
  try {
    const message = fromBinary(descriptor, Buffer.from(data, 'latin1'), {
      recursionLimit: messageDepthMax,
      readUnknownFields: false,
    });
    value = toJson(descriptor, message, { registry });
  } catch {
    return 'no_json';
  }
  // Names of fields and enums can make a hundred times as much of a message, so it is measured before the text is made.
  const extent = measure(value, { characters: 0, hasNegativeZero: false });
  if (extent.characters > jsonFormBytesMax) return 'too_large';
  const json = textOf(value, extent);
  return json.length > jsonFormBytesMax || utf8Length(json) > jsonFormBytesMax ? 'too_large' : { json };
}

/** Bytes of the message that JSON text, which is known to parse, stands for, or what is wrong with it. */
export function messageFromJson(type: MessageType, text: string): Uint8Array | readonly Problem[] {
  const { descriptor, registry } = type;
  const options: Partial<JsonReadOptions> = { registry, recursionLimit: messageDepthMax };
  const json = exactIntegers(type, text);
  try {
    // Only the text tells of a key that is there twice.
    const message = fromJson(descriptor, json, options);
    fromJsonString(EmptySchema, text, { ignoreUnknownFields: true });
    return toBinary(descriptor, message);
  } catch (error) {
    return jsonProblems(descriptor, json, text.length, options, messageOf(error));
  }
}

/** What there is to know of JSON before its text is made. */
interface Extent {
  /** At the least; not counted on beyond the limit. */
  characters: number;
  /** `JSON.stringify` drops its sign. */
  hasNegativeZero: boolean;
}

function measure(value: JsonValue, extent: Extent): Extent {
  if (typeof value === 'string') {
    extent.characters += value.length + 2;
  } else if (typeof value !== 'object' || value === null) {
    extent.characters += 1;
    if (Object.is(value, -0)) extent.hasNegativeZero = true;
  } else {
    extent.characters += 2;
    const isList = Array.isArray(value);
    for (const [key, item] of isList ? value.entries() : Object.entries(value)) {
      extent.characters += typeof key === 'string' ? key.length + 4 : 1;
      if (extent.characters > jsonFormBytesMax) break;
      measure(item, extent);
    }
  }
  return extent;
}

/** A part of `JSON` that TypeScript's library does not know yet. */
const { rawJSON } = JSON as unknown as { rawJSON: (this: void, text: string) => object };

function textOf(value: JsonValue, { hasNegativeZero }: Extent): string {
  if (!hasNegativeZero) return JSON.stringify(value);
  return JSON.stringify(value, (_, item: unknown) => (Object.is(item, -0) ? rawJSON('-0') : item));
}
