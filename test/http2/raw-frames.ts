/** Frames and header blocks made by hand, right or wrong. */
import { frameHeaderBytes } from '../../src/transport/h2/frame.ts';
import type { HeaderPair } from '../../src/transport/h2/header-template.ts';

export function rawFrame(
  type: number,
  flags: number,
  streamId: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const frame = Buffer.alloc(frameHeaderBytes + payload.length);
  frame.writeUIntBE(payload.length, 0, 3);
  frame[3] = type;
  frame[4] = flags;
  frame.writeUInt32BE(streamId, 5);
  frame.set(payload, frameHeaderBytes);
  return frame;
}

/** Four bytes, big endian. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** A header block of literals that are not indexed. */
export function literalBlock(pairs: readonly HeaderPair[]): Buffer {
  return Buffer.concat(
    pairs.flatMap(([name, value]) => [Buffer.from([0]), literalString(name), literalString(value)]),
  );
}

function literalString(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const length = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest >>>= 7) length.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from([...length, rest]), bytes]);
}

/** The headers of an ordinary request. */
export function requestPairs(more: readonly HeaderPair[] = [], method = 'POST'): HeaderPair[] {
  return [[':method', method], [':scheme', 'http'], [':path', '/'], [':authority', 'localhost'], ...more];
}
