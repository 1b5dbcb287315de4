import { assert } from '../../base/assert.ts';
import { systemClock, type Clock } from '../../base/clock.ts';
import {
  batchBytesMax,
  entryBytesMax,
  segmentFileBytesDefault,
  segmentFileBytesFirst,
  segmentFileBytesMin,
} from '../../base/limits.ts';
import { systemRandom, type Random } from '../../base/random.ts';
import {
  JournalDamage,
  JournalFailure,
  type Commit,
  type Durability,
  type Journal,
  type JournalBase,
  type JournalEntry,
  type SnapshotInfo,
} from '../journal.ts';
import { PositionsReleased } from '../positions-released.ts';
import type { SideFiles } from '../side-files.ts';
import type { Batch } from './batch.ts';
import { CommitQueue } from './commit-queue.ts';
import type { FileSystem } from './file-system.ts';
import { checksumSeed, recordOverheadBytes, recordsOffset, type JournalId } from './layout.ts';
import { nodeFileSystem } from './node-file-system.ts';
import { preparedPath, prepareFile, startSegment } from './preparation.ts';
import { readEntries } from './reader.ts';
import { recoverSegments } from './recovery.ts';
import { Segments } from './segments.ts';
import { EmbeddedSideFiles } from './side-files.ts';
import { Snapshots } from './snapshots.ts';

/** What the embedded journal stands on; every part has the machine's own as its default. */
export interface EmbeddedJournalOptions {
  readonly fileSystem?: FileSystem;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Size of a segment file once the journal has grown, at least `segmentFileBytesMin`. */
  readonly segmentBytes?: number;
  /** Runs a callback after the current turn of the event loop; the simulator has its own. */
  readonly defer?: (callback: () => void) => void;
  /**
   * Whether a disk that has no room for the next segment is waited for, instead of failing as any write does. Whoever says so
   * has to look at `lacksRoom`, or nobody learns why nothing becomes durable.
   */
  readonly waitsForRoom?: boolean;
  /** Told of each group commit. */
  readonly onCommit?: (commit: Commit) => void;
}

/** Makes a new journal in `folder`, which must not exist. Its parent's sync is the caller's business. `base`: what it begins behind. */
export async function createEmbeddedJournal(
  folder: string,
  options: EmbeddedJournalOptions = {},
  base: JournalBase | null = null,
): Promise<void> {
  const fileSystem = options.fileSystem ?? nodeFileSystem;
  const random = options.random ?? systemRandom;
  const segmentsFolder = segmentsFolderOf(folder);
  await fileSystem.mkdir(folder);
  await fileSystem.mkdir(segmentsFolder);
  await fileSystem.mkdir(snapshotsFolderOf(folder));
  await fileSystem.syncDirectory(folder);
  const journalId = ((BigInt(random.below(2 ** 32)) << 32n) | BigInt(random.below(2 ** 32))) as JournalId;
  const fileBytes = Math.min(segmentBytesOf(options), segmentFileBytesFirst);
  const prepared = await prepareFile(fileSystem, preparedPath(segmentsFolder, 0), fileBytes, () => false);
  try {
    await startSegment(fileSystem, segmentsFolder, prepared, journalId, (base?.position ?? 0) + 1);
  } finally {
    await prepared.file.close();
  }
  if (base === null) return;
  const snapshots = await Snapshots.open(fileSystem, snapshotsFolderOf(folder), journalId);
  await snapshots.save(base.position, base.chunks);
}

/**
 * Opens the journal in `folder`, truncating what a crash left of an unfinished batch. Throws {@link JournalDamage} for
 * any other damage. Two journals on one folder would destroy it: the data folder's lock prevents that.
 */
