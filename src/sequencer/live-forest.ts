/** One forest at work: what it shows, on top of the way of its writes (`write-path.ts`) and of its past (`history.ts`). */
import type { Clock } from '../base/clock.ts';
import { randomId } from '../base/random.ts';
import { resultInSlices } from '../base/slices.ts';
import type { Journal } from '../journal/journal.ts';
import type { ForestMeters } from '../meters/forest-meters.ts';
import type { Provenance } from '../provenance/provenance.ts';
import type { Command, RequestKey } from '../state/command.ts';
import { checkKnownEdition, runsMax } from '../state/ghosts/edition.ts';
import { trustingJudge, type ValueProblem } from '../state/schemas/judge.ts';
import { schemasIn } from '../state/schemas/migration.ts';
import type { RegisterSchema, SetUnboundPaths } from '../state/schemas/schema.ts';
import type { SchemaTable } from '../state/schemas/schema-table.ts';
import type { ValueMapper } from '../state/schemas/value-mapper.ts';
import type { ForestEvent } from '../state/event.ts';
import type { Applied, ForestState } from '../state/forest.ts';
import type { Ghost, GhostInfo, Root } from '../state/ghosts/ghost.ts';
import { findRace, liveGhost } from '../state/ghosts/ghost-table.ts';
import { reject, type Rejection } from '../state/outcome.ts';
import type { FencedCommand } from '../state/locks/fencing.ts';
import type { AcquireLock } from '../state/locks/lock-command.ts';
import type { Race } from '../state/ghosts/race.ts';
import { forestHashSteps } from '../state/state-hash.ts';
import { Hub } from '../subscriptions/hub.ts';
import type { TrunkView } from '../subscriptions/source.ts';
import { agreedWritesOf, giveUpTogether, startAgreed, submissionsOf } from './agreed/agreed-forest.ts';
import type { AgreedParts } from './agreed/agreed-forest.ts';
import type { AgreedWrites } from './agreed/agreed-writes.ts';
import { submitAgreed } from './agreed/objections.ts';
import { GrowthWatch, tailBehind, type BackupTail, type TailPlace } from './backup-tail.ts';
import { backupAt, type BackupSource } from './backups.ts';
import { CommandCounts } from './command-counts.ts';
import { CommitWaits } from './commit-waits.ts';
import { Compactions, giveUpHistory } from './compaction.ts';
import type { Compacted, CommitWait, Forest, ForestStatus, TriedSchema } from './forest.ts';
import { countOf } from './forest-quota.ts';
import { provenanceOf } from './forest-provenance.ts';
import { statusOf } from './forest-status.ts';
import { History } from './history.ts';
import { Lifetimes } from './lifetimes.ts';
import type { LiveForestOptions } from './live-forest-options.ts';
import { LockViews } from './lock-views.ts';
import { LockWaits } from './lock-waits.ts';
import { underNewestRules } from './newest-rules.ts';
import type { Patience } from './patience.ts';
import type { Written } from './pending.ts';
import { recover } from './recovery.ts';
import { ReviewBoard } from './review-board.ts';
import { RetainedHistory } from './retained-history.ts';
import { Reverts } from './reverts.ts';
import { sinceTimes, type SinceTimes } from './since-times.ts';
import type { Objection, Settle, Settled } from './settled.ts';
import { SnapshotWriter } from './snapshot-writer.ts';
import { SchemaRegistrations } from './schema-registrations.ts';
import { StagedRoots } from './staged-roots.ts';
import { WritePath, type WriteListener } from './write-path.ts';
import { WriteTraces } from './write-trace.ts';
import { WriteWaits } from './write-waits.ts';

export type { LiveForestOptions } from './live-forest-options.ts';

export class LiveForest implements Forest {
  readonly name: string;
  readonly hub: Hub;
  readonly reviews: ReviewBoard;
  readonly meters: ForestMeters | null;
  readonly commands = new CommandCounts();
  readonly #options: LiveForestOptions;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #history: History;
  readonly #retained: RetainedHistory;
  readonly stagedRoots: StagedRoots;
  readonly #lifetimes: Lifetimes;
  readonly #state: ForestState;
  readonly #snapshots: SnapshotWriter;
  readonly #writes: WritePath;
  /** `null` where no other broker writes. */
  readonly #agreed: AgreedWrites | null;
  readonly #lockWaits: LockWaits;
  readonly #writeWaits: WriteWaits;
  readonly lockViews: LockViews;
  readonly #commits: CommitWaits;
  readonly #registrations: SchemaRegistrations;
  readonly provenance: Provenance;
  readonly reverts: Reverts;
  readonly growth = new GrowthWatch();
  readonly #compactions = new Compactions();

