/**
 * A log that several brokers append to and all of them see in the same order: what makes replicas of one forest. Its entries are
 * opaque bytes; their order, and that none of them is lost, is the business of what stands behind it.
 *
 * Rules for every back end (checked by the contract suite):
 * - Sequences are 1, 2, 3, … without a gap, the same for everybody. What was cut is gone from the beginning on.
 * - What is followed is stored: an entry that anybody was given is there after every crash that the log survives.
 * - An id is stored at most once within the log's window; whoever appends it again is told where it stands.
 * - An append that nobody answers is repeated until it is, under its id. It is given up by `close` only, and then it may be there.
 */

/** One entry. `payload` must not be changed. */
export interface AgreedLogEntry {
  readonly sequence: number;
  /** When the log took it, by its own clock; milliseconds since the Unix epoch. It may go back, and is the same for everybody. */
  readonly timeMs: number;
  readonly payload: Uint8Array;
}

export interface LogBounds {
  readonly first: number;
  readonly last: number;
}

/** The log was closed here; what was on its way may be stored or not. */
export class AgreedLogClosed extends Error {
  override readonly name = 'AgreedLogClosed';
}

export interface AgreedLog {
  /** The largest entry that it takes, in bytes. */
  readonly entryBytesMax: number;
  /** Adds an entry; resolves with its sequence once it is stored. Rejects with {@link AgreedLogClosed} alone. */
  append(id: string, payload: Uint8Array): Promise<number>;
  /**
   * All entries from a sequence on, in order, each once, and those that come later as they come. Goes on by itself where the log was away; ends
   * when it is closed. Throws `JournalDamage` where entries are missing, those that were cut among them.
   */
  follow(from: number): AsyncIterable<AgreedLogEntry>;
  /** The sequences of the oldest and the newest entry; where there is none, the former is the one behind the latter. */
  bounds(): Promise<LogBounds>;
  /** Drops all entries up to a sequence. */
  cut(through: number): Promise<void>;
  close(): Promise<void>;
}
