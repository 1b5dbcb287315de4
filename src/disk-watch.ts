/** Looks at how much room the disk has, and says so to those who write on it. */
import type { Clock, Timer } from './base/clock.ts';
import { roomCheckMs } from './base/limits.ts';
import { errorFields } from './log.ts';
import type { Logger } from './log.ts';
import type { DiskRoom } from './sequencer/disk-room.ts';
import type { Forests } from './sequencer/forest.ts';
import type { JournalStore } from './sequencer/local-forests.ts';

export interface DiskWatchOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly room: DiskRoom;
  readonly freeBytes: () => Promise<number>;
  /** Below this clients' writes are refused. */
  readonly freeBytesMin: number;
}

export class DiskWatch {
  readonly #options: DiskWatchOptions;
  #forests: Forests | null = null;
  #timer: Timer | undefined;
  /** Forests that refuse writes for want of room. */
  #full: ReadonlySet<string> = new Set();
  #isBlind = false;
  #isClosed = false;

  constructor(options: DiskWatchOptions) {
    this.#options = options;
  }

  /** Looks at once, and then again and again. */
  async start(forests: Forests): Promise<void> {
    this.#forests = forests;
    await this.#look();
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    const { clock, log, room, freeBytes, freeBytesMin } = this.#options;
    try {
      room.note({ freeBytes: await freeBytes(), freeBytesMin });
      this.#isBlind = false;
    } catch (error) {
      if (!this.#isBlind) log.warn('the disk does not say how much room it has', errorFields(error));
      this.#isBlind = true;
    }
    if (this.#isClosed) return;
    this.#tell();
    this.#timer = clock.setTimer(roomCheckMs, () => void this.#look());
  }

  /** Journals find out by themselves too, each for its own forest. */
  #tell(): void {
    const { log } = this.#options;
    const full = new Set<string>();
    for (const { status } of this.#forests?.list() ?? []) {
      const { name: forest, diskFullReason: reason } = status;
      if (reason === '') continue;
      full.add(forest);
      if (!this.#full.has(forest))
        log.warn('the disk is full: writes are refused, reads go on', { forest, reason });
    }
    for (const forest of this.#full)
      if (!full.has(forest)) log.warn('the disk has room again: writes are taken', { forest });
    this.#full = full;
  }
}

/** `null` where there is no disk. */
export function watchDisk(
  options: Omit<DiskWatchOptions, 'freeBytes'>,
  store: Pick<JournalStore, 'freeBytes'>,
): DiskWatch | null {
  const freeBytes = store.freeBytes?.bind(store);
  return freeBytes === undefined ? null : new DiskWatch({ ...options, freeBytes });
}