  private constructor(options: LiveForestOptions, history: History, state: ForestState) {
    const { journal, clock, agreed } = options;
    // Those of replicas are taken where the log says so.
    const journalBytes = agreed === undefined ? options.snapshotJournalBytes : Infinity;
    this.name = options.name;
    this.#options = options;
    this.#journal = journal;
    this.#clock = clock;
    this.#history = history;
    this.#state = state;
    this.#snapshots = new SnapshotWriter({ journal, clock, state, journalBytes });
    const traces = WriteTraces.of(options);
    this.#writes = new WritePath({
      journal,
      clock,
      history,
      state,
      snapshots: this.#snapshots,
      listener: this.#listener(),
      judge: options.judge ?? trustingJudge,
      diskRoom: options.diskRoom,
      bounds: options.bounds,
      run: 1 + options.random.below(runsMax - 1),
      traces,
      onWritten: options.onWritten ?? (() => undefined),
    });
    const view = (): TrunkView => this.#writes.view;
    this.#retained = new RetainedHistory(history, journal, state, view);
    this.stagedRoots = new StagedRoots(state, history, clock);
    const { indexSizes, judge, retained } = { ...options, retained: this.#retained };
    this.provenance = provenanceOf({ clock, journal, history, state, view, retained, indexSizes });
    this.hub = new Hub({ clock, recentEventsMax: options.recentEventsMax });
    this.hub.attach(this);
    const propose = (command: Command): void => this.submit(command, () => undefined);
    const sign = (id: string): void => this.#agreed?.sign(id);
    const lifetimes = new Lifetimes({ clock, state, propose, ...(agreed === undefined ? {} : { sign }) });
    this.#lifetimes = lifetimes;
    this.#agreed = agreed === undefined ? null : agreedWritesOf(agreed, options, this.#agreedParts());
    const [submit, durable] = [this.#submit.bind(this), this.durable.bind(this)];
    const submissions = submissionsOf(this.#agreed, state, this.submit.bind(this));
    this.#lockWaits = new LockWaits({ clock, state, lifetimes, submit, durable });
    const [newId, isAgreed] = [this.newId.bind(this), this.#agreed !== null];
    this.#writeWaits = new WriteWaits({ clock, state, lifetimes, submit, newId, traces, isAgreed });
    this.lockViews = new LockViews(state, clock, durable);
    this.reviews = new ReviewBoard({ clock, state, position: () => this.#writes.view.position });
    const write = this.#writeWaits.submit.bind(this.#writeWaits);
    this.#commits = new CommitWaits({ clock, state, lifetimes, submit, write, durable, log: this.#agreed });
    const schemas = { clock, state, lifetimes, judge, ...submissions, durable, view, newId };
    this.#registrations = new SchemaRegistrations(schemas);
    this.meters = options.meters?.of(this) ?? null;
    const positionOf = this.positionOf.bind(this);
    const past = { state, history, judge, provenance: this.provenance, positionOf };
    this.reverts = new Reverts({ clock, ...past, ...submissions, write, durable });
    this.hub.onDrain((rejection) => {
      this.#commits.end(rejection);
      this.reviews.drainAll(rejection);
      this.growth.tell(rejection);
    });
  }

  /** Recovers the forest from its journal. Throws `JournalDamage` or `CodecDamage` where that is not whole. */
  static async open(options: LiveForestOptions): Promise<LiveForest> {
    const history = new History(options.journal, options.clock);
    const { state, replayedBytes } = await recover(options.journal, history);
    state.requests.reseed(options.random.below(2 ** 32));
    const forest = new LiveForest(options, history, state);
    forest.#snapshots.grew(replayedBytes);
    await forest.#retained.findOldestPosition();
    await forest.provenance.start();
    if (forest.#agreed !== null) await startAgreed(forest.#agreed, state, options);
    forest.#commits.resume();
    forest.meters?.start();
    return forest;
  }

  get status(): ForestStatus {
    return statusOf(this.name, this.#journal, this.#state, this.#writes);
  }

  since(): SinceTimes {
    return sinceTimes(this.#state);
  }

  get appliedPosition(): number {
    return this.#state.position;
  }

  get oldestPosition(): number {
    return this.#retained.oldestPosition;
  }

  durable(position: number): Promise<Rejection | null> {
    return this.#writes.durable(position);
  }

  view(): TrunkView {
    return this.#writes.view;
  }

  upToDate(enough: number): Promise<Rejection | null> | null {
    if (this.#agreed === null || this.#writes.view.revision >= enough) return null;
    return this.#agreed.barrier();
  }

  ageMs(): number | null {
    return this.#agreed?.ageMs() ?? null;
  }

  submit(command: Command, settle: Settle): void {
    this.#submit(underNewestRules(command, this.#agreed), settle);
  }

  /** Proposes a command as it is: components know by the object what they proposed. */
  #submit(command: Command, settle: Settle, givesWay = false, objection: Objection | null = null): void {
    if (this.#agreed === null) this.#writes.submit(command, settle, objection);
    else submitAgreed(this.#agreed, command, settle, givesWay, objection);
  }

  propose(command: Command): Promise<Settled> {
    return new Promise((resolve) => {
      this.submit(command, resolve);
    });
  }

  write(command: FencedCommand, patience: Patience, settle: (settled: Settled) => void): void {
    this.#writeWaits.submit(underNewestRules(command, this.#agreed), patience, settle);
  }

  acquireLock(command: AcquireLock, patience: Patience): Promise<Settled> {
    return new Promise((resolve) => {
      this.#lockWaits.acquire(command, patience, resolve);
    });
  }

  commit(...asked: Parameters<Forest['commit']>): CommitWait {
    return this.#commits.commit(...asked);
  }

  race(raceId: string): Race | undefined {
    return findRace(this.#state, raceId);
  }

  newGhostId(): string {
    return this.newId();
  }

  newId(): string {
    return randomId(this.#options.random);
  }

  keepLeaseAlive(leaseId: string): boolean {
    return this.#lifetimes.keepLease(leaseId);
  }

  keepAlive(ghostId: string): boolean {
    return this.#lifetimes.keepGhost(ghostId);
  }

  ghosts(): (Ghost | GhostInfo)[] {
    const all = [...this.#state.ended.values(), ...this.#state.ghosts.values()];
    return all.sort((a, b) => b.beginPosition - a.beginPosition);
  }

  ghost(ghostId: string): Ghost | GhostInfo | Rejection {
    const ghost = liveGhost(this.#state, ghostId);
    return 'reason' in ghost ? (this.#state.ended.get(ghostId) ?? ghost) : ghost;
  }

  ghostRoot(...[ghostId, edition]: Parameters<Forest['ghostRoot']>): ReturnType<Forest['ghostRoot']> {
    const ghost = liveGhost(this.#state, ghostId);
    if ('reason' in ghost || edition === undefined) return ghost;
    return checkKnownEdition(ghost, edition) ?? ghost;
  }

  viewAt(revision: number): Promise<TrunkView | Rejection> {
    return this.#retained.viewAt(revision);
  }

  ghostsOf(author: string): number {
    return countOf(this.#state.ghosts.values(), author);
  }

  locksOf(author: string): number {
    return countOf(this.#state.locks.list(), author);
  }

  isRequestKnown(id: string): boolean {
    return this.#state.requests.find(id) !== undefined;
  }

  get schemas(): SchemaTable {
    return this.#state.schemas;
  }

  registerSchema(command: RegisterSchema, mapper: ValueMapper | null = null): Promise<Settled> {
    return this.#registrations.register(command, mapper);
  }

  setUnboundPaths(command: SetUnboundPaths): Promise<Settled> {
    return this.#registrations.setUnboundPaths(command);
  }

  trySchema(command: RegisterSchema, mapper: ValueMapper | null = null): Promise<TriedSchema | Rejection> {
    return this.#registrations.try(command, mapper);
  }

  schemasIn(ghostId: string): SchemaTable {
    return schemasIn(this.#state, this.#state.ghosts.get(ghostId) ?? null);
  }

  examineMigration(ghostId: string): Promise<void> | null {
    return this.#registrations.examineMigration(ghostId);
  }

  violationsIn(ghostId: string): Promise<readonly ValueProblem[]> {
    return this.#registrations.violationsIn(ghostId);
  }

  rootAt(revision: number): Promise<Root> {
    return this.#history.rootAt(revision);
  }

  readEvents(afterPosition: number, untilPosition: number): AsyncIterable<readonly ForestEvent[]> {
    return this.#retained.readEvents(afterPosition, untilPosition);
  }

  positionOf(revision: number): Promise<number | Rejection> {
    return this.#retained.positionOf(revision);
  }

  compact(revision: number, request: RequestKey | null): Promise<Compacted | Rejection> {
    const [journal, state, retained] = [this.#journal, this.#state, this.#retained];
    const [snapshots, provenance] = [this.#snapshots, this.provenance];
    const propose = this.propose.bind(this);
    const asked = revision === 0 ? this.#writes.view.revision : revision;
    if (this.#agreed !== null) return giveUpTogether({ state, retained, propose }, asked, request);
    const parts = { journal, history: this.#history, state, retained, snapshots, provenance, propose };
    return this.#compactions.next(() => giveUpHistory(parts, asked, request));
  }

  backup(position: number = this.#state.position): Promise<BackupSource | Rejection> {
    return backupAt(position, this.#state, this.#journal, this.#clock);
  }

  backupTail(place: TailPlace): Promise<BackupTail | Rejection | null> {
    return tailBehind(place, this.#journal);
  }

  async stateHash(): Promise<{ readonly hash: string; readonly position: number }> {
    const { position } = this.#state;
    return { hash: await resultInSlices(forestHashSteps(this.#state), this.#clock), position };
  }

  /** Makes everything durable, a snapshot that is being written included, and lets go of the journal. */
  async close(): Promise<void> {
    this.#journal.stopWaiting();
    this.#lifetimes.close();
    this.#lockWaits.close();
    this.#commits.close();
    await this.#agreed?.close();
    this.meters?.close();
    await this.provenance.close();
    await this.#snapshots.close();
    if (this.#writes.stopReason === '') await this.#journal.flush().catch(() => undefined);
    await this.#journal.close().catch(() => undefined);
  }

  #agreedParts(): AgreedParts {
    const [writes, state, history] = [this.#writes, this.#state, this.#history];
    const [lifetimes, retained, provenance] = [this.#lifetimes, this.#retained, this.provenance];
    const onHeldUp = (ghostId: string): void => this.#commits.tryLater(ghostId);
    return { writes, state, history, lifetimes, retained, provenance, onHeldUp, replica: this.newId() };
  }

  #listener(): WriteListener {
    const { behindAnswers = (work) => work() } = this.#options;
    return {
      onApplied: (command: Command, applied: Applied) => {
        this.#agreed?.onApplied(command, applied);
        if (this.#agreed !== null && command.kind === 'compact') void this.#retained.findOldestPosition();
        this.commands.onApplied(command, applied);
        this.#lifetimes.onApplied(command, applied);
        this.#lockWaits.onApplied(command, applied);
        this.#writeWaits.onApplied(command, applied);
        this.reviews.onApplied(command, applied);
        this.#commits.onApplied(command, applied);
        this.reverts.onApplied(command, applied);
      },
      onDurable: (entries: readonly Written[]) => {
        const events: ForestEvent[] = [];
        for (const { events: own } of entries) events.push(...own);
        if (events.length > 0) this.hub.publish(events);
        behindAnswers(() => {
          this.provenance.feed(entries);
          this.meters?.onDurable(entries);
          this.growth.tell();
        });
        this.#lockWaits.onDurable(entries);
        this.#writeWaits.onDurable(entries);
        this.reviews.onDurable(this.#writes.view.position);
      },
      onStop: (reason: string) => {
        this.#lifetimes.close();
        this.#commits.close();
        const message = `the journal takes no writes: ${reason}`;
        this.#commits.end(reject('JOURNAL_UNAVAILABLE', message, { cause: reason }));
        this.#options.onWriteStop(reason);
      },
    };
  }
}
