/**
 * Looks through the files of a journal without changing any of them, and says everything that is wrong, where a start stops at the
 * first thing. What is damage here is damage to a start, and the other way round; what a crash leaves behind is neither.
 */
import { readWindowBytes } from '../../base/limits.ts';
import { JournalDamage, type SnapshotInfo } from '../journal.ts';
import { errorCode, readBytes, type File, type FileSystem } from './file-system.ts';
import {
  checksumSeed,
  decodeRecordHeader,
  decodeSegmentHeader,
  recordHolds,
  recordMarker,
  recordsOffset,
  sectorBytes,
  type JournalId,
} from './layout.ts';
import { parseSegmentName, Segment } from './segment.ts';
import { checkSnapshotHeader, readChunks } from './snapshot-file.ts';
import { judgeTail } from './tail.ts';
import { walkRecords, type WalkEnd } from './walk.ts';
import { Window } from './window.ts';

/** Something that a start would stop at. */
export interface FoundDamage {
  /** A file or folder. */
  readonly path: string;
  /** Where in it; `null` where it is about all of it. */
  readonly offset: number | null;
  readonly what: string;
  /** Entries that cannot be read because of it: from one position to another, which is `null` where nothing tells how many there were. */
  readonly lost: { readonly from: number; readonly to: number | null } | null;
}

/** What is whole in a journal, and what is not. */
export interface InspectedJournal {
  readonly journalId: JournalId | undefined;
  /** Runs of whole records, oldest first: a damaged file is several of them. */
  readonly runs: readonly Segment[];
  /** Those of which every byte holds, oldest first. */
  readonly snapshots: readonly SnapshotInfo[];
  readonly damages: readonly FoundDamage[];
  /** Bytes of a batch that a crash left unfinished; the next start takes them away. */
  readonly tornBytes: number;
  readonly files: number;
  readonly bytes: number;
}

export interface InspectionOptions {
  readonly fileSystem: FileSystem;
  /** Told how many bytes more were looked at. */
  readonly onProgress?: (bytes: number) => void;
}

/** A segment file by its name, with what its header says, if that holds. */
interface SegmentFile {
  readonly path: string;
  readonly position: number;
  readonly bytes: number;
  readonly fileBytes: number;
  readonly journalId: JournalId | undefined;
}

/** Looks through the journal in `folder`. */
export async function inspectJournal(folder: string, options: InspectionOptions): Promise<InspectedJournal> {
  const damages: FoundDamage[] = [];
  const segments = await findSegments(`${folder}/segments`, options, damages);
  const journalId = segments.find((segment) => segment.journalId !== undefined)?.journalId;
  const runs: Segment[] = [];
  let tornBytes = 0;
  if (journalId !== undefined) {
    const seed = checksumSeed(journalId);
    for (const [index, segment] of segments.entries()) {
      if (segment.journalId !== undefined && segment.journalId !== journalId) {
        damages.push(about(segment.path, 'it belongs to another journal than the segments before it'));
        continue;
      }
      const found = await inspectSegment(segment, segments[index + 1]?.position, seed, options);
      runs.push(...found.runs);
      damages.push(...found.damages);
      tornBytes += found.tornBytes;
    }
  }
  const { snapshots, ...others } = await inspectSnapshots(`${folder}/snapshots`, journalId, options, damages);
  damages.push(...coverage(folder, runs, others.positions));
  return {
    journalId,
    runs,
    snapshots,
    damages,
    tornBytes,
    files: segments.length + others.positions.length,
    bytes: segments.reduce((total, { bytes }) => total + bytes, 0) + others.bytes,
  };
}

async function findSegments(
  folder: string,
  { fileSystem }: InspectionOptions,
  damages: FoundDamage[],
): Promise<readonly SegmentFile[]> {
  const files: SegmentFile[] = [];
  for (const name of await namesIn(fileSystem, folder)) {
    const position = parseSegmentName(name);
    if (position === undefined) continue;
    const path = `${folder}/${name}`;
    const bytes = (await fileSystem.stat(path))?.bytes ?? 0;
    const file = await fileSystem.open(path, 'read');
    try {
      const header = decodeSegmentHeader(await readBytes(file, 0, sectorBytes), path);
      if (header.firstPosition !== position)
        damages.push(about(path, `it holds positions from ${header.firstPosition} on: it was renamed`));
      if (bytes < header.fileBytes)
        damages.push({
          path,
          offset: bytes,
          what: `it is cut off: ${header.fileBytes} bytes are wanted`,
          lost: null,
        });
      files.push({ path, position, bytes, fileBytes: header.fileBytes, journalId: header.journalId });
    } catch (error) {
      if (!(error instanceof JournalDamage)) throw error;
      damages.push({ path, offset: 0, what: 'its header does not hold', lost: null });
      files.push({ path, position, bytes, fileBytes: bytes, journalId: undefined });
    } finally {
      await file.close();
    }
  }
  if (files.length === 0) damages.push(about(folder, 'there is no segment, though every journal has one'));
  return files;
}

