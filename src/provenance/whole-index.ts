/**
 * The index of all that is known of a forest's past: one over the journal, and one over what compactions have kept of the history before.
 * Both lie in files beside the journal that the next start takes over, and are made anew where they are damaged.
 *
 * Entries that both hold are told once. What the first still says of history that was given up does no harm: who looks it up finds that it is gone,
 * or what was kept of it. So after a compaction searches go on in the old ones until the new ones are complete.
 */
import type { Clock } from '../base/clock.ts';
import type { SideFiles } from '../journal/side-files.ts';
import type { Proposal } from '../state/command.ts';
import type { Effects } from '../state/forest.ts';
import { inOrder } from './entries.ts';
import type { Cursor, Hit } from './entries.ts';
import { Feeder } from './feeder.ts';
import { IndexDamaged } from './file-run.ts';
import { HurriedClock } from './hurried-clock.ts';
import { IndexRuns } from './index-runs.ts';
import type { IndexSizes } from './index-runs.ts';
import type { Key } from './key.ts';
import type { EntrySource } from './loader.ts';
import { isOf } from './manifest.ts';
import { stopping, TraceRefused } from './pause.ts';
import type { Searched } from './reader.ts';
import { recordedIn, RetainedClosed } from './retained.ts';
import type { Retained } from './retained.ts';
import { Slices } from '../base/slices.ts';

const journalName = 'index-journal';
const keptName = 'index-kept';

export interface WholeIndexOptions {
  readonly clock: Clock;
  readonly beside: SideFiles;
  readonly sizes: IndexSizes | undefined;
  readonly source: EntrySource;
  /** The position that the journal is read behind. */
  readonly oldestPosition: () => number;
  /** The newest durable position. What up to it has not been fed yet comes in order. */
  readonly newestPosition: () => number;
  /** What compactions have kept. */
  readonly retained: () => Promise<Retained>;
  readonly baseOf: (ghostId: string) => number | undefined;
}

/** The index over what was kept at a compaction. */
interface Kept {
  /** `null` where there was none yet. */
  readonly index: IndexRuns | null;
  readonly revision: number;
}

