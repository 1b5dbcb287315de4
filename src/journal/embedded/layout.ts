/**
 * The bytes of a segment file. All numbers are little-endian.
 *
 *   segment  = header, zeros up to byte 512, record*, [seal], zeros up to the size that the header names
 *   header   = "HYPRSEGM", u32 format version, u32 0, u64 journal id, u64 first position, u64 file size, u32 CRC32C of these
 *   record   = u32 marker "LOOM", u32 payload length, u64 position, u32 index in its batch,
 *              u32 CRC32C of the 20 bytes before, u32 CRC32C of the payload, payload, u8 0x5a
 *   seal     = a record of length 0xffffffff without a payload, whose position is the first one of the next segment
 *
 * The checksums of records start from a word made of the journal's random id, so that no payload can hold bytes that pass
 * for a record, and no file of another journal passes for one of ours.
 *
 * ## How a torn tail is told from damage
 *
 * A segment is filled with zeros and synced before its first record, and no byte that held a record ever gets another.
 * Records are written in batches: one write and one sync each, and a batch is written only after the sync of the
 * batch before it. The index in its batch therefore makes each record a witness: batch starts at `position - index`, and
 * everything before that start was durable when the record was written. A crash leaves each 512-byte sector of the last
 * batch either as it was before (zeros from the end of the earlier records on) or as it should be; a write that stopped
 * early (a kill, a full disk) leaves zeros from some byte on. So a record that is not valid is the torn tail only if
 *
 *   (a) nothing after it proves that it was durable: no valid record of a later batch, no seal, no later segment; and
 *   (b) unwritten space explains it. A whole record has no sector part without a nonzero byte, but for sectors that
 *       lie wholly in a payload: it begins with four nonzero bytes and ends with one. So either a sector part of its extent
 *       is all zeros, or its last byte is zero, or nothing nonzero follows its header.
 *
 * Then the batch was never acknowledged and goes. Everything else is damage, a single flipped bit in the very last
 * record included, and the broker stops: it cannot know what else is lost.
 *
 * Honest limits. In the last batch only: whole sectors of acknowledged records that a disk turns back into zeros, or that it
 * reported as synced and never wrote, look like a torn tail. So does a damaged last record whose payload itself holds
 * 512 aligned zero bytes. And a crash that scribbles garbage into sectors, rather than leaving old or new ones, is
 * reported as damage although nothing acknowledged may be lost. A segment that is shorter than its header says is always damage: no crash
 * makes it so.
 */
import { crc32c } from '../../base/crc32c.ts';
import { JournalDamage } from '../journal.ts';

/** What a disk writes whole or not at all. Larger units are multiples of it. */
export const sectorBytes = 512;

/** Where the first record starts: in a sector of its own, so that no write of records ever touches the header. */
export const recordsOffset = sectorBytes;
export const recordHeaderBytes = 28;

/** Around each payload: its header and the last byte. Also the size of a seal. */
export const recordOverheadBytes = recordHeaderBytes + 1;
export const recordEnd = 0x5a;

/** The first four bytes of a record, none of them zero. */
export const recordMarker = Uint8Array.of(0x4c, 0x4f, 0x4f, 0x4d);
const markerWord = 0x4d4f4f4c;
const sealLength = 0xffff_ffff;

const segmentMagic = 'HYPRSEGM';
const formatVersion = 1;
const segmentHeaderBytes = 44;

/** The random identity of a journal, in every file of it. */
export type JournalId = bigint & { readonly brand: 'JournalId' };

export interface SegmentHeader {
  readonly journalId: JournalId;
  readonly firstPosition: number;
  readonly fileBytes: number;
}

/** The word that the checksums of a journal's records start from. */
export function checksumSeed(journalId: JournalId): number {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, journalId, true);
  return crc32c(bytes);
}

export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  const bytes = new Uint8Array(segmentHeaderBytes);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(segmentMagic));
  view.setUint32(8, formatVersion, true);
  view.setBigUint64(16, header.journalId, true);
  view.setBigUint64(24, BigInt(header.firstPosition), true);
  view.setBigUint64(32, BigInt(header.fileBytes), true);
  view.setUint32(40, crc32c(bytes, 0, 40), true);
  return bytes;
}