/** What one segment file holds. `nextPosition` is where the next one starts, `undefined` for the last one. */
async function inspectSegment(
  { path, position: first, bytes, fileBytes }: SegmentFile,
  nextPosition: number | undefined,
  seed: number,
  { fileSystem, onProgress }: InspectionOptions,
): Promise<Pick<InspectedJournal, 'runs' | 'damages' | 'tornBytes'>> {
  const runs: Segment[] = [];
  const damages: FoundDamage[] = [];
  const end = Math.min(bytes, fileBytes);
  const file = await fileSystem.open(path, 'read');
  try {
    const window = new Window(file, end, Math.min(readWindowBytes, end));
    let from: { readonly offset: number; readonly position: number } | undefined = {
      offset: recordsOffset,
      position: first,
    };
    while (from !== undefined) {
      const run = new Segment(path, from.position, fileBytes);
      const stop = await walkRun(window, run, from, nextPosition ?? Infinity, seed);
      onProgress?.(stop.offset - from.offset);
      runs.push(run);
      if (!stop.broken) break;
      const rest = await readBytes(file, stop.offset, end - stop.offset);
      const met = meet(rest, stop, nextPosition, seed);
      if (met.kind === 'end') {
        onProgress?.(rest.length);
        return { runs, damages, tornBytes: met.tornBytes };
      }
      const lost =
        met.next === undefined
          ? lastLost(stop.position, met.sealed ?? nextPosition)
          : lostBefore(stop.position, met.next.position);
      damages.push({ path, offset: stop.offset, what: met.what, lost });
      from = met.next;
    }
  } finally {
    await file.close();
  }
  return { runs, damages, tornBytes: 0 };
}

/** Takes whole records into `run` until one is not, or `endPosition` is reached. */
async function walkRun(
  window: Window,
  run: Segment,
  from: { readonly offset: number; readonly position: number },
  endPosition: number,
  seed: number,
): Promise<WalkEnd> {
  run.mark(from.position, from.offset);
  let stop: WalkEnd = { ...from, broken: false };
  while (!stop.broken && stop.position < endPosition)
    stop = await walkRecords(window, stop, endPosition, seed, (at, _, position) =>
      run.mark(position, window.base + at),
    );
  run.advance(stop.position - 1, stop.offset);
  return stop;
}

type Met =
  | { readonly kind: 'end'; readonly tornBytes: number }
  | {
      readonly kind: 'damage';
      readonly what: string;
      /** The next whole record, where there is one. */
      readonly next: { readonly offset: number; readonly position: number } | undefined;
      /** Where the segment's seal says that the next one starts. */
      readonly sealed?: number;
    };

/** Says what stands where a whole record should. */
function meet(rest: Uint8Array, at: WalkEnd, nextPosition: number | undefined, seed: number): Met {
  const { offset, position } = at;
  if (nextPosition === undefined) {
    const verdict = judgeTail(rest, offset, position, seed);
    if (verdict.kind === 'clean') return { kind: 'end', tornBytes: 0 };
    if (verdict.kind === 'torn') return { kind: 'end', tornBytes: verdict.end };
    if (verdict.kind === 'sealed') {
      const what = `it goes on in a segment that starts at position ${verdict.nextPosition}, which is missing`;
      return { kind: 'damage', what, next: undefined };
    }
    return {
      kind: 'damage',
      what: `a record is damaged: ${verdict.reason}`,
      next: nextRecord(rest, at, Infinity, seed),
    };
  }
  const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength);
  const header = decodeRecordHeader(rest, view, 0, seed);
  if (header?.kind === 'seal' && header.position === position) {
    const what = `it goes on in a segment that starts at position ${position}, which is missing`;
    return { kind: 'damage', what, next: undefined, sealed: nextPosition };
  }
  const what = `a record is damaged, and was durable: the segment that starts at ${nextPosition} follows`;
  return { kind: 'damage', what, next: nextRecord(rest, at, nextPosition, seed) };
}

