import {
  checkRecord,
  decodeRecordHeader,
  recordBroken,
  recordCutOff,
  recordHeaderBytes,
  recordOverheadBytes,
} from './layout.ts';
import type { Window } from './window.ts';

/** A whole record: `at` is the offset of its header in the window, `length` that of its payload. */
export type RecordVisitor = (at: number, length: number, position: number) => void;

/** Where a walk stopped: `position` is the one that should stand at file offset `offset`. */
export interface WalkEnd {
  readonly offset: number;
  readonly position: number;
  /** True if no whole record stands there; false if the walk reached its goal, or the end of the window. */
  readonly broken: boolean;
}

/**
 * Visits the records in the window from `from` on, up to but not including `endPosition`, refilling it where a record
 * goes on behind it. Returns after each windowful, so that the caller can hand it on.
 */
export async function walkRecords(
  window: Window,
  from: { readonly offset: number; readonly position: number },
  endPosition: number,
  seed: number,
  visit: RecordVisitor,
): Promise<WalkEnd> {
  let { offset, position } = from;
  let visited = 0;
  while (position < endPosition) {
    const at = offset - window.base;
    const isInside = at >= 0 && at < window.length;
    const length = isInside
      ? checkRecord(window.bytes, window.view, at, window.length, position, seed)
      : recordCutOff;
    if (length >= 0) {
      visit(at, length, position);
      visited += 1;
      position += 1;
      offset += recordOverheadBytes + length;
    } else if (length === recordBroken || (isInside && window.reachesEnd)) {
      return { offset, position, broken: true };
    } else if (visited > 0) {
      return { offset, position, broken: false };
    } else {
      const before = window.length;
      await window.fill(offset, extentAt(window, at, isInside, seed));
      if (window.length === 0 || (at === 0 && isInside && window.length === before)) {
        return { offset, position, broken: true };
      }
    }
  }
  return { offset, position, broken: false };
}

/** The bytes that the record at `at` needs in the window: its extent once its header is there. */
function extentAt(window: Window, at: number, isInside: boolean, seed: number): number {
  if (!isInside || at + recordHeaderBytes > window.length) return recordOverheadBytes;
  const inside = window.bytes.subarray(0, window.length);
  return decodeRecordHeader(inside, window.view, at, seed)?.extent ?? recordOverheadBytes;
}
