/** What the way of writes through an agreed log is made of. */
import type { Clock } from '../../base/clock.ts';
import type { Formats } from '../../codec/agreed-format.ts';
import type { AgreedLog } from '../../journal/agreed-log.ts';
import type { AgreedRecords } from '../../journal/agreed-records.ts';
import type { ForestState } from '../../state/forest.ts';
import type { Lifetimes } from '../lifetimes.ts';
import type { WritePath } from '../write-path.ts';
import type { LogTable } from './log-table.ts';
import type { RestoredPlace } from './restore-turns.ts';
import type { SnapshotSharing } from './snapshot-sharing.ts';
import type { StartProgress } from './start-progress.ts';

export interface AgreedWritesOptions {
  /** The name of the forest. */
  readonly forest: string;
  readonly log: AgreedLog;
  readonly records: AgreedRecords;
  readonly writes: WritePath;
  readonly state: ForestState;
  readonly clock: Clock;
  /** The name of this replica: another one at each start. */
  readonly replica: string;
  /** What is known of the log beside the state, up to {@link sequence}. */
  readonly table: LogTable;
  readonly sequence: number;
  readonly sharing: SnapshotSharing;
  /** Growth of the log after which a snapshot is shared, in bytes. */
  readonly snapshotBytes: number;
  /** What this broker knows. Default: what it does. */
  readonly formats?: Formats | undefined;
  /** The newest format that all brokers which may follow the log are known to know. Default: 0. */
  readonly knownByAll?: number | undefined;
  /** Told now and then how much of the log is read, until {@link AgreedWrites.start} resolves. */
  readonly onProgress: (progress: StartProgress) => void;
  /** Told of owners' signs of life, when they have their place. */
  readonly lifetimes: Lifetimes;
  /** Told of a ghost whose last approval has come, and whose commit finds no room for now. */
  readonly onHeldUp: (ghostId: string) => void;
  /** Told in the tick in which the forest begins anew with what it was restored from: nothing more is applied or taken here. */
  readonly onRestored: (place: RestoredPlace) => void;
  /** Told of what the replica cannot go on after. */
  readonly onFatal: (error: unknown) => void;
}