/** The first whole record behind what is damaged. */
function nextRecord(
  rest: Uint8Array,
  { offset, position }: WalkEnd,
  endPosition: number,
  seed: number,
): { readonly offset: number; readonly position: number } | undefined {
  const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength);
  const buffer = Buffer.from(rest.buffer, rest.byteOffset, rest.byteLength);
  for (let at = buffer.indexOf(recordMarker, 1); at !== -1; at = buffer.indexOf(recordMarker, at + 1)) {
    const header = decodeRecordHeader(rest, view, at, seed);
    if (header?.kind !== 'record' || header.position <= position || header.position >= endPosition) continue;
    if (recordHolds(rest, view, at, header.extent, rest.length))
      return { offset: offset + at, position: header.position };
  }
  return undefined;
}

function lostBefore(from: number, next: number): FoundDamage['lost'] {
  return { from, to: next - 1 };
}

function lastLost(from: number, next: number | undefined): FoundDamage['lost'] {
  return { from, to: next === undefined ? null : next - 1 };
}

interface InspectedSnapshots {
  readonly snapshots: readonly SnapshotInfo[];
  /** Of all of them, damaged or not. */
  readonly positions: readonly number[];
  readonly bytes: number;
}

async function inspectSnapshots(
  folder: string,
  journalId: JournalId | undefined,
  { fileSystem, onProgress }: InspectionOptions,
  damages: FoundDamage[],
): Promise<InspectedSnapshots> {
  if ((await fileSystem.stat(folder)) === undefined) damages.push(about(folder, 'the folder is missing'));
  const snapshots: SnapshotInfo[] = [];
  const positions: number[] = [];
  let total = 0;
  for (const name of await namesIn(fileSystem, folder)) {
    const match = /^(\d{16})\.snapshot$/.exec(name);
    if (match === null) continue;
    const [path, position] = [`${folder}/${name}`, Number(match[1])];
    const bytes = (await fileSystem.stat(path))?.bytes ?? 0;
    total += bytes;
    positions.push(position);
    const file = await fileSystem.open(path, 'read');
    try {
      if (await snapshotHolds(file, { path, position, bytes }, journalId, damages))
        snapshots.push({ position, bytes });
    } finally {
      await file.close();
    }
    onProgress?.(bytes);
  }
  return { snapshots, positions, bytes: total };
}

async function snapshotHolds(
  file: File,
  { path, position, bytes }: { readonly path: string; readonly position: number; readonly bytes: number },
  journalId: JournalId | undefined,
  damages: FoundDamage[],
): Promise<boolean> {
  // Without a journal there is nothing that it could belong to.
  if (journalId === undefined) return false;
  try {
    await checkSnapshotHeader(file, path, journalId, position);
    for await (const _ of readChunks(file, path, bytes, journalId, position));
    return true;
  } catch (error) {
    if (!(error instanceof JournalDamage)) throw error;
    const offset = Number(/at offset (\d+)/.exec(error.message)?.[1] ?? 0);
    damages.push({ path, offset, what: 'a checksum of the snapshot does not hold', lost: null });
    return false;
  }
}

/** What was released must be covered by a snapshot, and no snapshot may know more than the journal. */
function coverage(folder: string, runs: readonly Segment[], positions: readonly number[]): FoundDamage[] {
  const first = runs[0]?.firstPosition;
  const last = runs.at(-1)?.lastPosition;
  if (first === undefined || last === undefined) return [];
  const newest = positions.at(-1) ?? 0;
  if (newest > last)
    return [
      {
        ...about(folder, `there is a snapshot of position ${newest}, and its segments end at ${last}`),
        lost: { from: last + 1, to: newest },
      },
    ];
  if (first > newest + 1)
    return [
      {
        ...about(
          folder,
          `there is no segment before position ${first}, and no snapshot that stands for what was there`,
        ),
        lost: { from: newest + 1, to: first - 1 },
      },
    ];
  return [];
}

async function namesIn(fileSystem: FileSystem, folder: string): Promise<readonly string[]> {
  try {
    return await fileSystem.readdir(folder);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    return [];
  }
}

function about(path: string, what: string): FoundDamage {
  return { path, offset: null, what, lost: null };
}
