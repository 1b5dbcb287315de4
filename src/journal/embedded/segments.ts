import type { Clock } from '../../base/clock.ts';
import { roomCheckMs, segmentFileBytesMin } from '../../base/limits.ts';
import type { Batch } from './batch.ts';
import { isDiskFull, unlinkIfThere, writeFully, type File, type FileSystem } from './file-system.ts';
import {
  checksumSeed,
  encodeSeal,
  recordOverheadBytes,
  recordsOffset,
  sectorBytes,
  type JournalId,
} from './layout.ts';
import {
  discardPrepared,
  preparedPath,
  prepareFile,
  startSegment,
  type PreparedFile,
} from './preparation.ts';
import type { Segment } from './segment.ts';

export interface SegmentsOptions {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly folder: string;
  readonly journalId: JournalId;
  /** Size of a segment file once the forest has grown; see `segmentFileBytesFirst`. */
  readonly segmentBytes: number;
  /** A full disk is waited for where space is set aside; nothing of a batch is written before that. */
  readonly waitsForRoom: boolean;
}

/**
 * The segment files of a journal and the one that is written to. The next one is prepared in the background once the
 * current one is half full. One `write` at a time; after a failed one none is allowed.
 */
export class Segments {
  readonly #options: SegmentsOptions;
  readonly #seed: number;
  #segments: readonly Segment[];
  /** No longer readable and not yet deleted, oldest first: where deleting failed, the next release goes on with it. */
  readonly #released: Segment[] = [];
  #active: { readonly segment: Segment; readonly file: File };
  #prepared: Promise<PreparedFile | undefined> | undefined;
  #preparedCount = 0;
  #lacksRoom = false;
  #isClosed = false;
  /** A full disk is a failure from now on. */
  #hasStoppedWaiting: boolean;
  /** Ends the pause before the next look for room. */
  #wake: () => void = () => undefined;

  private constructor(options: SegmentsOptions, segments: readonly Segment[], segment: Segment, file: File) {
    this.#options = options;
    this.#seed = checksumSeed(options.journalId);
    this.#segments = segments;
    this.#active = { segment, file };
    this.#hasStoppedWaiting = !options.waitsForRoom;
  }

  /** Goes on with recovered segments, of which there is at least one. */
  static async open(options: SegmentsOptions, segments: readonly Segment[]): Promise<Segments> {
    const last = segments.at(-1);
    if (last === undefined) throw new RangeError('a journal has at least one segment');
    return new Segments(options, segments, last, await openForBatches(options.fileSystem, last.path));
  }

  /** Oldest first. The array is never changed, only replaced. */
  get all(): readonly Segment[] {
    return this.#segments;
  }

