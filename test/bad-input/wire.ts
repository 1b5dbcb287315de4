/** Requests as bytes, with one place that no encoder would write. */
import { ScalarType, clone, toBinary } from '@bufbuild/protobuf';
import type { DescField, DescMessage, Message } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import type { ReflectMessage } from '@bufbuild/protobuf/reflect';

/** A varint of any size. */
export function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

export function tag(number: number, wireType: number): Uint8Array {
  return varint(BigInt(number * 8 + wireType));
}

/** A field with a length before its bytes. */
export function delimited(number: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([tag(number, 2), varint(BigInt(content.length)), content]);
}

/** The wire type that a field has. */
export function wireTypeOf(field: DescField): number {
  if (field.fieldKind === 'enum') return 0;
  if (field.fieldKind !== 'scalar') return 2;
  switch (field.scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return 2;
    case ScalarType.DOUBLE:
      return 1;
    case ScalarType.FIXED32:
      return 5;
    default:
      return 0;
  }
}

/** Fields on the way from a request to a place in it; in lists the first item. */
export type Steps = readonly DescField[];

/** The bytes of `message` with `raw` for everything that the field at the end of `steps` holds. */
export function encodeWith(message: ReflectMessage, steps: Steps, raw: Uint8Array): Uint8Array {
  const [field, ...rest] = steps;
  if (field === undefined) return raw;
  const others = cloned(message);
  others.clear(field);
  const child = childOf(message, field);
  const own =
    rest.length === 0 || child === undefined ? raw : delimited(field.number, encodeWith(child, rest, raw));
  return Buffer.concat([bytesOf(others), own]);
}

/** The message that a field holds; the first one of a list. */
export function childOf(message: ReflectMessage, field: DescField): ReflectMessage | undefined {
  if (field.fieldKind === 'message') return message.isSet(field) ? message.get(field) : undefined;
  if (field.fieldKind !== 'list' || field.listKind !== 'message') return undefined;
  return message.get(field).get(0) as ReflectMessage | undefined;
}

export function bytesOf(message: ReflectMessage): Uint8Array {
  return toBinary(message.desc, message.message);
}

export function cloned(message: ReflectMessage): ReflectMessage {
  return reflected(message.desc, clone(message.desc, message.message));
}

/** Unchecked, so that it takes what is not allowed. */
export function reflected(descriptor: DescMessage, message: Message): ReflectMessage {
  return reflect(descriptor, message, false);
}
