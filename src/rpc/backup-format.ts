/**
 * A backup, as it lies in a file:
 *
 *   state   "hyperloom backup\nversion 1\n"
 *           frames: length (u32, little endian, 1 to 65,528) · checksum (u32) · that many bytes of the snapshot
 *           end:    0 (u32) · checksum (u32)
 *   tail    what came behind it, if it was gone on with: entries of the journal, one position after the other, each one
 *           length of the record (u32, at most 1 GiB) · position (f64) · CRC-32 of the record (u32) · CRC-32 of the 16 bytes before (u32) · the record
 *           and states again, each of the position of the entry that follows it: where that needs an older past than the file has.
 *
 * Each checksum in a state is the CRC-32 of all bytes of the snapshot up to there, so that frames that are missing, doubled or out of
 * order are found as surely as damaged ones, and a state that was cut off lacks its end. No length of a record reads as the beginning of
 * a state. A tail has no end: one that was cut off in an entry ends with the entry before.
 */
import { crc32 } from 'node:zlib';
import { backupChunkBytesMax } from '../base/limits.ts';
import { CodecDamage } from '../codec/damage.ts';

/** What a state begins with. */
export const stateMagic = Buffer.from('hyperloom backup\nversion 1\n');
/** Of a frame. */
export const headBytes = 8;
export const payloadBytesMax = backupChunkBytesMax - headBytes;

/** Frames a snapshot, in pieces of at most {@link backupChunkBytesMax}. */
export async function* writeBackup(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield stateMagic;
  let checksum = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += payloadBytesMax) {
      const payload = chunk.subarray(at, at + payloadBytesMax);
      checksum = crc32(payload, checksum);
      yield frame(payload, checksum);
    }
  }
  yield frame(new Uint8Array(0), checksum);
}

/** The snapshot's bytes out of pieces of any size. Throws `CodecDamage` where they are not a whole backup. */
export async function* readBackup(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array = new Uint8Array(0);
  let hasBegun = false;
  let hasEnded = false;
  let checksum = 0;
  for await (const piece of pieces) {
    held = held.length === 0 ? piece : Buffer.concat([held, piece]);
    if (!hasBegun) {
      if (held.length < stateMagic.length) continue;
      if (!stateMagic.equals(held.subarray(0, stateMagic.length)))
        throw new CodecDamage('no backup of a version that is known');
      held = held.subarray(stateMagic.length);
      hasBegun = true;
    }
    while (held.length >= headBytes && !hasEnded) {
      const view = new DataView(held.buffer, held.byteOffset);
      const length = view.getUint32(0, true);
      if (length > payloadBytesMax) throw new CodecDamage(`a frame of ${length} bytes`);
      if (held.length < headBytes + length) break;
      const payload = held.subarray(headBytes, headBytes + length);
      checksum = crc32(payload, checksum);
      if (view.getUint32(4, true) !== checksum) throw new CodecDamage('a checksum that does not hold');
      held = held.subarray(headBytes + length);
      hasEnded = length === 0;
      if (!hasEnded) yield payload;
    }
    if (hasEnded && held.length > 0)
      throw new CodecDamage('bytes behind the end, such as the tail that "hyperloom restore" brings along');
  }
  if (!hasEnded) throw new CodecDamage('the end is missing');
}

function frame(payload: Uint8Array, checksum: number): Uint8Array {
  const bytes = new Uint8Array(headBytes + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, payload.length, true);
  view.setUint32(4, checksum, true);
  bytes.set(payload, headBytes);
  return bytes;
}

/** Bytes of an entry before its record. */
export const entryHeadBytes = 20;

/** An entry of a tail. */
export function entryFrame(position: number, record: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(entryHeadBytes + record.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, record.length, true);
  view.setFloat64(4, position, true);
  view.setUint32(12, crc32(record), true);
  view.setUint32(16, crc32(bytes.subarray(0, 16)), true);
  bytes.set(record, entryHeadBytes);
  return bytes;
}

/** What the head of an entry says; `null` where it does not hold. */
export function readEntryHead(
  bytes: Uint8Array,
): { readonly length: number; readonly position: number; readonly checksum: number } | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(16, true) !== crc32(bytes.subarray(0, 16))) return null;
  const [length, position, checksum] = [
    view.getUint32(0, true),
    view.getFloat64(4, true),
    view.getUint32(12, true),
  ];
  return { length, position, checksum };
}
