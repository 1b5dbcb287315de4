/** Fields of messages by their names: as the compiler knows them, and as the broker does. */
import {
  ScalarType,
  type DescField,
  type DescMessage,
  type Message,
  type MessageShape,
} from '@bufbuild/protobuf';
import { base64Encode } from '@bufbuild/protobuf/wire';
import type { Json, JsonValue } from './json.ts';
import type { Amount } from './operation.ts';

/**
 * A field of a message, or of a message in it, by its name in TypeScript: `'claim' | 'review' | 'review.verdict' | …`. Nothing
 * leads through a repeated field or a map. Messages in messages are known eight levels deep, since some hold themselves.
 */
export type FieldPath<Desc extends DescMessage> = DescMessage extends Desc
  ? string
  : PathIn<MessageShape<Desc>, []>;

/** The same of numbers alone. */
export type NumberPath<Desc extends DescMessage> = DescMessage extends Desc
  ? string
  : NumberIn<MessageShape<Desc>, []>;

/** What a field may be compared with. Enums by their numbers. */
export type FieldValue = string | number | bigint | boolean | Uint8Array;

type Names<Shape> = Exclude<keyof Shape & string, '$typeName' | '$unknown'>;

type PathIn<Shape, Depth extends readonly unknown[]> = Depth['length'] extends 8
  ? never
  : { [Name in Names<Shape>]: OwnPath<Name, NonNullable<Shape[Name]>, Depth> }[Names<Shape>];

/** A oneof is no field itself: its members are. */
type OwnPath<Name extends string, Value, Depth extends readonly unknown[]> = Value extends {
  readonly case: infer Member;
  readonly value?: infer Held;
}
  ? Member extends string
    ? Member | Within<Member, Held, Depth>
    : never
  : Name | Within<Name, Value, Depth>;

type Within<Name extends string, Value, Depth extends readonly unknown[]> = Value extends Message
  ? `${Name}.${PathIn<Value, [...Depth, unknown]>}`
  : never;

type NumberIn<Shape, Depth extends readonly unknown[]> = Depth['length'] extends 8
  ? never
  : { [Name in Names<Shape>]: OwnNumber<Name, NonNullable<Shape[Name]>, Depth> }[Names<Shape>];

type OwnNumber<Name extends string, Value, Depth extends readonly unknown[]> = Value extends {
  readonly case: infer Member;
  readonly value?: infer Held;
}
  ? Member extends string
    ? NumberAt<Member, Held, Depth>
    : never
  : NumberAt<Name, Value, Depth>;

type NumberAt<Name extends string, Value, Depth extends readonly unknown[]> = Value extends number | bigint
  ? Name
  : Value extends Message
    ? `${Name}.${NumberIn<Value, [...Depth, unknown]>}`
    : never;

/** A field as the broker knows it. */
export interface ResolvedField {
  /** Its path by the names in the proto. */
  readonly name: string;
  readonly field: DescField;
}

/** Finds a field by its names in TypeScript, or in the proto. Throws a `TypeError` where there is none. */
export function resolveField(message: DescMessage, path: string): ResolvedField {
  const names: string[] = [];
  let within: DescMessage | undefined = message;
  let field: DescField | undefined;
  for (const part of path.split('.')) {
    if (within === undefined)
      throw new TypeError(`${path} leads through ${names.join('.')}, which is no single message`);
    field = within.fields.find(({ localName, name }) => localName === part || name === part);
    if (field === undefined) throw new TypeError(`${within.typeName} has no field ${part}`);
    names.push(field.name);
    within = field.fieldKind === 'message' ? field.message : undefined;
  }
  if (field === undefined) throw new TypeError('a field has a name');
  return { name: names.join('.'), field };
}

/** An amount in the kind of the field: exact for integers, a double for `float` and `double`. */
export function amountFor({ name, field }: ResolvedField, amount: Amount): Amount {
  const number = typeof amount === 'object' ? amount.real : amount;
  const isReal = field.scalar === ScalarType.DOUBLE || field.scalar === ScalarType.FLOAT;
  if (isReal) return { real: Number(number) };
  if (typeof number === 'bigint') return number;
  if (!Number.isSafeInteger(number))
    throw new RangeError(`${name} holds integers, and ${number} is none that a number can hold exactly`);
  return BigInt(number);
}

/** A value in ProtoJSON. */
export function protoJson(value: FieldValue): JsonValue | Json {
  if (value instanceof Uint8Array) return base64Encode(value);
  // JSON has no form for infinities and for what is not a number; ProtoJSON has texts.
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
