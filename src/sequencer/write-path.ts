/**
 * The way of a write through one forest:
 *
 *   submit → apply (position, time, outcome) → journal buffer … durable → view moves → events, outcomes
 *
 * A command is applied in the tick in which it is submitted, so its place in the order is fixed there. What it did to the
 * trunk is shown to nobody before it is durable. What happens inside a ghost is told at once: losing an unfinished
 * speculation is the same as reverting it. So is a farewell, the end of a lease with its locks: losing it is the same as the
 * owner's vanishing.
 */
import { AssertionError } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { pendingBytesMax, pendingEntriesMax } from '../base/limits.ts';
import { encodeRecord } from '../codec/record.ts';
import type { Commit, Durability, Journal } from '../journal/journal.ts';
import { apply } from '../state/apply.ts';
import type { Command } from '../state/command.ts';
import { eventsOf } from '../state/describe.ts';
import type { Applied, ForestState, Past } from '../state/forest.ts';
import type { Root } from '../state/ghosts/ghost.ts';
import type { Judge } from '../state/schemas/judge.ts';
import { checkRevision } from '../state/values/operate.ts';
import { isFarewell, isUnawaited, operationsOf, revisionsNeeded, staysInGhost } from '../state/reach.ts';
import { reject } from '../state/outcome.ts';
import type { Reason, Rejection } from '../state/outcome.ts';
import { HistoryGone } from '../subscriptions/source.ts';
import type { TrunkView } from '../subscriptions/source.ts';
import { DiskRoom, makesRoom } from './disk-room.ts';
import { beyondAuthor, beyondBytes, boundedJudge, unbounded, type ForestBounds } from './forest-quota.ts';
import type { Objection, Settle } from './settled.ts';
import type { History } from './history.ts';
import { PendingQueue } from './pending.ts';
import type { Pending, Written } from './pending.ts';
import { historyGivenUp } from './retained-history.ts';
import type { SnapshotWriter } from './snapshot-writer.ts';
import type { Told, WriteTraces } from './write-trace.ts';

/** Those who act on what was written: they keep owners' deadlines, wake who waits, hand out events. */
export interface WriteListener {
  /** In the tick in which a command was applied. What it submits in turn is applied behind it. */
  onApplied(command: Command, applied: Applied): void;
  /** The view has moved: these entries are durable. Called before their callers are answered. */
  onDurable(entries: readonly Written[]): void;
  /** Nothing can be written any more. */
  onStop(reason: string): void;
}

export interface WritePathOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly history: History;
  readonly state: ForestState;
  readonly snapshots: SnapshotWriter;
  readonly listener: WriteListener;
  readonly judge: Judge;
  /** What is known of the disk. Without it only the journal says that it is full. */
  readonly diskRoom?: DiskRoom | undefined;
  /** What the forest may grow to, as of now. Default: as much as there is room for. */
  readonly bounds?: (() => ForestBounds) | undefined;
  /** Names this run of the broker in the editions of ghosts. */
  readonly run: number;
  /** `null`: nobody traces anything. */
  readonly traces: WriteTraces | null;
  /** Told how long it took until a command that waited for the disk was durable. */
  readonly onWritten: (durationMs: number) => void;
}

/** Who put a command into an agreed log, and when. */
export interface Origin {
  readonly timeMs: number;
  readonly run: number;
  /** When it was submitted here, in the clock's monotonic milliseconds; `null` where nobody here has asked for it. */
  readonly submittedMs: number | null;
  /** How many nodes the trunk may have, as who put it there says. */
  readonly nodesMax: number;
}

export class WritePath {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #history: History;
  readonly #state: ForestState;
  readonly #snapshots: SnapshotWriter;
  readonly #listener: WriteListener;
  readonly #judge: Judge;
  readonly #boundedJudge: Judge;
  readonly #diskRoom: DiskRoom;
  readonly #bounds: () => ForestBounds;
  readonly #run: number;
  readonly #traces: WriteTraces | null;
  readonly #onWritten: (durationMs: number) => void;
  readonly #pending = new PendingQueue();
  #view: TrunkView;
  #stopReason = '';

