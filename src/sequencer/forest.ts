/** What the services see of forests: proposals in, outcomes, events and views out. */
import type { ForestMeters } from '../meters/forest-meters.ts';
import type { Provenance } from '../provenance/provenance.ts';
import type { Command, CommitGhost, RequestKey } from '../state/command.ts';
import type { ForestOutcome } from '../state/forest-change.ts';
import type { Ghost, GhostInfo, Root } from '../state/ghosts/ghost.ts';
import type { ValueProblem } from '../state/schemas/judge.ts';
import type { AcquireLock } from '../state/locks/lock-command.ts';
import type { Rejection } from '../state/outcome.ts';
import type { FencedCommand } from '../state/locks/fencing.ts';
import type { Race } from '../state/ghosts/race.ts';
import type { RegisterSchema, SchemaVersion, SetUnboundPaths } from '../state/schemas/schema.ts';
import type { SchemaTable } from '../state/schemas/schema-table.ts';
import type { ValueMapper } from '../state/schemas/value-mapper.ts';
import type { EventSource, TrunkView } from '../subscriptions/source.ts';
import type { Hub } from '../subscriptions/hub.ts';
import type { BackupTail, GrowthWatch, TailPlace } from './backup-tail.ts';
import type { BackupSource } from './backups.ts';
import type { ForestBounds } from './forest-quota.ts';
import type { LockViews } from './lock-views.ts';
import type { Patience } from './patience.ts';
import type { Reverts } from './reverts.ts';
import type { Objection, Settle, Settled } from './settled.ts';
import type { SinceTimes } from './since-times.ts';
import type { ReviewBoard } from './review-board.ts';

export type { Settled } from './settled.ts';

/** What would come of a registration. */
export interface TriedSchema {
  /** The version that it would be, or the newest one where nothing would change. */
  readonly version: SchemaVersion;
  /** How many stored values would be mapped. */
  readonly mapped: number;
}

/** A caller who waits for a commit. */
export interface CommitWait {
  /** The caller is gone, or has waited long enough; it is not told any more. The commit stays asked for. */
  giveUp(): void;
}

export interface ForestStatus {
  readonly name: string;
  readonly revision: number;
  readonly compactedRevision: number;
  readonly nodes: number;
  readonly ghosts: number;
  readonly storedBytes: number;
  readonly position: number;
  readonly durablePosition: number;
  readonly snapshotPosition: number;
  readonly requestIds: number;
  readonly leases: number;
  readonly locksHeld: number;
  readonly locksWaiting: number;
  /** What waits for the disk. */
  readonly pendingEntries: number;
  readonly pendingBytes: number;
  /** Why nothing is written any more until a restart. Empty while the journal works. */
  readonly writeStopReason: string;
  /** Why writes are refused until the disk has room. Empty while it has. */
  readonly diskFullReason: string;
  /** What it may grow to. */
  readonly bounds: ForestBounds;
}

