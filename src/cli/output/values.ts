/** Values as texts for people and as JSON for programs. */
import {
  stringifyJson,
  TypedMessage,
  type JsonValue,
  type Node,
  type Value,
  type ValueKind,
} from '../../../clients/typescript/src/index.ts';
import { byteSize, oneLine, visible, visibleLines } from './text.ts';

/** What of a node or a change says what it holds. */
export interface Held {
  readonly kind: ValueKind;
  readonly value: Value | undefined;
  readonly json: string | undefined;
}

/** A value in one line of at most `lengthMax` characters. */
export function valueLine({ kind, value, json }: Held, lengthMax: number): string {
  if (kind === 'none' || value === undefined) return '';
  if (typeof value === 'string' && kind === 'text') return quoted(value, lengthMax);
  if (value instanceof Uint8Array) return `<${byteSize(value.length)}>`;
  if (value instanceof TypedMessage) return messageText(value);
  return oneLine(json ?? stringifyJson(value), lengthMax);
}

/** What a message is, without what is in it. */
export function messageText({ typeUrl, bytes }: TypedMessage): string {
  return `<${visible(typeUrl)}, ${byteSize(bytes.length)}>`;
}

/** A text in quotes, in one line. */
export function quoted(text: string, lengthMax: number): string {
  return `"${oneLine(text, Math.max(1, lengthMax - 2))}"`;
}

/** A value in full, for people. */
export function fullValue(node: Node): string {
  const { value, json } = node;
  if (json !== undefined) return visibleLines(json);
  return typeof value === 'string' ? visibleLines(value) : valueLine(node, Infinity);
}

/** A value's exact bytes, as they were stored. */
export function rawValue(node: Node): Uint8Array {
  const { value, json } = node;
  if (value instanceof Uint8Array) return value;
  if (value instanceof TypedMessage) return value.bytes;
  return Buffer.from(json ?? (typeof value === 'string' ? value : ''));
}

/** A value as JSON: bytes in base64. */
export function jsonOf(value: Value | undefined): JsonValue {
  if (value === undefined) return null;
  if (value instanceof Uint8Array) return base64(value);
  if (value instanceof TypedMessage) return { typeUrl: value.typeUrl, bytes: base64(value.bytes) };
  return value;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
