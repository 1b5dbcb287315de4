/** What a field of a stored value is: of a message by its bytes, of JSON by a pointer. */
import { bodiesOf, slotAt } from './field-slots.ts';
import { lookUp, parsePointer } from './json-pointer.ts';
import { parseJson } from './json.ts';
import type { Json } from './json.ts';
import type { ScalarField } from './message-field.ts';
import { isZero, scalarOf, wireTypeOf } from './scalar.ts';
import type { Scalar } from './scalar.ts';
import { jsonText } from './value.ts';
import type { Entry, Value } from './value.ts';
import { MalformedMessage } from './wire-scan.ts';

/** A field as it is: whether it is set, and its value where it is a single one and there is a message. */
export interface FieldValue {
  readonly isSet: boolean;
  readonly value: Scalar | null;
}

const nothing: FieldValue = { isSet: false, value: null };

/** A field of a value; nothing where the value is no message, or none that can be read. */
export function fieldValueOf(value: Value | null, field: ScalarField): FieldValue {
  if (value?.kind !== 'message') return nothing;
  try {
    return readField(value.data, field);
  } catch (error) {
    if (error instanceof MalformedMessage) return nothing;
    throw error;
  }
}

/** A field of a message. Throws `MalformedMessage` where it is none. */
export function readField(data: string, { steps, type, implicit }: ScalarField): FieldValue {
  const found = slotAt(data, steps);
  if (type === 'composite') {
    const own = found?.slot.own ?? [];
    const isSet = own.length > 0 && !(implicit && found !== null && bodiesOf(found.data, own) === '');
    return { isSet, value: null };
  }
  const last = found?.slot.own.at(-1);
  if (found === null || last === undefined)
    return implicit ? { isSet: false, value: defaultOf(type) } : nothing;
  if (last.wireType !== wireTypeOf(type))
    throw new MalformedMessage(`wire type ${last.wireType} of a ${type}`);
  const value = scalarOf(found.data.slice(last.body, last.bodyEnd), type);
  return { isSet: !(implicit && isZero(value)), value };
}

function defaultOf(type: ScalarField['type']): Scalar {
  const wireType = wireTypeOf(type);
  if (wireType === 2) return '';
  return type === 'double' || type === 'float' ? 0 : 0n;
}

/** JSON values of entries, each parsed once. */
export type ParsedJson = Map<Entry, Json>;

/** What a pointer leads to in an entry; `undefined` where there is nothing. */
export function jsonValueOf(entry: Entry | null, pointer: string, parsed: ParsedJson): Json | undefined {
  if (entry === null || (entry.kind !== 'json' && entry.kind !== 'items')) return undefined;
  let json = parsed.get(entry);
  if (json === undefined) {
    json = parseJson(jsonText(entry));
    parsed.set(entry, json);
  }
  const tokens = parsePointer(pointer);
  return tokens === null ? undefined : lookUp(json, tokens);
}