export async function openEmbeddedJournal(
  folder: string,
  options: EmbeddedJournalOptions = {},
): Promise<Journal> {
  const fileSystem = options.fileSystem ?? nodeFileSystem;
  const { journalId, segments: recovered } = await recoverSegments(fileSystem, segmentsFolderOf(folder));
  const snapshots = await Snapshots.open(fileSystem, snapshotsFolderOf(folder), journalId);
  const firstPosition = recovered[0]?.firstPosition ?? 1;
  const lastPosition = recovered.at(-1)?.lastPosition ?? 0;
  checkSnapshotsFit(folder, snapshots.all, firstPosition, lastPosition);
  const segments = await Segments.open(
    {
      fileSystem,
      clock: options.clock ?? systemClock,
      folder: segmentsFolderOf(folder),
      journalId,
      segmentBytes: segmentBytesOf(options),
      waitsForRoom: options.waitsForRoom ?? false,
    },
    recovered,
  );
  return new EmbeddedJournal(folder, segments, snapshots, journalId, lastPosition, options);
}

/** The journal on this machine's disk; the files beside this one say how. */
class EmbeddedJournal implements Journal {
  readonly beside: SideFiles;
  readonly #segments: Segments;
  readonly #snapshots: Snapshots;
  readonly #fileSystem: FileSystem;
  readonly #seed: number;
  readonly #queue: CommitQueue;
  #waiters: Waiter[] = [];
  #durableListener: (position: number, commit?: Commit) => void = () => undefined;
  /** The newest one. */
  #commit: Commit | undefined;
  #failureListener: ((failure: JournalFailure) => void) | undefined;
  #failure: JournalFailure | undefined;
  #closing: Promise<void> | undefined;
  /** Snapshots and releases, one at a time. */
  #housekeeping: Promise<unknown> = Promise.resolve();

  constructor(
    folder: string,
    segments: Segments,
    snapshots: Snapshots,
    journalId: JournalId,
    lastPosition: number,
    options: EmbeddedJournalOptions,
  ) {
    this.#segments = segments;
    this.#snapshots = snapshots;
    this.#fileSystem = options.fileSystem ?? nodeFileSystem;
    this.beside = new EmbeddedSideFiles(this.#fileSystem, folder);
    this.#seed = checksumSeed(journalId);
    this.#queue = new CommitQueue({
      clock: options.clock ?? systemClock,
      defer: options.defer ?? setImmediate,
      seed: this.#seed,
      lastPosition,
      batchBytesMax: Math.min(batchBytesMax, segmentBytesOf(options) - recordsOffset - recordOverheadBytes),
      write: async (batch) => {
        this.#commit = await writeTimed(segments, batch, options);
      },
      onDurable: (position) => this.#becameDurable(position),
      onFailure: (error) => this.#fail(error),
    });
  }

  get firstPosition(): number {
    return this.#segments.all[0]?.firstPosition ?? this.lastPosition + 1;
  }

  get lastPosition(): number {
    return this.#queue.lastPosition;
  }

  get durablePosition(): number {
    return this.#queue.durablePosition;
  }

  get storedBytes(): number {
    return this.#segments.storedBytes + this.#snapshots.storedBytes;
  }

  storedBytesWith(payloadBytes: number): number {
    const unwritten = this.#queue.unwrittenBytes + recordOverheadBytes + payloadBytes;
    return this.#segments.storedBytesWith(unwritten) + this.#snapshots.storedBytes;
  }

  get lacksRoom(): boolean {
    return this.#segments.lacksRoom;
  }

  append(payload: Uint8Array, durability: Durability): number {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closing !== undefined) throw new JournalFailure('the journal is closed');
    assert(
      payload.length <= entryBytesMax,
      `an entry of ${payload.length} bytes is over the limit of ${entryBytesMax}`,
    );
    return this.#queue.append(payload, durability);
  }

  onDurable(listener: (position: number, commit?: Commit) => void): void {
    this.#durableListener = listener;
  }

  onFailure(listener: (failure: JournalFailure) => void): void {
    const isFirst = this.#failureListener === undefined;
    this.#failureListener = listener;
    if (isFirst && this.#failure !== undefined) listener(this.#failure);
  }

  flush(): Promise<void> {
    return this.#untilDurable(this.lastPosition);
  }

  async *read(from: number, to: number): AsyncGenerator<readonly JournalEntry[]> {
    assert(to <= this.lastPosition, `position ${to} is not there yet`);
    if (from > to) return;
    if (from < this.firstPosition) throw new PositionsReleased(from, this.firstPosition);
    await this.#untilDurable(to);
    const source = { fileSystem: this.#fileSystem, segments: this.#segments, seed: this.#seed };
    yield* readEntries(source, from, to);
  }

  async saveSnapshot(position: number, chunks: AsyncIterable<Uint8Array>): Promise<SnapshotInfo> {
    assert(position <= this.lastPosition, `position ${position} is not there yet`);
    await this.#untilDurable(position);
    return await this.#inTurn(async () => {
      if (position + 1 < this.firstPosition) throw new PositionsReleased(position, this.firstPosition);
      return await this.#snapshots.save(position, chunks);
    });
  }

  snapshots(): readonly SnapshotInfo[] {
    return this.#snapshots.all;
  }

  readSnapshot(position: number): AsyncIterable<Uint8Array> {
    return this.#snapshots.read(position);
  }

  releaseBefore(position: number): Promise<void> {
    return this.#inTurn(async () => {
      const kept = this.snapshots().findLast((snapshot) => snapshot.position <= position);
      if (kept === undefined) return;
      await this.#snapshots.releaseBefore(kept.position);
      await this.#segments.releaseBefore(kept.position + 1);
    });
  }

  stopWaiting(): void {
    this.#segments.stopWaiting();
  }

  close(): Promise<void> {
    this.stopWaiting();
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.#housekeeping;
      await this.#segments.close();
    }
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#housekeeping.then(work);
    this.#housekeeping = turn.catch(() => undefined);
    return turn;
  }

  #untilDurable(position: number): Promise<void> {
    if (position <= this.durablePosition) return Promise.resolve();
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiters.push({ position, resolve, reject });
      this.#queue.hurry(position);
    });
  }

  #becameDurable(position: number): void {
    this.#durableListener(position, this.#commit);
    if (this.#waiters.length === 0) return;
    const settled = this.#waiters.filter((waiter) => waiter.position <= position);
    this.#waiters = this.#waiters.filter((waiter) => waiter.position > position);
    for (const waiter of settled) waiter.resolve();
  }

  #fail(cause: unknown): void {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const failure = new JournalFailure(
      `the journal takes nothing more, since writing or syncing it failed (${reason}): ` +
        `see to the disk, then restart the broker; nothing that was acknowledged is lost`,
      { cause },
    );
    this.#failure = failure;
    const waiters = this.#waiters;
    this.#waiters = [];
    this.#failureListener?.(failure);
    for (const waiter of waiters) waiter.reject(failure);
  }
}