/** Throws {@link JournalDamage} where `bytes` is not a header of this format. `path` is for the message. */
export function decodeSegmentHeader(bytes: Uint8Array, path: string): SegmentHeader {
  if (bytes.length < segmentHeaderBytes) {
    throw new JournalDamage(
      `${path} is cut off inside its header (${bytes.length} bytes); restore it from a backup`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (new TextDecoder().decode(bytes.subarray(0, 8)) !== segmentMagic) {
    throw new JournalDamage(
      `${path} is not a journal segment, or its first bytes are damaged; restore it from a backup`,
    );
  }
  if (view.getUint32(40, true) !== crc32c(bytes, 0, 40)) {
    throw new JournalDamage(`${path}: the header at offset 0 is damaged; restore the file from a backup`);
  }
  const version = view.getUint32(8, true);
  if (version !== formatVersion) {
    throw new JournalDamage(
      `${path} has format version ${version}, and this release reads version ${formatVersion}: start the release that wrote it`,
    );
  }
  return {
    journalId: view.getBigUint64(16, true) as JournalId,
    firstPosition: Number(view.getBigUint64(24, true)),
    fileBytes: Number(view.getBigUint64(32, true)),
  };
}

/** Writes one record at `at`; the caller made sure of the room. Returns the offset behind it. */
export function encodeRecord(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  record: { readonly position: number; readonly index: number; readonly payload: Uint8Array },
  seed: number,
): number {
  const { payload } = record;
  const start = at + recordHeaderBytes;
  const end = start + payload.length;
  encodeRecordHeader(view, at, payload.length, record.position, record.index);
  bytes.set(payload, start);
  const headerChecksum = crc32c(bytes, at, at + 20, seed);
  view.setUint32(at + 20, headerChecksum, true);
  view.setUint32(at + 24, crc32c(bytes, start, end, headerChecksum), true);
  bytes[end] = recordEnd;
  return end + 1;
}

/** The record that ends a segment once the next one, which starts at `nextPosition`, is durable. */
export function encodeSeal(nextPosition: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(recordOverheadBytes);
  const view = new DataView(bytes.buffer);
  encodeRecordHeader(view, 0, sealLength, nextPosition, 0);
  const headerChecksum = crc32c(bytes, 0, 20, seed);
  view.setUint32(20, headerChecksum, true);
  view.setUint32(24, crc32c(bytes, 0, 0, headerChecksum), true);
  bytes[recordHeaderBytes] = recordEnd;
  return bytes;
}

function encodeRecordHeader(
  view: DataView,
  at: number,
  length: number,
  position: number,
  index: number,
): void {
  view.setUint32(at, markerWord, true);
  view.setUint32(at + 4, length, true);
  view.setUint32(at + 8, position >>> 0, true);
  view.setUint32(at + 12, Math.floor(position / 2 ** 32), true);
  view.setUint32(at + 16, index, true);
}

/** What stands at an offset: its header's fields, once the header holds. */
export interface RecordHeader {
  readonly kind: 'record' | 'seal';
  readonly position: number;
  readonly index: number;
  /** Bytes of header, payload and last byte together. */
  readonly extent: number;
}

/** The header at `at`, or `undefined` where none holds (or it would not fit). */
export function decodeRecordHeader(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  seed: number,
): RecordHeader | undefined {
  if (!headerHolds(bytes, view, at, bytes.length, seed)) return undefined;
  const length = view.getUint32(at + 4, true);
  return {
    kind: length === sealLength ? 'seal' : 'record',
    position: positionAt(view, at),
    index: view.getUint32(at + 16, true),
    extent: recordOverheadBytes + (length === sealLength ? 0 : length),
  };
}

/** True if the record or seal at `at`, whose header holds, is whole up to its last byte and within `end`. */
export function recordHolds(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  extent: number,
  end: number,
): boolean {
  const last = at + extent - 1;
  return (
    last < end &&
    bytes[last] === recordEnd &&
    view.getUint32(at + 24, true) ===
      crc32c(bytes, at + recordHeaderBytes, last, view.getUint32(at + 20, true))
  );
}

/** What {@link checkRecord} found instead of a record. */
export const recordBroken = -1;
export const recordCutOff = -2;

/**
 * The hot path of recovery and reading: the payload's length if the record at `position` stands whole at `at`;
 * {@link recordCutOff} if it goes on behind `end`; {@link recordBroken} for everything else, a seal included. Allocates nothing.
 */
export function checkRecord(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  end: number,
  position: number,
  seed: number,
): number {
  if (at + recordOverheadBytes > end) return recordCutOff;
  if (!headerHolds(bytes, view, at, end, seed) || positionAt(view, at) !== position) return recordBroken;
  const length = view.getUint32(at + 4, true);
  if (length === sealLength) return recordBroken;
  if (at + recordOverheadBytes + length > end) return recordCutOff;
  return recordHolds(bytes, view, at, recordOverheadBytes + length, end) ? length : recordBroken;
}

/** The index in its batch of the record at `at`, whose header holds. */
export function recordIndexAt(view: DataView, at: number): number {
  return view.getUint32(at + 16, true);
}

function headerHolds(bytes: Uint8Array, view: DataView, at: number, end: number, seed: number): boolean {
  return (
    at + recordHeaderBytes <= end &&
    view.getUint32(at, true) === markerWord &&
    view.getUint32(at + 20, true) === crc32c(bytes, at, at + 20, seed)
  );
}

function positionAt(view: DataView, at: number): number {
  return view.getUint32(at + 8, true) + view.getUint32(at + 12, true) * 2 ** 32;
}
