/** The tail of a backup as a journal: its states are snapshots, and what is behind them can be read. */
import { assert } from '../base/assert.ts';
import type { File } from '../journal/embedded/file-system.ts';
import { JournalDamage, type JournalEntry, type SnapshotInfo } from '../journal/journal.ts';
import { MemorySideFiles } from '../journal/memory/side-files.ts';
import { PositionsReleased } from '../journal/positions-released.ts';
import { ReadOnlyJournal, type WholeRange } from '../journal/read-only-journal.ts';
import { entryHeadBytes, readBackup, readEntryHead } from '../rpc/backup-format.ts';
import type { InspectedBackup, StoredState } from './backup-file.ts';
import { FileWindow } from './file-window.ts';

const batchBytes = 256 * 1024;

export class BackupJournal extends ReadOnlyJournal {
  readonly beside = new MemorySideFiles();
  readonly firstPosition: number;
  readonly lastPosition: number;
  readonly storedBytes: number;
  readonly wholeRanges: readonly WholeRange[];
  readonly #file: File;
  readonly #inspected: InspectedBackup;

  /** `inspected` tells of `file`, and has a state at least. */
  constructor(file: File, inspected: InspectedBackup) {
    super();
    const { states, position, bytes } = inspected;
    this.#file = file;
    this.#inspected = inspected;
    this.firstPosition = (states[0]?.position ?? 0) + 1;
    this.lastPosition = position;
    this.storedBytes = bytes;
    const { firstPosition: from } = this;
    this.wholeRanges = position < from ? [] : [{ from, to: position }];
  }

  async *read(from: number, to: number): AsyncGenerator<readonly JournalEntry[]> {
    if (from > to) return;
    assert(to <= this.lastPosition, `position ${to} is not there`);
    if (from < this.firstPosition) throw new PositionsReleased(from, this.firstPosition);
    const { landmarks, states, bytes: size } = this.#inspected;
    const window = new FileWindow(this.#file, size);
    let at = landmarks.findLast(({ position }) => position <= from)?.offset ?? size;
    let batch: JournalEntry[] = [];
    let held = 0;
    for (let next = 0; next < to;) {
      at = states.find(({ offset }) => offset === at)?.end ?? at;
      const head = readEntryHead(await window.read(at, entryHeadBytes));
      if (head === null) throw new JournalDamage(`the entry at offset ${at} has changed meanwhile`);
      const payload = await window.read(at + entryHeadBytes, head.length);
      next = head.position;
      at += entryHeadBytes + head.length;
      if (next < from) continue;
      batch.push({ position: next, payload });
      held += head.length;
      if (held < batchBytes) continue;
      yield batch;
      [batch, held] = [[], 0];
    }
    if (batch.length > 0) yield batch;
  }

  /** Those that the entries lead to, and through. */
  snapshots(): readonly SnapshotInfo[] {
    return this.#states().map(({ position, offset, end }) => ({ position, bytes: end - offset }));
  }

  async *readSnapshot(wanted: number): AsyncGenerator<Uint8Array> {
    const state = this.#states().find(({ position }) => position === wanted);
    if (state === undefined) throw new RangeError(`there is no whole state of position ${wanted}`);
    const window = new FileWindow(this.#file, this.#inspected.bytes);
    yield* readBackup(piecesOf(window, state));
  }

  /** One whose entry did not come any more is of no use yet. */
  #states(): readonly StoredState[] {
    return this.#inspected.states.filter(({ position }) => position <= this.lastPosition);
  }
}

async function* piecesOf(window: FileWindow, { offset, end }: StoredState): AsyncGenerator<Uint8Array> {
  for (let at = offset; at < end;) {
    const piece = await window.read(at, Math.min(batchBytes, end - at));
    yield piece;
    at += piece.length;
  }
}
