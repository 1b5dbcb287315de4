/** What a forest at work is made of. */
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Formats } from '../codec/agreed-format.ts';
import type { SharedSnapshot } from '../codec/shared-snapshot.ts';
import type { AgreedLog } from '../journal/agreed-log.ts';
import type { AgreedObjects } from '../journal/agreed-objects.ts';
import type { AgreedRecords } from '../journal/agreed-records.ts';
import type { Journal } from '../journal/journal.ts';
import type { Meters } from '../meters/meters.ts';
import type { IndexSizes } from '../provenance/index-runs.ts';
import type { LiveJudge } from '../state/schemas/judge.ts';
import type { Tracing } from '../tracing/tracing.ts';
import type { RestoredPlace, RestoreTurns } from './agreed/restore-turns.ts';
import type { StartProgress } from './agreed/start-progress.ts';
import type { DiskRoom } from './disk-room.ts';
import type { ForestBounds } from './forest-quota.ts';

export interface LiveForestOptions {
  readonly name: string;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly random: Random;
  /** Journal growth after which a snapshot is written, in bytes. */
  readonly snapshotJournalBytes: number;
  /** Told once, when the forest can take no more writes. */
  readonly onWriteStop: (reason: string) => void;
  /** Events kept in memory for subscribers that fall behind. Default: the limit of that name. */
  readonly recentEventsMax?: number;
  /** Says what values fit their schemas. Without it every value does. */
  readonly judge?: LiveJudge;
  /** Counts what agents publish and read. Without it nothing is counted. */
  readonly meters?: Meters;
  /** What is known of the disk. Without it only the journal says that it is full. */
  readonly diskRoom?: DiskRoom | undefined;
  /** What it may grow to, as of now. Default: as much as there is room for. */
  readonly bounds?: (() => ForestBounds) | undefined;
  /** Sizes of the index behind provenance: smaller ones than usual, for tests. */
  readonly indexSizes?: IndexSizes;
  /** Gets spans of the way that writes take. Without it there are none. */
  readonly tracing?: Tracing;
  /** Told how long it took until a command that waited for the disk was durable. */
  readonly onWritten?: (durationMs: number) => void;
  /** Runs what nobody waits for behind the answers of this turn of the event loop. Default: at once. */
  readonly behindAnswers?: (work: () => void) => void;
  /** What this forest shares with replicas of it. */
  readonly agreed?: AgreedOptions;
}

export interface AgreedOptions {
  readonly log: AgreedLog;
  /** The forest's journal, empty at the start or made from a shared snapshot: it holds what follows from the log. */
  readonly records: AgreedRecords;
  /** Where snapshots are shared, and the one that the journal was made from; `null`: it is empty. */
  readonly objects: AgreedObjects;
  readonly shared: SharedSnapshot | null;
  /** Told where the forest begins anew with what it was restored from, in that tick. It takes nothing more then, and is to be closed. */
  readonly onRestored: (place: RestoredPlace) => void;
  /** Given how to restore into it. */
  readonly onRestores?: (restores: RestoreTurns) => void;
  /** Given how to wait until the state was compared with what other brokers have said of it. */
  readonly onComparing?: (compared: () => Promise<void>) => void;
  /** What this broker knows of the log's formats. Default: what it does. */
  readonly formats?: Formats | undefined;
  /** The newest format that all brokers which may follow the log are known to know. Default: 0. */
  readonly knownByAll?: number | undefined;
  readonly onProgress: (progress: StartProgress) => void;
  /** Told of what failed and will be tried again. */
  readonly onFailure: (error: unknown) => void;
  /** Told of what a replica cannot go on after: an entry that it cannot read, or does not understand. */
  readonly onFatal: (error: unknown) => void;
}
