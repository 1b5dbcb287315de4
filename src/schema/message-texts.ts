/**
 * The texts in a message: its string fields, those of the messages in it, and keys and values of maps. Read from the bytes as they are
 * stored, a field at a time, so that none of what else is in it becomes an object. What an `Any` holds is not looked into.
 */
import { ScalarType } from '@bufbuild/protobuf';
import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { messageDepthMax } from '../base/limits.ts';
import { fieldAt, MalformedMessage, wireTypes } from '../state/values/wire-scan.ts';

/** A text and the field that it stands in, by its names in the proto: `claim`, `origin.url`. */
export interface FieldText {
  readonly field: string;
  readonly text: string;
}

/** What is to be done with a field that can have texts. */
interface TextField {
  readonly name: string;
  /** The fields in it; `null` where it is a text itself. */
  readonly within: (() => Fields) | null;
}

type Fields = ReadonlyMap<number, TextField>;

/** A message that is being read. */
interface Level {
  readonly fields: Fields;
  readonly name: string;
  readonly end: number;
  at: number;
}

const known = new WeakMap<DescMessage, Fields>();

/**
 * The texts of the message that `data` holds, one character a byte, in the order of the bytes; `null` for each other field, where a caller
 * may pause. Ends early where the bytes are none of the message.
 */
export function* textsIn(descriptor: DescMessage, data: string): Generator<FieldText | null, void> {
  const levels: Level[] = [{ fields: fieldsOf(descriptor), name: '', at: 0, end: data.length }];
  try {
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      if (level.at >= level.end) {
        levels.pop();
        continue;
      }
      const { number, wireType, body, bodyEnd, end } = fieldAt(data, level.at);
      level.at = end;
      const field = end > level.end ? undefined : level.fields.get(number);
      const isLong = wireType === wireTypes.length || wireType === wireTypes.groupStart;
      if (field === undefined || !isLong) {
        yield null;
        continue;
      }
      const name =
        level.name === '' || field.name === '' ? level.name + field.name : `${level.name}.${field.name}`;
      if (field.within === null) yield { field: name, text: textAt(data, body, bodyEnd) };
      else if (levels.length < messageDepthMax)
        levels.push({ fields: field.within(), name, at: body, end: bodyEnd });
    }
  } catch (error) {
    if (!(error instanceof MalformedMessage)) throw error;
  }
}

function fieldsOf(descriptor: DescMessage): Fields {
  const before = known.get(descriptor);
  if (before !== undefined) return before;
  const fields = new Map<number, TextField>();
  known.set(descriptor, fields);
  for (const field of descriptor.fields) {
    const told = textField(field);
    if (told !== null) fields.set(field.number, told);
  }
  return fields;
}

function textField(field: DescField): TextField | null {
  const { name } = field;
  if (field.fieldKind === 'map') {
    const entry = entryFields(field);
    return entry.size === 0 ? null : { name, within: () => entry };
  }
  const { message } = field;
  if (message !== undefined) return { name, within: () => fieldsOf(message) };
  return field.scalar === ScalarType.STRING ? { name, within: null } : null;
}

/** A map is written as messages with a key and a value; both are told under the map's name. */
function entryFields(field: DescField & { fieldKind: 'map' }): Fields {
  const entry = new Map<number, TextField>();
  const { mapKey, message, scalar } = field;
  if (mapKey === ScalarType.STRING) entry.set(1, { name: '', within: null });
  if (message !== undefined) entry.set(2, { name: '', within: () => fieldsOf(message) });
  else if (scalar === ScalarType.STRING) entry.set(2, { name: '', within: null });
  return entry;
}

/** Texts are short as a rule, and ASCII: those are in the bytes as they are. */
function textAt(data: string, from: number, to: number): string {
  const bytes = data.slice(from, to);
  for (let at = 0; at < bytes.length; at += 1)
    if (bytes.charCodeAt(at) > 127) return Buffer.from(bytes, 'latin1').toString();
  return bytes;
}
