/** Single values of message fields: between their bytes on the wire and something that can be compared and added to. */
import { scalarTypes } from './message-field.ts';
import type { ScalarType } from './message-field.ts';
import { MalformedMessage, varintBytes, varintValue, wireTypes } from './wire-scan.ts';

/** Integers, booleans and enums as a bigint; doubles and floats as a number; strings and bytes as a string of one character a byte. */
export type Scalar = bigint | number | string;

/** How many bits a number of a type has, and whether one of them is its sign; `null` for those that are no integers. */
const integers: Readonly<Partial<Record<ScalarType, readonly [bits: 32 | 64, signed: boolean]>>> = {
  int32: [32, true],
  sint32: [32, true],
  sfixed32: [32, true],
  enum: [32, true],
  uint32: [32, false],
  fixed32: [32, false],
  int64: [64, true],
  sint64: [64, true],
  sfixed64: [64, true],
  uint64: [64, false],
  fixed64: [64, false],
};

const scratch = new DataView(new ArrayBuffer(8));

/** The wire type of a scalar type. */
export function wireTypeOf(type: ScalarType): number {
  switch (type) {
    case 'double':
    case 'fixed64':
    case 'sfixed64':
      return wireTypes.fixed64;
    case 'float':
    case 'fixed32':
    case 'sfixed32':
      return wireTypes.fixed32;
    case 'string':
    case 'bytes':
    case 'composite':
      return wireTypes.length;
    default:
      return wireTypes.varint;
  }
}

/** The value that the body of a field has. */
export function scalarOf(body: string, type: ScalarType): Scalar {
  switch (wireTypeOf(type)) {
    case wireTypes.length:
      return body;
    case wireTypes.varint: {
      const value = varintValue(body);
      if (type === 'bool') return value === 0n ? 0n : 1n;
      const isZigzag = type === 'sint32' || type === 'sint64';
      const bits = type === 'sint32' ? BigInt.asUintN(32, value) : value;
      return inRange(isZigzag ? (bits >> 1n) ^ -(bits & 1n) : value, type);
    }
    default:
      return fixedOf(body, type);
  }
}

function fixedOf(body: string, type: ScalarType): Scalar {
  for (let index = 0; index < body.length; index += 1) scratch.setUint8(index, body.charCodeAt(index));
  if (type === 'double') return scratch.getFloat64(0, true);
  if (type === 'float') return scratch.getFloat32(0, true);
  return inRange(
    body.length === 8 ? scratch.getBigUint64(0, true) : BigInt(scratch.getUint32(0, true)),
    type,
  );
}

/** The bits of an integer as a number of its type. */
function inRange(value: bigint, type: ScalarType): bigint {
  const [bits, signed] = integers[type] ?? [64, false];
  return signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
}

/** The body of a field that holds an integer, a double or a float. */
export function numberBytes(value: bigint | number, type: ScalarType): string {
  if (typeof value === 'number') {
    if (type === 'double') scratch.setFloat64(0, value, true);
    else scratch.setFloat32(0, value, true);
    return scratchBytes(type === 'double' ? 8 : 4);
  }
  const wireType = wireTypeOf(type);
  if (wireType === wireTypes.varint)
    return varintBytes(type === 'sint32' || type === 'sint64' ? (value << 1n) ^ (value >> 63n) : value);
  scratch.setBigUint64(0, BigInt.asUintN(64, value), true);
  return scratchBytes(wireType === wireTypes.fixed64 ? 8 : 4);
}

function scratchBytes(count: number): string {
  let bytes = '';
  for (let index = 0; index < count; index += 1) bytes += String.fromCharCode(scratch.getUint8(index));
  return bytes;
}

/** The sum in the precision of a type; `null` where it leaves its range. */
export function sumOf(value: Scalar, amount: bigint | number, type: ScalarType): bigint | number | null {
  if (typeof value === 'number' && typeof amount === 'number') {
    const sum = type === 'float' ? Math.fround(value + amount) : value + amount;
    return Number.isFinite(sum) ? sum : null;
  }
  if (typeof value !== 'bigint' || typeof amount !== 'bigint')
    throw new MalformedMessage(`a ${type} that is not what it is added to`);
  const sum = value + amount;
  return inRange(sum, type) === sum ? sum : null;
}

/** Both are equal: NaN to NaN, and -0 to 0. */
export function sameScalar(a: Scalar, b: Scalar): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

/** The default of a field that has none of its own. */
export function isZero(value: Scalar): boolean {
  return value === 0n || value === '' || value === 0;
}

const textDecoder = new TextDecoder();

/** A value as JSON, for people and programs to read: bytes as the number of them, enums by number. */
export function scalarText(value: Scalar, type: ScalarType): string {
  if (type === 'bool') return value === 0n ? 'false' : 'true';
  if (type === 'bytes') return `"${String(value).length} bytes"`;
  if (typeof value !== 'string')
    return Number.isFinite(value) || typeof value === 'bigint' ? String(value) : `"${value}"`;
  const bytes = Uint8Array.from(value, (character) => character.charCodeAt(0));
  return JSON.stringify(textDecoder.decode(bytes));
}

/** A type by its number. */
export function scalarTypeOf(number: number): ScalarType | undefined {
  return byNumber.get(number);
}

const byNumber = new Map(
  Object.entries(scalarTypes).map(([type, number]): [number, ScalarType] => [number, type as ScalarType]),
);
