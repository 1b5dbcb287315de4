/**
 * Opening a journal: every record of every segment is checked, a torn tail of the last batch is turned back into zeros,
 * and any other damage stops the broker. What `layout.ts` says about the bytes is the ground for all of it.
 */
import { readWindowBytes } from '../../base/limits.ts';
import { JournalDamage } from '../journal.ts';
import {
  errorCode,
  readBytes,
  removeTemporaries,
  writeFully,
  type File,
  type FileSystem,
} from './file-system.ts';
import {
  checksumSeed,
  decodeSegmentHeader,
  recordIndexAt,
  recordsOffset,
  sectorBytes,
  type JournalId,
  type SegmentHeader,
} from './layout.ts';
import { parseSegmentName, Segment } from './segment.ts';
import { judgeTail } from './tail.ts';
import { walkRecords, type WalkEnd } from './walk.ts';
import { Window } from './window.ts';

/** What was found: at least one segment, oldest first, without a gap. */
export interface RecoveredSegments {
  readonly journalId: JournalId;
  readonly segments: readonly Segment[];
}

/** Reads the segments in `folder`. Afterwards everything in them is durable. Throws {@link JournalDamage}. */
export async function recoverSegments(fileSystem: FileSystem, folder: string): Promise<RecoveredSegments> {
  const names = await segmentNames(fileSystem, folder);
  // Names first: a segment that a killed process had just renamed could otherwise vanish with what is appended to it.
  await fileSystem.syncDirectory(folder);
  await removeTemporaries(fileSystem, folder);
  // All headers before any record: a file that does not belong here should be called that.
  const opened = [];
  for (const { name, position } of names) {
    opened.push(await openSegment(fileSystem, `${folder}/${name}`, position));
  }
  const journalId = opened[0]?.journalId;
  if (journalId === undefined) {
    throw new JournalDamage(
      `${folder} has no segment, though every journal has one; restore the folder from a backup`,
    );
  }
  const stranger = opened.find((one) => one.journalId !== journalId);
  if (stranger !== undefined) {
    throw new JournalDamage(
      `${stranger.segment.path} belongs to another journal than the segments before it; move the wrong one away`,
    );
  }
  const segments = opened.map(({ segment }) => segment);
  for (const [index, segment] of segments.entries()) {
    const file = await fileSystem.open(segment.path, 'write');
    try {
      await recoverRecords(file, segment, segments[index + 1]?.firstPosition, checksumSeed(journalId));
    } finally {
      await file.close();
    }
  }
  return { journalId, segments };
}

async function segmentNames(
  fileSystem: FileSystem,
  folder: string,
): Promise<readonly { readonly name: string; readonly position: number }[]> {
  try {
    const names = await fileSystem.readdir(folder);
    return names.flatMap((name) => {
      const position = parseSegmentName(name);
      return position === undefined ? [] : [{ name, position }];
    });
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    throw new JournalDamage(`${folder} is missing; restore it from a backup`);
  }
}

async function openSegment(
  fileSystem: FileSystem,
  path: string,
  position: number,
): Promise<{ readonly journalId: JournalId; readonly segment: Segment }> {
  const file = await fileSystem.open(path, 'read');
  let header: SegmentHeader;
  try {
    header = decodeSegmentHeader(await readBytes(file, 0, sectorBytes), path);
  } finally {
    await file.close();
  }
  if (header.firstPosition !== position) {
    throw new JournalDamage(
      `${path} holds positions from ${header.firstPosition} on: it was renamed; name it as before`,
    );
  }
  const bytes = (await fileSystem.stat(path))?.bytes ?? 0;
  if (bytes < header.fileBytes) {
    throw new JournalDamage(
      `${path} is cut off at offset ${bytes} of ${header.fileBytes}; restore it from a backup`,
    );
  }
  return { journalId: header.journalId, segment: new Segment(path, position, header.fileBytes) };
}

/** `nextPosition` is where the next segment starts, `undefined` for the last one. */
async function recoverRecords(
  file: File,
  segment: Segment,
  nextPosition: number | undefined,
  seed: number,
): Promise<void> {
  const window = new Window(file, segment.fileBytes, Math.min(readWindowBytes, segment.fileBytes));
  let batchOffset = recordsOffset;
  let stop: WalkEnd = { offset: recordsOffset, position: segment.firstPosition, broken: false };
  while (!stop.broken && stop.position < (nextPosition ?? Infinity)) {
    stop = await walkRecords(window, stop, nextPosition ?? Infinity, seed, (at, _, position) => {
      segment.mark(position, window.base + at);
      if (recordIndexAt(window.view, at) === 0) batchOffset = window.base + at;
    });
  }
  segment.advance(stop.position - 1, stop.offset);
  if (nextPosition === undefined) await recoverTail(file, segment, batchOffset, seed);
  else if (stop.broken) {
    throw damageAt(segment, `it was durable, since the segment that starts at ${nextPosition} follows`);
  }
}

async function recoverTail(file: File, segment: Segment, batchOffset: number, seed: number): Promise<void> {
  const tail = await readBytes(file, segment.end, segment.fileBytes - segment.end);
  const verdict = judgeTail(tail, segment.end, segment.lastPosition + 1, seed);
  switch (verdict.kind) {
    case 'damaged':
      throw damageAt(segment, verdict.reason);
    case 'sealed':
      throw new JournalDamage(
        `${segment.path} says at offset ${segment.end} that position ${verdict.nextPosition} starts a further segment, ` +
          `which is missing; restore it from a backup`,
      );
    case 'torn':
      await writeFully(file, new Uint8Array(verdict.end), segment.end);
      break;
    case 'clean':
  }
  // The last batch may only be in the page cache, and after a failed sync the system no longer knows that it is not on the
  // disk. Writing the same bytes again makes sure of it before anybody is told that they are durable.
  const batch = await readBytes(file, batchOffset, segment.end - batchOffset);
  if (batch.length > 0) await writeFully(file, batch, batchOffset);
  if (batch.length > 0 || verdict.kind === 'torn') await file.datasync();
}

function damageAt(segment: Segment, reason: string): JournalDamage {
  const position = segment.lastPosition + 1;
  return new JournalDamage(
    `${segment.path}: position ${position} at offset ${segment.end} is damaged (${reason}). Nothing was changed: ` +
      `restore the file from a backup, or the forest from one of its backups`,
  );
}
