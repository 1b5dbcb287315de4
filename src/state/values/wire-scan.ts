/**
 * Protobuf's wire format, as far as it can be understood without a descriptor: which fields a message has, and where. Messages
 * are strings of one character a byte, as the state keeps them.
 */
import { messageDepthMax } from '../../base/limits.ts';

/** Thrown where bytes are no message. What gets into the state at paths with a schema is one; elsewhere anything may be. */
export class MalformedMessage extends Error {}

export const wireTypes = {
  varint: 0,
  fixed64: 1,
  length: 2,
  groupStart: 3,
  groupEnd: 4,
  fixed32: 5,
} as const;

/** Where a field stands. `body` to `bodyEnd` is what it holds, without tag and length. */
export interface Span {
  readonly number: number;
  readonly wireType: number;
  readonly start: number;
  readonly body: number;
  readonly bodyEnd: number;
  readonly end: number;
}

/** Calls `visit` for each field of a message, in the order of the bytes. */
export function scanFields(data: string, visit: (span: Span) => void): void {
  for (let at = 0; at < data.length;) {
    const span = spanAt(data, at, 0);
    visit(span);
    at = span.end;
  }
}

/** The field that begins at a place. */
export function fieldAt(data: string, start: number): Span {
  return spanAt(data, start, 0);
}

function spanAt(data: string, start: number, depth: number): Span {
  const tag = varintAt(data, start);
  const wireType = tag.low & 7;
  const number = tag.low >>> 3;
  if (number === 0) throw new MalformedMessage('a field with number 0');
  const body = tag.end;
  switch (wireType) {
    case wireTypes.varint: {
      const { end } = varintAt(data, body);
      return { number, wireType, start, body, bodyEnd: end, end };
    }
    case wireTypes.fixed64:
      return spanOf(data, number, wireType, start, body, body + 8);
    case wireTypes.fixed32:
      return spanOf(data, number, wireType, start, body, body + 4);
    case wireTypes.length: {
      const length = varintAt(data, body);
      return spanOf(data, number, wireType, start, length.end, length.end + length.low);
    }
    case wireTypes.groupStart:
      return groupAt(data, number, start, body, depth);
    default:
      throw new MalformedMessage(`wire type ${wireType}`);
  }
}

function spanOf(
  data: string,
  number: number,
  wireType: number,
  start: number,
  body: number,
  end: number,
): Span {
  if (end > data.length) throw new MalformedMessage('its end is missing');
  return { number, wireType, start, body, bodyEnd: end, end };
}

function groupAt(data: string, number: number, start: number, body: number, depth: number): Span {
  if (depth > messageDepthMax) throw new MalformedMessage(`groups more than ${messageDepthMax} deep`);
  for (let at = body; at < data.length;) {
    const { low, end } = varintAt(data, at);
    if ((low & 7) === wireTypes.groupEnd) {
      if (low >>> 3 !== number) throw new MalformedMessage('a group that ends as another');
      return { number, wireType: wireTypes.groupStart, start, body, bodyEnd: at, end };
    }
    at = spanAt(data, at, depth + 1).end;
  }
  throw new MalformedMessage('a group without an end');
}

/** The lower 32 bits of a varint, which are all that counts in tags and lengths, and where it ends. */
function varintAt(data: string, start: number): { readonly low: number; readonly end: number } {
  let low = 0;
  for (let index = 0; index < 10; index += 1) {
    const byte = data.charCodeAt(start + index);
    if (Number.isNaN(byte)) break;
    if (index < 5) low |= (byte & 127) << (index * 7);
    if (byte < 128) return { low: low >>> 0, end: start + index + 1 };
  }
  throw new MalformedMessage('a number without an end');
}

/** The bytes of a varint of at most 64 bits. */
export function varintBytes(value: bigint): string {
  let bytes = '';
  let rest = BigInt.asUintN(64, value);
  for (; rest > 127n; rest >>= 7n) bytes += String.fromCharCode(Number(rest & 127n) | 128);
  return bytes + String.fromCharCode(Number(rest));
}

/** The 64 bits of a varint. */
export function varintValue(body: string): bigint {
  let value = 0n;
  for (let index = 0; index < body.length; index += 1)
    value |= BigInt(body.charCodeAt(index) & 127) << BigInt(index * 7);
  return BigInt.asUintN(64, value);
}

/** A field with its tag, and its length where it is of the type that has one. */
export function fieldBytes(number: number, wireType: number, body: string): string {
  const tag = varintBytes(BigInt(number) * 8n + BigInt(wireType));
  return wireType === wireTypes.length ? `${tag}${varintBytes(BigInt(body.length))}${body}` : tag + body;
}