export class WholeIndex implements Searched {
  readonly #options: WholeIndexOptions;
  readonly #clock: HurriedClock;
  #journal: IndexRuns;
  #feeder: Feeder;
  #kept: Kept | null = null;
  /** The last entry of the journal that is in the index. */
  #indexedTo = 0;
  #catchingUp: Promise<void> | null = null;
  /** The look, after a start, at what an earlier one has left. */
  #waking: Promise<void> | null = null;
  #renewing: Promise<void> = Promise.resolve();
  /** Indexes that were given up, on their way to be let go of. */
  #leaving: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: WholeIndexOptions) {
    this.#options = options;
    this.#clock = new HurriedClock(options.clock);
    this.#journal = this.#indexNamed(journalName, false);
    this.#feeder = new Feeder(this.#journal, options.baseOf);
  }

  /** Memory that it takes. */
  get bytes(): number {
    return this.#journal.bytes + (this.#kept?.index?.bytes ?? 0);
  }

  /**
   * Takes what has become durable; what made no entry comes without a proposal. Where the index is not that far, it is read from the
   * journal once somebody asks; and with the first write, where an earlier start has left most of it.
   */
  feed(entries: readonly { readonly proposal: Proposal | null; readonly effects: Effects }[]): void {
    for (const { proposal, effects } of entries) {
      if (proposal === null) continue;
      if (this.#indexedTo === 0 && proposal.position > 1) this.#waking ??= this.#wake();
      if (proposal.position !== this.#indexedTo + 1) continue;
      this.#feeder.feed({ proposal, effects });
      this.#indexedTo = proposal.position;
    }
  }

  /** Resolves once the index is as far as `position`. */
  async reach(position: number): Promise<void> {
    while ((this.#indexedTo < position || this.#kept === null) && !this.#isClosed)
      await (this.#catchingUp ??= this.#catchUp().finally(() => {
        this.#catchingUp = null;
      }));
  }

  async find(key: Key, after: Cursor, until: number, limit: number): Promise<Hit[]> {
    const found = await this.#inBoth((index) => index.find(key, after, until, limit));
    return found.flat().sort(inOrder).slice(0, limit);
  }

  async findLast(key: Key, before: Cursor): Promise<Hit | null> {
    const found = await this.#inBoth((index) => index.findLast(key, before));
    return (
      found
        .filter((hit) => hit !== null)
        .sort(inOrder)
        .at(-1) ?? null
    );
  }

  /** Resolves when the journal is not read any more. */
  async idle(): Promise<void> {
    await this.#catchingUp?.catch(() => undefined);
  }

  /**
   * Goes over to what a compaction has kept of the history up to `position`, beside everything else. Where nobody has asked since the
   * start, what was kept is indexed for who does.
   */
  renew(position: number): void {
    if (this.#indexedTo === 0) return;
    const isAsked = this.#kept !== null;
    const renew = async (): Promise<void> => {
      if (isAsked) await this.#makeKept();
      if (!this.#isClosed) await this.#journal.dropUpTo(position);
    };
    // What fails now, such as a disk, or kept entries that the next compaction has taken away, is made up for by the next.
    this.#renewing = this.#renewing.then(renew).catch(() => undefined);
  }

  /** Resolves when {@link renew} is through. */
  async renewed(): Promise<void> {
    await this.#renewing;
  }

  /** Reads no more of the journal, and leaves to the next start what took time to make. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#clock.hurry();
    await this.#waking;
    await this.idle();
    await this.#renewing;
    await this.#leaving;
    if (this.#indexedTo > 0) await this.#journal.keep().catch(() => undefined);
    await this.#journal.close();
    await this.#kept?.index?.close();
  }

  /** Searches both indexes, and again where they were replaced meanwhile; those that the disk has damaged are made anew, once. */
  async #inBoth<T>(search: (index: IndexRuns) => Promise<T>): Promise<T[]> {
    for (let isAgain = false; ;) {
      const [journal, kept] = [this.#journal, this.#kept];
      const isCurrent = (): boolean => this.#journal === journal && this.#kept === kept;
      try {
        const found = [await search(journal)];
        if (kept?.index != null) found.push(await search(kept.index));
        if (isCurrent()) return found;
      } catch (error) {
        if (!(error instanceof IndexDamaged)) throw error;
        if (this.#isClosed) throw new TraceRefused(stopping);
        if (isCurrent()) {
          if (isAgain) throw error;
          isAgain = true;
          this.#giveUp();
        }
        await this.reach(this.#options.newestPosition());
      }
    }
  }

  async #wake(): Promise<void> {
    try {
      if (await this.#journal.isRestorable()) void this.reach(1).catch(() => undefined);
    } catch {
      // Who asks will be told.
    }
  }

  #giveUp(): void {
    const given = [this.#journal, this.#kept?.index ?? null];
    this.#journal = this.#indexNamed(journalName, false);
    this.#feeder = new Feeder(this.#journal, this.#options.baseOf);
    this.#kept = null;
    this.#indexedTo = 0;
    for (const index of given) this.#leave(index);
  }

  #leave(index: IndexRuns | null): void {
    const left = index?.discard().catch(() => undefined);
    this.#leaving = Promise.all([this.#leaving, left]);
  }

  /** Brings the index up to what is durable: from then on it is fed. */
  async #catchUp(): Promise<void> {
    const { source, newestPosition } = this.#options;
    await this.#leaving;
    await this.#renewing;
    await this.#makeKept();
    await this.#takeOver();
    const slices = new Slices(this.#clock);
    while (this.#indexedTo < newestPosition()) {
      for await (const batch of source.entries(this.#indexedTo + 1, newestPosition())) {
        for (const recorded of batch) {
          if (recorded.proposal.position !== this.#indexedTo + 1) continue;
          this.#feeder.feed(recorded);
          this.#indexedTo = recorded.proposal.position;
        }
        if (this.#isClosed) return;
        await slices.pause();
        await this.#journal.settled();
      }
    }
  }

  /** Goes on where an earlier start has left off. */
  async #takeOver(): Promise<void> {
    const { oldestPosition, newestPosition } = this.#options;
    if (this.#indexedTo > 0 || newestPosition() === 0) return;
    let reached = await this.#journal.restore();
    if (reached > newestPosition()) {
      // The disk has lost more of the journal than it may: what took its place is not in the index.
      await this.#journal.discard();
      this.#journal = this.#indexNamed(journalName, false);
      this.#feeder = new Feeder(this.#journal, this.#options.baseOf);
      reached = 0;
    }
    this.#indexedTo = Math.max(reached - 1, oldestPosition());
  }

  /** Indexes what compactions have kept, where that is not what it is. */
  async #makeKept(): Promise<void> {
    for (;;) {
      const entries = await this.#options.retained();
      if (this.#kept?.revision === entries.revision) return;
      try {
        await this.#makeKeptOf(entries);
        return;
      } catch (error) {
        // The next compaction has kept something else meanwhile.
        if (!(error instanceof RetainedClosed)) throw error;
        if (this.#isClosed) throw new TraceRefused(stopping);
      }
    }
  }

  async #makeKeptOf(entries: Retained): Promise<void> {
    const { baseOf } = this.#options;
    const { revision } = entries;
    const name = `${keptName}-${String(revision).padStart(16, '0')}`;
    const index = revision === 0 ? null : this.#indexNamed(name, true);
    if (index !== null && (await index.restore()) === 0) {
      const feeder = new Feeder(index, baseOf);
      const slices = new Slices(this.#clock);
      try {
        for await (const batch of entries.all()) {
          for (const frame of batch) {
            feeder.feed(recordedIn(frame));
            if (slices.isOver) await slices.pause();
          }
          if (this.#isClosed) {
            await index.close();
            return;
          }
          await index.settled();
        }
      } catch (error) {
        this.#leave(index);
        throw error;
      }
      await index.keep().catch(() => undefined);
    }
    this.#leave(this.#kept?.index ?? null);
    this.#kept = { index, revision };
    await this.#sweep(name);
  }

  /** Removes index files that nobody asks for any more: those of other compactions, and of other versions. */
  async #sweep(name: string): Promise<void> {
    const { beside } = this.#options;
    await this.#leaving;
    const isLeft = (file: string): boolean =>
      file.startsWith('index-') && !isOf(journalName, file) && !isOf(name, file);
    for (const file of await beside.names()) if (isLeft(file)) await beside.remove(file);
  }

  #indexNamed(name: string, isKeptWhole: boolean): IndexRuns {
    const { beside, sizes } = this.#options;
    return new IndexRuns({ clock: this.#clock, beside, name, isKeptWhole, sizes });
  }
}
