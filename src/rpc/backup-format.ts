/**
 * A backup, as it lies in a file:
 *
 *   "hyperloom backup\nversion 1\n"
 *   frames: length (u32, little endian, 1 to 65,528) · checksum (u32) · that many bytes of the snapshot
 *   end:    0 (u32) · checksum (u32), and nothing behind it
 *
 * Each checksum is the CRC-32 of all bytes of the snapshot up to there, so that frames that are missing, doubled or out of
 * order are found as surely as damaged ones, and a backup that was cut off lacks its end.
 */
import { crc32 } from 'node:zlib';
import { backupChunkBytesMax } from '../base/limits.ts';
import { CodecDamage } from '../codec/damage.ts';

const magic = Buffer.from('hyperloom backup\nversion 1\n');
const headBytes = 8;
const payloadBytesMax = backupChunkBytesMax - headBytes;

/** Frames a snapshot, in pieces of at most {@link backupChunkBytesMax}. */
export async function* writeBackup(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield magic;
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
      if (held.length < magic.length) continue;
      if (!magic.equals(held.subarray(0, magic.length)))
        throw new CodecDamage('no backup of a version that is known');
      held = held.subarray(magic.length);
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
    if (hasEnded && held.length > 0) throw new CodecDamage('bytes behind the end');
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