  get storedBytes(): number {
    let total = 0;
    for (const segment of this.#segments) total += segment.fileBytes;
    return total;
  }

  /** At most so many, once batches of `bytes` in all are written: the files that they need are set aside whole. */
  storedBytesWith(bytes: number): number {
    const { end, fileBytes } = this.#active.segment;
    let total = this.storedBytes;
    if (end + bytes + recordOverheadBytes <= fileBytes) return total;
    // A batch that does not fit leaves room behind that is smaller than itself.
    let left = 2 * bytes;
    for (let last = fileBytes; left > 0;) {
      last = Math.max(this.#fileBytesAfter(last), roundUp(recordsOffset + recordOverheadBytes));
      total += last;
      left -= last - recordsOffset - recordOverheadBytes;
    }
    return total;
  }

  /** The disk has no room for the next segment; it is looked at again and again. */
  get lacksRoom(): boolean {
    return this.#lacksRoom;
  }

  /** Looks for room once more, and fails where there is none. */
  stopWaiting(): void {
    this.#hasStoppedWaiting = true;
    this.#wake();
  }

  /** Writes a batch behind everything before. It is durable when this resolves. */
  async write(batch: Batch): Promise<void> {
    const needed = batch.length + recordOverheadBytes;
    if (this.#active.segment.end + needed > this.#active.segment.fileBytes) {
      await this.#rotate(batch.firstPosition, recordsOffset + needed);
    }
    const { segment, file } = this.#active;
    const start = segment.end;
    await writeFully(file, batch.bytes, start);
    for (const { position, offset } of batch.marks) segment.mark(position, start + offset);
    segment.advance(batch.lastPosition, start + batch.length);
    if (segment.end > segment.fileBytes / 2) this.#prepareNext();
  }

  /**
   * Deletes the segments whose positions are all below `position`, oldest first and each for good before the next, so
   * that no crash leaves a gap. The one that is written to always stays.
   */
  async releaseBefore(position: number): Promise<void> {
    for (;;) {
      const [oldest, next] = this.#segments;
      if (oldest === undefined || next === undefined || next.firstPosition > position) break;
      oldest.release();
      this.#released.push(oldest);
      this.#segments = this.#segments.slice(1);
    }
    const { fileSystem, folder } = this.#options;
    for (let oldest = this.#released[0]; oldest !== undefined; oldest = this.#released[0]) {
      await unlinkIfThere(fileSystem, oldest.path);
      await fileSystem.syncDirectory(folder);
      this.#released.shift();
    }
  }

  /** Lets go of the files, written or not. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const prepared = await this.#prepared;
    if (prepared !== undefined) await discardPrepared(this.#options.fileSystem, prepared);
    await this.#active.file.close();
  }

  async #rotate(firstPosition: number, neededBytes: number): Promise<void> {
    const { fileSystem, folder, journalId } = this.#options;
    const prepared = await this.#takePrepared(neededBytes);
    const segment = await startSegment(fileSystem, folder, prepared, journalId, firstPosition);
    await prepared.file.close();
    const full = this.#active;
    this.#segments = [...this.#segments, segment];
    this.#active = { segment, file: await openForBatches(fileSystem, segment.path) };
    await writeFully(full.file, encodeSeal(firstPosition, this.#seed), full.segment.end);
    await full.file.close();
  }

  /** The prepared file if it is there and large enough, or else a new one. */
  async #takePrepared(neededBytes: number): Promise<PreparedFile> {
    const prepared = await this.#prepared;
    this.#prepared = undefined;
    if (prepared !== undefined && prepared.fileBytes >= neededBytes) return prepared;
    if (prepared !== undefined) await discardPrepared(this.#options.fileSystem, prepared);
    return await this.#prepareWithRoom(Math.max(this.#nextFileBytes(), roundUp(neededBytes)));
  }

  #prepareNext(): void {
    // A failure shows again, and counts, when the space is needed; until then the disk may have room again.
    this.#prepared ??= this.#prepareWithRoom(this.#nextFileBytes()).catch(() => undefined);
  }

  /** Sets space aside; on a full disk, as soon as it has room. */
  async #prepareWithRoom(fileBytes: number): Promise<PreparedFile> {
    const { fileSystem, folder } = this.#options;
    try {
      for (;;) {
        try {
          return await this.#prepare(fileBytes);
        } catch (error) {
          if (!isDiskFull(error) || this.#hasStoppedWaiting) throw error;
          this.#lacksRoom = true;
        }
        // Trying takes what room there is from everybody else, so it is asked for first.
        do await this.#pause();
        while (!this.#hasStoppedWaiting && (await fileSystem.freeBytes(folder)) < fileBytes);
      }
    } finally {
      // Whatever else is wrong shows when the space is needed.
      this.#lacksRoom = false;
    }
  }

  async #pause(): Promise<void> {
    if (this.#hasStoppedWaiting) return;
    await new Promise<void>((resolve) => {
      const timer = this.#options.clock.setTimer(roomCheckMs, resolve);
      this.#wake = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  #prepare(fileBytes: number): Promise<PreparedFile> {
    this.#preparedCount += 1;
    const { fileSystem, folder } = this.#options;
    return prepareFile(
      fileSystem,
      preparedPath(folder, this.#preparedCount),
      fileBytes,
      () => this.#isClosed,
    );
  }

  #nextFileBytes(): number {
    return this.#fileBytesAfter(this.#active.segment.fileBytes);
  }

  #fileBytesAfter(fileBytes: number): number {
    const doubled = Math.max(fileBytes * 2, segmentFileBytesMin);
    return roundUp(Math.min(this.#options.segmentBytes, doubled));
  }
}

/** A batch is one write that is durable when it ends: the thread pool is asked once for it rather than twice. */
function openForBatches(fileSystem: FileSystem, path: string): Promise<File> {
  return fileSystem.open(path, 'durable');
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / sectorBytes) * sectorBytes;
}
