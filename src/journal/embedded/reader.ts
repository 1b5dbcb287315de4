import { readWindowBytes } from '../../base/limits.ts';
import { JournalDamage, type JournalEntry } from '../journal.ts';
import { PositionsReleased } from '../positions-released.ts';
import { errorCode, type File, type FileSystem } from './file-system.ts';
import { recordHeaderBytes } from './layout.ts';
import type { Segment } from './segment.ts';
import { walkRecords, type WalkEnd } from './walk.ts';
import { Window } from './window.ts';

/** Where the entries of a journal are read from. */
export interface ReadSource {
  readonly fileSystem: FileSystem;
  /** Oldest first. */
  readonly segments: { readonly all: readonly Segment[] };
  readonly seed: number;
}

/**
 * The written entries from `from` to `to`, a windowful at a time; their payloads lie in the window. Throws
 * {@link PositionsReleased} when they go away meanwhile, and {@link JournalDamage} where a record does not hold.
 */
export async function* readEntries(
  source: ReadSource,
  from: number,
  to: number,
): AsyncGenerator<readonly JournalEntry[]> {
  let position = from;
  while (position <= to) {
    const segment = findSegment(source.segments.all, position);
    if (segment === undefined) throw released(source, position);
    const endPosition = Math.min(to, segment.lastPosition) + 1;
    yield* readSegment(source, segment, position, endPosition);
    position = endPosition;
  }
}

async function* readSegment(
  source: ReadSource,
  segment: Segment,
  from: number,
  endPosition: number,
): AsyncGenerator<readonly JournalEntry[]> {
  const file = await openForReading(source, segment, from);
  try {
    const mark = segment.seek(from);
    const window = new Window(file, segment.end, Math.min(readWindowBytes, segment.end - mark.offset));
    let stop: WalkEnd = { ...mark, broken: false };
    while (stop.position < endPosition) {
      if (segment.isReleased) throw released(source, stop.position);
      const entries: JournalEntry[] = [];
      stop = await walkRecords(window, stop, endPosition, source.seed, (at, length, position) => {
        if (position < from) return;
        const start = at + recordHeaderBytes;
        entries.push({ position, payload: window.bytes.subarray(start, start + length) });
      });
      if (stop.broken) {
        throw new JournalDamage(
          `${segment.path}: position ${stop.position} at offset ${stop.offset} is damaged, and was not when the broker started`,
        );
      }
      if (entries.length > 0) yield entries;
    }
  } finally {
    await file.close();
  }
}

async function openForReading(source: ReadSource, segment: Segment, position: number): Promise<File> {
  try {
    return await source.fileSystem.open(segment.path, 'read');
  } catch (error) {
    if (segment.isReleased && errorCode(error) === 'ENOENT') throw released(source, position);
    throw error;
  }
}

/** The segment that holds `position`, by bisection. */
function findSegment(segments: readonly Segment[], position: number): Segment | undefined {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((segments[middle]?.firstPosition ?? Infinity) <= position) low = middle + 1;
    else high = middle;
  }
  return segments[low - 1];
}

function released(source: ReadSource, position: number): PositionsReleased {
  return new PositionsReleased(position, source.segments.all[0]?.firstPosition ?? position);
}