export interface Forest extends EventSource {
  readonly name: string;
  readonly hub: Hub;
  readonly reviews: ReviewBoard;
  /** `null` where nothing is counted. */
  readonly meters: ForestMeters | null;
  /** Taking back what is on the trunk. */
  readonly reverts: Reverts;
  readonly status: ForestStatus;
  /** Since when there are its ghosts and locks: a look at each of them. */
  since(): SinceTimes;
  /** How many commands have taken effect since the start, by kind. */
  readonly commands: ReadonlyMap<Command['kind'], number>;
  /** Who knew what. */
  readonly provenance: Provenance;
  /**
   * Resolves once all that was acknowledged to anybody before the call, on this replica or on others, is in the view; or, where it is enough, as soon
   * as the revision `enough` is. With a rejection where that cannot be had at the moment. `null`: it is.
   */
  upToDate(enough: number): Promise<Rejection | null> | null;
  /** How old the view may be at most, in milliseconds: what any replica had acknowledged that long ago is in it. `null`: there is one replica. */
  ageMs(): number | null;
  /** Proposes a command. `settle` is called once, possibly before this returns; never throws for what a client can cause. */
  submit(command: Command, settle: (settled: Settled) => void): void;
  /** The same as a promise. */
  propose(command: Command): Promise<Settled>;
  /** The same for a write that waits for locks of others. */
  write(command: FencedCommand, patience: Patience, settle: (settled: Settled) => void): void;
  /** Asks for a lock: settles when it is granted or refused, or was waited for long enough. */
  acquireLock(command: AcquireLock, patience: Patience): Promise<Settled>;
  /**
   * Proposes a commit and, where it has to wait for reviewers, waits for what comes of it. `settle` is called once, unless
   * the caller gives up. `patience` where it waits for locks, which it does only when no reviewer is missing. `objection` where its caller
   * may not, or does not want to, commit whatever the ghost comes to hold until it is its turn.
   */
  commit(
    command: CommitGhost,
    patience: Patience | null,
    settle: Settle,
    objection?: Objection | null,
  ): CommitWait;
  /** The race of that id, as far as it is remembered. */
  race(raceId: string): Race | undefined;
  /** A new ghost id. */
  newGhostId(): string;
  /** An id for whatever else needs one. */
  newId(): string;
  /** A sign of life of a ghost's owner; false where the ghost is over. */
  keepAlive(ghostId: string): boolean;
  /** A sign of life of a lease's owner; false where the lease is over. */
  keepLeaseAlive(leaseId: string): boolean;
  /** Leases and locks as they may be shown. */
  readonly lockViews: LockViews;
  /** Live ghosts and those that are over, newest first. */
  ghosts(): (Ghost | GhostInfo)[];
  /** The durable trunk at a revision (0: now). Where it is compacted or in the future: a rejection. */
  viewAt(revision: number): Promise<TrunkView | Rejection>;
  /** A ghost's view: its root, or why there is none; refused where it is not the ghost whose edition the caller knows. */
  ghostRoot(
    ghostId: string,
    edition?: number,
  ): { readonly root: Root; readonly baseRevision: number } | Rejection;
  /** How many live ghosts an author has. */
  ghostsOf(author: string): number;
  /** How many locks an author has, held or waited for. */
  locksOf(author: string): number;
  /** Whether a request with that id is remembered: it is answered with what came of it, and applied no more. */
  isRequestKnown(id: string): boolean;
  /** The schemas, those that are not durable yet included: what is told of them must be of a revision that is. */
  readonly schemas: SchemaTable;
  /** The schemas that values in a ghost are judged by, which may be about to come; on the trunk, the present ones. */
  schemasIn(ghostId: string): SchemaTable;
  /** Looks at what the commit of a migration would leave, in slices, so that the commit need not; `null` for other ghosts. */
  examineMigration(ghostId: string): Promise<void> | null;
  /** What does not fit in a ghost as it is now; looked at in slices. Nothing of one that is over. */
  violationsIn(ghostId: string): Promise<readonly ValueProblem[]>;
  /**
   * Proposes a schema, after a look at what is stored. With a mapper, what is stored becomes what that says, in the same revision; the
   * outcome is that of a commit then.
   */
  registerSchema(command: RegisterSchema, mapper?: ValueMapper | null): Promise<Settled>;
  /** Proposes what becomes of values at paths of no schema, after a look at what is stored. */
  setUnboundPaths(command: SetUnboundPaths): Promise<Settled>;
  /** What would come of it, or a refusal. */
  trySchema(command: RegisterSchema, mapper?: ValueMapper | null): Promise<TriedSchema | Rejection>;
  /** Gives up history below a revision (0: the newest) and frees the disk. */
  compact(revision: number, request: RequestKey | null): Promise<Compacted | Rejection>;
  /**
   * A backup of the present state, durable or not: who hands it out waits for {@link EventSource.durable} first. Or the one that was taken at
   * `position` before once more, the same bytes; a rejection where the journal does not lead there any more.
   */
  backup(position?: number): Promise<BackupSource | Rejection>;
  /** What came behind a place, and comes; `null` where the journal had another entry there. */
  backupTail(place: TailPlace): Promise<BackupTail | Rejection | null>;
  /** Told each time that the view has moved. */
  readonly growth: GrowthWatch;
  /** The state hash, taken in slices, with the position it belongs to. */
  stateHash(): Promise<{ readonly hash: string; readonly position: number }>;
}

/** History that was given up. */
export interface Compacted {
  readonly compactedRevision: number;
  /** By this call. */
  readonly freedBytes: number;
  readonly repeated: boolean;
}

/** What came of making, deleting or restoring a forest. */
export interface ForestSettled {
  readonly outcome: ForestOutcome;
  readonly repeated: boolean;
}

/** A request whose fingerprint is known when its last byte has come, which it waits for. */
export interface UploadKey {
  readonly id: string;
  fingerprint(): Promise<number>;
}

/** All forests of a broker. A request makes a change safe to repeat, in the middle of it too. */
export interface Forests {
  /** Where forests went to that were moved elsewhere, and are not served here any more, by name. */
  readonly moved: ReadonlyMap<string, string>;
  get(name: string): Forest | Rejection;
  list(): Forest[];
  /**
   * Resolves once the forests that any broker was told of are known here; with a rejection where that cannot be found out. Absent where no other broker
   * makes or deletes any.
   */
  upToDate?(): Promise<Rejection | null>;
  create(name: string, request: RequestKey | null): Promise<ForestSettled>;
  delete(name: string, request: RequestKey | null): Promise<ForestSettled>;
  /** Creates a forest from a backup. A forest of that name may exist if it is empty. */
  restore(name: string, chunks: AsyncIterable<Uint8Array>, request: UploadKey | null): Promise<ForestSettled>;
  /** Makes everything durable and lets go of the files. */
  close(): Promise<void>;
}