  constructor(options: WritePathOptions) {
    const { state } = options;
    this.#journal = options.journal;
    this.#clock = options.clock;
    this.#history = options.history;
    this.#state = state;
    this.#snapshots = options.snapshots;
    this.#listener = options.listener;
    this.#judge = options.judge;
    this.#diskRoom = options.diskRoom ?? new DiskRoom();
    this.#bounds = options.bounds ?? (() => unbounded);
    this.#boundedJudge = boundedJudge(this.#judge, () => this.#bounds().nodes);
    this.#run = options.run;
    this.#traces = options.traces;
    this.#onWritten = options.onWritten;
    this.#view = { root: state.root, revision: state.revision, position: state.position };
    this.#journal.onDurable((position, commit) => this.#durable(position, commit));
    this.#journal.onFailure((failure) => this.#stop(failure.message));
  }

  /** The newest durable state. */
  get view(): TrunkView {
    return this.#view;
  }

  /** Why nothing can be written; empty while it can. */
  get stopReason(): string {
    return this.#stopReason;
  }

  /** What waits for the disk. */
  get pending(): { readonly pendingEntries: number; readonly pendingBytes: number } {
    return { pendingEntries: this.#pending.length, pendingBytes: this.#pending.bytes };
  }

  get bounds(): ForestBounds {
    return this.#bounds();
  }

  /** Why clients' writes are refused until the disk has room again; `null` while it has. */
  get diskRefusal(): Rejection | null {
    return this.#diskRoom.refusal(this.#journal.lacksRoom);
  }

  /** Resolves once everything up to an applied position is durable; with a rejection if it never will be. */
  async durable(position: number): Promise<Rejection | null> {
    if (this.#journal.durablePosition < position) await this.#journal.flush().catch(() => undefined);
    return this.#journal.durablePosition < position ? this.#unavailable() : null;
  }

  /** Proposes a command. `settle` is called once, when its outcome may be told, possibly before this returns. */
  submit(command: Command, settle: Settle, objection: Objection | null = null): void {
    const submittedMs = this.#clock.monotonicMs();
    const needed = revisionsNeeded(this.#state, command);
    const early = needed.find(
      (revision) => revision > this.#view.revision && staysInGhost(this.#state, command),
    );
    if (early !== undefined) {
      // A ghost is answered at once, so it must not show what a crash could still take away.
      const refused = checkRevision(early, this.#view.revision, 0);
      if (refused !== null) settle({ outcome: refused, repeated: false });
      return;
    }
    const past: Past = (revision) => this.#rootInMemory(revision);
    if (!needed.some((revision) => this.#mustLoad(revision)))
      this.#propose(command, submittedMs, settle, past, null, objection);
    else void this.#proposeWithHistory(command, submittedMs, settle, objection);
  }

  /**
   * Applies a command at the place that an agreed log gave it. Nothing can refuse it here but the state: what one replica refuses, all must. A
   * promise where the past has to be loaded first; nothing else may be placed before it resolves.
   */
  place(command: Command, origin: Origin, settle: Settle): Promise<void> | null {
    const missing = revisionsNeeded(this.#state, command).filter((revision) => this.#mustLoad(revision));
    if (missing.length > 0) return this.#placeWithHistory(command, origin, settle, missing);
    const submittedMs = origin.submittedMs ?? this.#clock.monotonicMs();
    this.#propose(command, submittedMs, settle, (revision) => this.#rootInMemory(revision), origin);
    return null;
  }

  /** Whether {@link place} would have to load the past. */
  needsPast(command: Command): boolean {
    return revisionsNeeded(this.#state, command).some((revision) => this.#mustLoad(revision));
  }

  async #placeWithHistory(
    command: Command,
    origin: Origin,
    settle: Settle,
    missing: readonly number[],
  ): Promise<void> {
    const loaded = new Map<number, Root>();
    for (const revision of missing) loaded.set(revision, await this.#history.replayableRootAt(revision));
    const past: Past = (revision) => loaded.get(revision) ?? this.#rootInMemory(revision);
    this.#propose(command, origin.submittedMs ?? this.#clock.monotonicMs(), settle, past, origin);
  }

  #mustLoad(revision: number): boolean {
    const { compactedRevision, revision: newest } = this.#state;
    if (revision > newest || revision < compactedRevision) return false;
    if (revision === newest) return false;
    if (this.#history.releases.isDoubtful(revision)) return true;
    return revision !== this.#view.revision && this.#history.find(revision) === undefined;
  }

  #rootInMemory(revision: number): Root {
    if (revision === this.#state.revision) return this.#state.root;
    const root = revision === this.#view.revision ? this.#view.root : this.#history.find(revision);
    if (root === undefined) throw new AssertionError(`the root of revision ${revision} was not loaded`);
    return root;
  }

  async #proposeWithHistory(
    command: Command,
    submittedMs: number,
    settle: Settle,
    objection: Objection | null,
  ): Promise<void> {
    const loaded = new Map<number, Root>();
    const { releases } = this.#history;
    // What is needed can change meanwhile, and a release that begins makes what was loaded doubtful again.
    const missing = (): number[] =>
      revisionsNeeded(this.#state, command).filter(
        (revision) => this.#mustLoad(revision) && (releases.isDoubtful(revision) || !loaded.has(revision)),
      );
    try {
      for (let next = missing(); next.length > 0; next = missing()) {
        // Old roots are made anew out of the journal, which tells of nothing that is not durable.
        const isAhead = next.some((revision) => revision > this.#view.revision);
        const refused = isAhead ? await this.durable(this.#state.position) : null;
        if (refused !== null) {
          settle({ outcome: refused, repeated: false });
          return;
        }
        for (const revision of next) loaded.set(revision, await this.#history.replayableRootAt(revision));
      }
    } catch (error) {
      settle({ outcome: this.#pastRefusal(error), repeated: false });
      return;
    }
    const past: Past = (revision) => loaded.get(revision) ?? this.#rootInMemory(revision);
    this.#propose(command, submittedMs, settle, past, null, objection);
  }

  /** Why what lies in the past cannot be had. Damage is no reason to refuse, but one to stop. */
  #pastRefusal(error: unknown): Rejection {
    if (error instanceof HistoryGone) return historyGivenUp(this.#state, 0);
    if (!(error instanceof Error && 'code' in error)) throw error;
    const message = `the disk does not give what the journal holds of the past: ${error.message}`;
    return reject('JOURNAL_UNAVAILABLE', message, { cause: error.message });
  }

  #propose(
    command: Command,
    submittedMs: number,
    settle: Settle,
    past: Past,
    origin: Origin | null = null,
    objection: Objection | null = null,
  ): void {
    const mayRefuse = origin === null || this.#stopReason !== '';
    const refusal = objection?.() ?? (mayRefuse ? this.#refusal(command) : null);
    if (refusal !== null) {
      settle({ outcome: refusal, repeated: false });
      return;
    }
    const state = this.#state;
    const isOwn = origin === null || origin.submittedMs !== null;
    const trace = isOwn ? (this.#traces?.begin(command, submittedMs) ?? null) : null;
    const { timeMs: nowMs, run } = origin ?? { timeMs: this.#clock.nowMs(), run: this.#run };
    const timeMs = Math.max(state.timeMs, nowMs);
    const proposal = { position: state.position + 1, timeMs, run, command };
    const isGhostly = staysInGhost(state, command);
    const applied = apply(state, proposal, past, this.#judgeFor(origin));
    const { outcome, repeated } = applied;
    if (applied.effects.revision !== 0)
      this.#history.remember(state.revision, state.root, operationsOf(command, applied.effects));
    const events = applied.recorded ? eventsOf(proposal, applied.effects, applied.roots) : [];
    const isAtOnce = isGhostly || isFarewell(state, command, applied);
    const durability = isAtOnce && isUnawaited(applied.effects) ? 'lazy' : 'sync';
    if (trace !== null) trace.appliedMs = this.#clock.monotonicMs();
    const bytes = applied.recorded ? this.#append(encodeRecord(proposal, applied.effects), durability) : 0;
    if (this.#stopReason !== '') {
      // The journal did not take it, and what waited has been told already.
      settle({ outcome: this.#unavailable(), repeated: false });
      return;
    }
    // A lock that is in the way of a ghost's write may not be told of before it is durable.
    const isFenced = outcome.kind === 'rejected' && fencedReasons.has(outcome.reason);
    const durable = (isAtOnce && !isFenced) || this.#journal.durablePosition >= state.position;
    if (!durable || applied.recorded) {
      const tell = (whether: boolean): void =>
        settle({ outcome: whether ? outcome : this.#unavailable(), repeated });
      const { position, root, revision } = state;
      const { effects } = applied;
      this.#pending.push({
        position,
        root,
        revision,
        events,
        effects,
        proposal: applied.recorded ? proposal : null,
        bytes,
        settle: durable || !isOwn ? null : tell,
        submittedMs,
        trace: applied.recorded ? trace : null,
      });
    }
    // A refusal made no entry that would hurry the disk.
    if (!durable && !applied.recorded) void this.#journal.flush().catch(() => undefined);
    this.#listener.onApplied(command, applied);
    if (durable) settle({ outcome, repeated });
  }

  /** Replicas may be told different bounds, and must come to the same: theirs go along with the command. */
  #judgeFor(origin: Origin | null): Judge {
    if (origin === null) return this.#boundedJudge;
    const { nodesMax } = origin;
    return nodesMax === Infinity ? this.#judge : boundedJudge(this.#judge, () => nodesMax);
  }

  /** Why nothing can be taken now, or `null`. */
  #refusal(command: Command): Rejection | null {
    if (this.#stopReason !== '') return this.#unavailable();
    const { diskRefusal } = this;
    if (diskRefusal !== null && !makesRoom(command) && !this.#isRepetition(command)) return diskRefusal;
    const { bounds } = this;
    if (bounds.bytes !== Infinity) {
      const beyond = beyondBytes(this.#state, this.#journal, bounds, command);
      if (beyond !== null && !this.#isRepetition(command)) return beyond;
    }
    const crowd = beyondAuthor(this.#state, command);
    if (crowd !== null && !this.#isRepetition(command)) return crowd;
    if (this.#pending.bytes < pendingBytesMax && this.#pending.length < pendingEntriesMax) return null;
    const [limit, maximum] =
      this.#pending.bytes < pendingBytesMax
        ? ['pendingEntriesMax', pendingEntriesMax]
        : ['pendingBytesMax', pendingBytesMax];
    return reject('QUOTA_EXCEEDED', `the disk is ${maximum} behind (${limit}); try again`, {
      limit,
      maximum,
    });
  }

  /** It writes nothing: what came of it is remembered. */
  #isRepetition({ request }: Command): boolean {
    return request !== null && this.#state.requests.find(request.id) !== undefined;
  }

  /** Returns the size of the record. */
  #append(record: Uint8Array, durability: Durability): number {
    const bytes = record.length;
    this.#snapshots.grew(bytes);
    try {
      this.#journal.append(record, durability);
    } catch (error) {
      this.#stop(error instanceof Error ? error.message : String(error));
    }
    return bytes;
  }

  #durable(position: number, commit: Commit | undefined): void {
    const done = this.#pending.takeUntil(position);
    const last = done.at(-1);
    if (last === undefined) return;
    const durableMs = this.#clock.monotonicMs();
    this.#view = { root: last.root, revision: last.revision, position: last.position };
    this.#listener.onDurable(done);
    const deliveredMs = this.#traces === null ? durableMs : this.#clock.monotonicMs();
    for (const { settle, submittedMs } of done) {
      if (settle === null) continue;
      settle(true);
      this.#onWritten(durableMs - submittedMs);
    }
    this.#tellTraces(done, { entries: done.length, commit, durableMs, deliveredMs });
    this.#snapshots.writeIfDue();
  }

  #tellTraces(done: readonly Pending[], told: Told): void {
    if (this.#traces === null) return;
    for (const { trace, position, revision } of done)
      if (trace !== null) this.#traces.end(trace, position, revision, told);
  }

  #stop(reason: string): void {
    if (this.#stopReason !== '') return;
    this.#stopReason = reason;
    this.#listener.onStop(reason);
    for (const { settle } of this.#pending.takeUntil(Infinity)) settle?.(false);
  }

  #unavailable(): Rejection {
    const cause = this.#stopReason;
    const message = `the journal takes no writes: ${cause}. Whether this one survived is known after a restart; repeat it then`;
    return reject('JOURNAL_UNAVAILABLE', message, { cause });
  }
}

const fencedReasons: ReadonlySet<Reason> = new Set([
  'LOCKED',
  'STALE_FENCING_TOKEN',
  'NOT_LOCK_OWNER',
  'BASIS_REVERTED',
]);
