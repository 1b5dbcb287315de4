/** Values from the state to the wire. */
import { create } from '@bufbuild/protobuf';
import { type Any, AnySchema } from '@bufbuild/protobuf/wkt';
import { unreachable } from '../../base/assert.ts';
import { type Value as ValueMessage, ValueSchema } from '../../gen/hyperloom/v1/node_pb.ts';
import { jsonText } from '../../state/values/value.ts';
import type { Value } from '../../state/values/value.ts';
import type { Stamp } from '../../trie/node.ts';
import type { Path } from '../../trie/path.ts';

const encoder = new TextEncoder();

/** Tells a value in the form that a reader asked for. `modified` is the stamp of its last change: negative for what is staged. */
export type TellValue = (value: Value, path: Path, modified: Stamp) => ValueMessage;

/** A value for the wire, as it is stored. */
export function valueMessage(value: Value): ValueMessage {
  return create(ValueSchema, { kind: kindOf(value) });
}

/** JSON text as the wire has it. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Bytes out of a string of one character a byte. */
export function fromLatin1(data: string): Uint8Array {
  return Buffer.from(data, 'latin1');
}

/** A message for the wire. */
export function anyMessage({ type, data }: Value): Any {
  return create(AnySchema, { typeUrl: type, value: fromLatin1(data) });
}

function kindOf(value: Value): ValueMessage['kind'] {
  switch (value.kind) {
    case 'json':
    case 'items':
      return { case: 'json', value: utf8(jsonText(value)) };
    case 'text':
      return { case: 'text', value: value.data };
    case 'bytes':
      return { case: 'bytes', value: fromLatin1(value.data) };
    case 'message':
      return {
        case: 'message',
        value: anyMessage(value),
      };
    default:
      return unreachable(value.kind);
  }
}
