/** Values as programs see them, and as they travel. */
import { Json, parseJson, stringifyJson, type JsonValue } from './json.ts';
import type { Value as WireValue } from './gen/hyperloom/v1/node_pb.ts';

/** A typed Protobuf message as a value. */
export class TypedMessage {
  /** Such as `type.googleapis.com/acme.v1.ResearchNote`. */
  readonly typeUrl: string;
  /** The encoded message. */
  readonly bytes: Uint8Array;

  constructor(typeUrl: string, bytes: Uint8Array) {
    this.typeUrl = typeUrl;
    this.bytes = bytes;
  }
}

/** A message in ProtoJSON: the broker makes a message of it, by the newest schema of the path. Made by {@link messageJson}. */
export class MessageJson {
  readonly text: string;

  /** Not for programs: use `messageJson()`. */
  constructor(text: string) {
    this.text = text;
  }
}

/** A message for programs without generated code, by the names of its fields: `messageJson({ claim: 'water is wet' })`. */
export function messageJson(value: JsonValue | Json): MessageJson {
  return new MessageJson(jsonText(value));
}

/** What can be put: a string is a text, bytes are bytes, `json('…')` is exact JSON, and everything else becomes JSON. */
export type PutValue = JsonValue | Json | Uint8Array | TypedMessage | MessageJson;

/** What comes back: text and JSON strings as `string` (see `Node.kind`), bytes as bytes, JSON parsed. */
export type Value = JsonValue | Uint8Array | TypedMessage;

/** Which kind of value a node holds; `none` for nodes that have only children, or where values were not asked for. */
export type ValueKind = 'none' | 'json' | 'text' | 'bytes' | 'message';

/** A value ready to be encoded. */
export type EncodableValue =
  | { readonly kind: 'json'; readonly json: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'message'; readonly message: TypedMessage }
  | { readonly kind: 'message_json'; readonly json: string };

/** Sorts a program's value into the kinds of the API. Throws a `TypeError` for what JSON cannot hold. */
export function encodableValue(value: PutValue): EncodableValue {
  if (typeof value === 'string') return { kind: 'text', text: value };
  if (value instanceof Uint8Array) return { kind: 'bytes', bytes: value };
  if (value instanceof MessageJson) return { kind: 'message_json', json: value.text };
  return value instanceof TypedMessage
    ? { kind: 'message', message: value }
    : { kind: 'json', json: jsonText(value) };
}

/** JSON text of a value; a plain string becomes a JSON string here. */
export function jsonText(value: JsonValue | Json): string {
  return value instanceof Json ? value.text : stringifyJson(value);
}

/** A value as read. `json` is the raw JSON text of JSON values. */
export interface ReadValue {
  readonly kind: ValueKind;
  readonly value: Value | undefined;
  readonly json: string | undefined;
}

const nothing: ReadValue = { kind: 'none', value: undefined, json: undefined };
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads a value from its message. */
export function readValue(wire: WireValue | undefined): ReadValue {
  const kind = wire?.kind;
  switch (kind?.case) {
    case 'text':
      return { kind: 'text', value: kind.value, json: undefined };
    case 'json': {
      const json = decoder.decode(kind.value);
      return { kind: 'json', value: parseJson(json), json };
    }
    case 'bytes':
      // A copy: the message's own bytes would keep the whole chunk alive that they came in.
      return { kind: 'bytes', value: kind.value.slice(), json: undefined };
    case 'message':
      return {
        kind: 'message',
        value: new TypedMessage(kind.value.typeUrl, kind.value.value),
        json: undefined,
      };
    case 'struct': // These are never sent by the broker.
    case 'messageJson':
    case undefined:
      return nothing;
    default:
      return nothing;
  }
}

/** Parses JSON text given as bytes. */
export function readJson(bytes: Uint8Array): JsonValue {
  return parseJson(readText(bytes));
}

/** Text given as bytes, as it is. */
export function readText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
