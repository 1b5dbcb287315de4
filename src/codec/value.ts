/** Values ↔ `Value`. The size of a value is not written: it follows from the kind and the length on the wire. */
import { unreachable } from '../base/assert.ts';
import type { Value, ValueKind } from '../state/values/value.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';
import { CodecDamage } from './damage.ts';

/** Where a value stands. In an append, `items` come without brackets. */
export type ValuePlace = 'node' | 'addition';

/** Kinds by their number in `ValueKind`; 0 is never written. */
const kinds: readonly (ValueKind | undefined)[] = [undefined, 'json', 'items', 'text', 'bytes', 'message'];

/** Bytes around a value's data: tags, lengths, kind. */
export const valueOverheadBytes = 8;

export function writeValue(writer: WireWriter, field: number, value: Value): void {
  const mark = writer.open(field, value.bytes + value.type.length + valueOverheadBytes);
  writer.uint(1, kindNumber(value.kind));
  if (value.kind === 'bytes' || value.kind === 'message') writer.binary(3, value.data);
  else writer.text(2, value.data);
  writer.text(4, value.type);
  writer.close(mark);
}

export function readValue(reader: WireReader, place: ValuePlace): Value {
  const outer = reader.enter();
  let kind: ValueKind | undefined;
  let text = '';
  let binary = '';
  let bytes = 0;
  let type = '';
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    switch (field) {
      case 1:
        kind = kinds[reader.uint()];
        break;
      case 2:
        bytes = reader.peekLength();
        text = reader.text();
        break;
      case 3:
        binary = reader.binary();
        break;
      case 4:
        type = reader.repeatedText();
        break;
      default:
        reader.unknown('Value');
    }
  }
  reader.leave(outer);
  if (kind === undefined) throw new CodecDamage('a value without a known kind');
  if (kind === 'bytes' || kind === 'message') return { kind, data: binary, bytes: binary.length, type };
  return { kind, data: text, bytes: kind === 'items' && place === 'node' ? bytes + 1 : bytes, type };
}

function kindNumber(kind: ValueKind): number {
  switch (kind) {
    case 'json':
      return 1;
    case 'items':
      return 2;
    case 'text':
      return 3;
    case 'bytes':
      return 4;
    case 'message':
      return 5;
    default:
      return unreachable(kind);
  }
}