interface Waiter {
  readonly position: number;
  readonly resolve: () => void;
  readonly reject: (failure: JournalFailure) => void;
}

/** What was released must be covered by a snapshot, and no snapshot may know more than the journal. */
function checkSnapshotsFit(
  folder: string,
  snapshots: readonly SnapshotInfo[],
  firstPosition: number,
  lastPosition: number,
): void {
  const newest = snapshots.at(-1)?.position ?? 0;
  if (newest > lastPosition) {
    throw new JournalDamage(
      `${folder} has a snapshot of position ${newest}, but its segments end at ${lastPosition}: segments are missing; restore them from a backup`,
    );
  }
  if (firstPosition > newest + 1) {
    throw new JournalDamage(
      `${folder} has no segment for the positions before ${firstPosition} and no snapshot that covers them; restore them from a backup`,
    );
  }
}

function segmentBytesOf(options: EmbeddedJournalOptions): number {
  const bytes = options.segmentBytes ?? segmentFileBytesDefault;
  assert(
    bytes >= segmentFileBytesMin,
    `a segment of ${bytes} bytes is below the minimum of ${segmentFileBytesMin}`,
  );
  return bytes;
}

/** Writes a batch, and tells how long that took. */
async function writeTimed(
  segments: Segments,
  batch: Batch,
  options: EmbeddedJournalOptions,
): Promise<Commit> {
  const { onCommit, clock = systemClock } = options;
  const startMs = clock.monotonicMs();
  await segments.write(batch);
  const commit = { startMs, durableMs: clock.monotonicMs(), bytes: batch.length };
  onCommit?.(commit);
  return commit;
}

function segmentsFolderOf(folder: string): string {
  return `${folder}/segments`;
}

function snapshotsFolderOf(folder: string): string {
  return `${folder}/snapshots`;
}
