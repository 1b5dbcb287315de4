/**
 * Judges what follows the last valid record of the last segment: nothing, a torn batch, or damage. The argument is at the
 * top of `layout.ts`; its conditions (a) and (b) are the functions below.
 */
import { decodeRecordHeader, recordHeaderBytes, recordHolds, recordMarker, sectorBytes } from './layout.ts';

export type TailVerdict =
  | { readonly kind: 'clean' }
  /** An unfinished batch, to be turned back into zeros from the start of the tail up to `end` of it. */
  | { readonly kind: 'torn'; readonly end: number }
  | { readonly kind: 'damaged'; readonly reason: string }
  /** The segment is over and goes on in one that starts at `nextPosition`. */
  | { readonly kind: 'sealed'; readonly nextPosition: number };

/**
 * `tail` is the rest of the segment from file offset `offset` on, where the record of `position` should be and is not.
 */
export function judgeTail(tail: Uint8Array, offset: number, position: number, seed: number): TailVerdict {
  const end = endOfNonzero(tail);
  if (end === 0) return { kind: 'clean' };
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const header = decodeRecordHeader(tail, view, 0, seed);
  // The next segment was durable before the first byte of the seal was written: its header alone says enough.
  if (header?.kind === 'seal') return { kind: 'sealed', nextPosition: header.position };
  if (header !== undefined && header.position !== position) {
    return { kind: 'damaged', reason: `position ${header.position} stands in its place` };
  }
  const witness = findWitness(tail, view, position, seed);
  if (witness !== undefined) {
    return {
      kind: 'damaged',
      reason: `it was durable, since ${witness.what} follows at offset ${offset + witness.at}`,
    };
  }
  if (explainedByUnwrittenSpace(tail, offset, header?.extent, end)) return { kind: 'torn', end };
  return { kind: 'damaged', reason: 'all of it was written, and its checksum does not hold' };
}

/** (a): a later record or seal that could only be written once the record of `position` was durable. */
function findWitness(
  tail: Uint8Array,
  view: DataView,
  position: number,
  seed: number,
): { readonly at: number; readonly what: string } | undefined {
  const buffer = Buffer.from(tail.buffer, tail.byteOffset, tail.byteLength);
  for (let at = buffer.indexOf(recordMarker, 1); at !== -1; at = buffer.indexOf(recordMarker, at + 1)) {
    const header = decodeRecordHeader(tail, view, at, seed);
    if (header === undefined || header.position <= position) continue;
    if (header.position - header.index <= position && header.kind === 'record') continue;
    if (!recordHolds(tail, view, at, header.extent, tail.length)) continue;
    return { at, what: header.kind === 'seal' ? 'a seal' : `position ${header.position} of a later batch` };
  }
  return undefined;
}

/** (b): some part that a whole record makes nonzero is zero. `extent` is `undefined` where its header does not hold. */
function explainedByUnwrittenSpace(
  tail: Uint8Array,
  offset: number,
  extent: number | undefined,
  nonzeroEnd: number,
): boolean {
  if (extent === undefined) {
    if (nonzeroEnd <= recordHeaderBytes) return true;
    const headerEnd = Math.min(recordHeaderBytes, tail.length);
    return hasUnwrittenPart(tail, offset, headerEnd, 'whole sectors');
  }
  if (extent > tail.length) return false;
  return tail[extent - 1] === 0 || hasUnwrittenPart(tail, offset, extent, 'the extent');
}

/**
 * True if some sector's part of `tail[0, end)` is all zeros. With `whole sectors` the part goes on to the sector's end, which
 * a record that starts in it cannot leave zero, since more than its header is written.
 */
function hasUnwrittenPart(
  tail: Uint8Array,
  offset: number,
  end: number,
  upTo: 'whole sectors' | 'the extent',
): boolean {
  let start = 0;
  while (start < end) {
    const sectorEnd = start + sectorBytes - ((offset + start) % sectorBytes);
    const partEnd = upTo === 'the extent' ? Math.min(sectorEnd, end) : Math.min(sectorEnd, tail.length);
    if (endOfNonzero(tail.subarray(start, partEnd)) === 0) return true;
    start = sectorEnd;
  }
  return false;
}

const zeros = new Uint8Array(64 * 1024);

/** The offset behind the last byte that is not zero; 0 where all are. */
export function endOfNonzero(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0) {
    const start = Math.max(0, end - zeros.length);
    if (Buffer.compare(bytes.subarray(start, end), zeros.subarray(0, end - start)) !== 0) break;
    end = start;
  }
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return end;
}
