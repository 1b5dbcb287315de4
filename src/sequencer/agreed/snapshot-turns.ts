/** When a replica's next entry marks a snapshot, or says that one is there; and what the entries of all replicas say of that. */
import type { AgreedEntry, SnapshotTaken } from '../../codec/agreed-entry.ts';
import { boundsFormat } from '../../codec/agreed-format.ts';
import type { LogTable } from './log-table.ts';
import type { SnapshotSharing } from './snapshot-sharing.ts';

export interface SnapshotTurnsOptions {
  readonly table: LogTable;
  readonly sharing: SnapshotSharing;
  /** The name of this replica. */
  readonly replica: string;
  /** Growth of the log after which a snapshot is shared, in bytes. */
  readonly bytesMin: number;
  /** The next entry has something to say. */
  readonly schedule: () => void;
}

export class SnapshotTurns {
  readonly #options: SnapshotTurnsOptions;
  /** The next entry is to mark one; one of ours is on its way that does; one is wanted although none is due. */
  #marks = false;
  #isMarkOnWay = false;
  #isWanted = false;
  /** One that is there, and was not told of yet. */
  #taken: SnapshotTaken | null = null;

  constructor(options: SnapshotTurnsOptions) {
    this.#options = options;
  }

  get hasNews(): boolean {
    return this.#marks || this.#taken !== null;
  }

  /** What the next entry says. */
  takeNews(): Pick<AgreedEntry, 'marksSnapshot' | 'taken'> {
    const news = { marksSnapshot: this.#marks, taken: this.#taken };
    [this.#marks, this.#taken] = [false, null];
    return news;
  }

  /** Puts into the log that a snapshot is there. */
  announce(taken: SnapshotTaken): void {
    this.#taken = taken;
    this.#options.schedule();
  }

  /** History was given up: it goes from the disks behind a snapshot that knows of it. */
  want(): void {
    this.#isWanted = true;
  }

  /** In the tick in which an entry was applied. */
  onEntry({ replica, marksSnapshot, taken }: AgreedEntry, sequence: number): void {
    const { table, sharing, bytesMin, schedule } = this.#options;
    const { marks, format } = table;
    const isOwn = replica === this.#options.replica;
    const isCounted = format.inForce.format >= boundsFormat;
    if (taken !== null && marks.take(replica, taken, isCounted)) sharing.taken(taken, isOwn);
    if (marksSnapshot && isOwn) this.#isMarkOnWay = false;
    if (marksSnapshot && marks.open(replica, sequence)) {
      this.#isWanted = false;
      sharing.marked(sequence, isOwn);
    }
    const isDue = this.#isWanted || marks.isDue(bytesMin);
    if (!isDue || marks.isUnderWay || this.#isMarkOnWay) return;
    this.#marks = true;
    this.#isMarkOnWay = true;
    schedule();
  }
}
