/** A journal that nobody writes to: what an inspection has found whole in it can be read like any other. */
import { assert } from '../../base/assert.ts';
import { JournalDamage, type JournalEntry, type SnapshotInfo } from '../journal.ts';
import { PositionsReleased } from '../positions-released.ts';
import { ReadOnlyJournal, type WholeRange } from '../read-only-journal.ts';
import type { SideFiles } from '../side-files.ts';
import type { FileSystem } from './file-system.ts';
import type { InspectedJournal } from './inspection.ts';
import { checksumSeed } from './layout.ts';
import { readEntries } from './reader.ts';
import { EmbeddedSideFiles } from './side-files.ts';
import { readChunks } from './snapshot-file.ts';

export class StoredJournal extends ReadOnlyJournal {
  readonly beside: SideFiles;
  readonly #fileSystem: FileSystem;
  readonly #folder: string;
  readonly #inspected: InspectedJournal;

  /** `inspected` tells of the journal in `folder`. */
  constructor(fileSystem: FileSystem, folder: string, inspected: InspectedJournal) {
    super();
    this.#fileSystem = fileSystem;
    this.#folder = folder;
    this.#inspected = inspected;
    this.beside = new EmbeddedSideFiles(fileSystem, folder);
  }

  get firstPosition(): number {
    return this.#inspected.runs[0]?.firstPosition ?? 1;
  }

  get lastPosition(): number {
    return this.#inspected.runs.at(-1)?.lastPosition ?? 0;
  }

  get storedBytes(): number {
    return this.#inspected.bytes;
  }

  get wholeRanges(): readonly WholeRange[] {
    const ranges: { from: number; to: number }[] = [];
    for (const { firstPosition, lastPosition } of this.#inspected.runs) {
      if (lastPosition < firstPosition) continue;
      const last = ranges.at(-1);
      if (last !== undefined && last.to + 1 === firstPosition) last.to = lastPosition;
      else ranges.push({ from: firstPosition, to: lastPosition });
    }
    return ranges;
  }

  async *read(from: number, to: number): AsyncGenerator<readonly JournalEntry[]> {
    if (from > to) return;
    assert(to <= this.lastPosition, `position ${to} is not there`);
    if (from < this.firstPosition) throw new PositionsReleased(from, this.firstPosition);
    const end = this.wholeUntil(from);
    if (end < to) throw new JournalDamage(`${this.#folder}: position ${end + 1} cannot be read`);
    const { journalId, runs } = this.#inspected;
    // Damage can leave runs of nothing.
    const all = runs.filter(({ firstPosition, lastPosition }) => lastPosition >= firstPosition);
    const seed = checksumSeed(journalId ?? neverRead());
    yield* readEntries({ fileSystem: this.#fileSystem, segments: { all }, seed }, from, to);
  }

  snapshots(): readonly SnapshotInfo[] {
    return this.#inspected.snapshots;
  }

  async *readSnapshot(position: number): AsyncGenerator<Uint8Array> {
    const info = this.#inspected.snapshots.find((one) => one.position === position);
    if (info === undefined) throw new RangeError(`there is no whole snapshot at position ${position}`);
    const path = `${this.#folder}/snapshots/${String(position).padStart(16, '0')}.snapshot`;
    const file = await this.#fileSystem.open(path, 'read');
    try {
      yield* readChunks(file, path, info.bytes, this.#inspected.journalId ?? neverRead(), position);
    } finally {
      await file.close();
    }
  }
}

/** Without a segment that holds there is nothing to read. */
function neverRead(): never {
  throw new JournalDamage('no segment of the journal has a header that holds');
}
