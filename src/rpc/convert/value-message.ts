/** Values from the state to the wire. */
import { create } from '@bufbuild/protobuf';
import { type Any, AnySchema } from '@bufbuild/protobuf/wkt';
import { unreachable } from '../../base/assert.ts';
import { Slab } from '../../base/slab.ts';
import { type Value as ValueMessage, ValueSchema } from '../../gen/hyperloom/v1/node_pb.ts';
import { Entry, jsonText } from '../../state/values/value.ts';
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
export function anyMessage(value: Value): Any {
  return create(AnySchema, { typeUrl: value.type, value: bytesOf(value) });
}

function bytesOf(value: Value): Uint8Array {
  return contentBytes(value) ?? fromLatin1(value.data);
}

/** What a value's slab has of it, without a string in between; `null` where it is one. */
function contentBytes(value: Value): Uint8Array | null {
  if (!(value instanceof Entry) || !(value.content instanceof Slab)) return null;
  const bytes = new Uint8Array(value.bytes);
  value.content.copyTo(bytes, 0, value.at);
  return bytes;
}

function kindOf(value: Value): ValueMessage['kind'] {
  switch (value.kind) {
    case 'json':
    case 'items':
      return { case: 'json', value: contentBytes(value) ?? utf8(jsonText(value)) };
    case 'text':
      return { case: 'text', value: value.data };
    case 'bytes':
      return { case: 'bytes', value: bytesOf(value) };
    case 'message':
      return {
        case: 'message',
        value: anyMessage(value),
      };
    default:
      return unreachable(value.kind);
  }
}
