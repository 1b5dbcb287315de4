/**
 * One forest at work. The way of a write:
 *
 *   submit → apply (position, time, outcome) → journal buffer … durable → view moves → events, outcomes
 *
 * A command is applied in the tick in which it is submitted, so its place in the order is fixed there. What it did to the
 * trunk is shown to nobody before it is durable. What happens inside a ghost is told at once: losing an unfinished
 * speculation is the same as reverting it.
 */
import { AssertionError } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { pendingBytesMax, pendingEntriesMax } from '../base/limits.ts';
import { randomId } from '../base/random.ts';
import type { Random } from '../base/random.ts';
import { encodeRecord } from '../codec/record.ts';
import type { Journal } from '../journal/journal.ts';
import { apply } from '../state/apply.ts';
import type { Command } from '../state/command.ts';
import { eventsOf } from '../state/describe.ts';
import type { ForestEvent } from '../state/event.ts';
import type { Applied, ForestState, Past } from '../state/forest.ts';
import type { Ghost, GhostInfo, Root } from '../state/ghost.ts';
import { liveGhost } from '../state/ghost-table.ts';
import { checkRevision } from '../state/operate.ts';
import { operationsOf, revisionsNeeded, staysInGhost } from '../state/reach.ts';
import { reject } from '../state/outcome.ts';
import type { Rejection } from '../state/outcome.ts';
import { forestHashSteps } from '../state/state-hash.ts';
import { Hub } from '../subscriptions/hub.ts';
import { HistoryGone } from '../subscriptions/source.ts';
import type { TrunkView } from '../subscriptions/source.ts';
import type { Forest, ForestStatus, Settled } from './forest.ts';
import { History } from './history.ts';
import { inverseOf } from './inverse.ts';
import { PendingQueue } from './pending.ts';
import { recover } from './recovery.ts';
import { RetainedHistory } from './retained-history.ts';
import { SnapshotWriter } from './snapshot-writer.ts';
import { encodeInSlices, turn } from './snapshots.ts';
import { Timekeeper } from './timekeeper.ts';

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
}

export class LiveForest implements Forest {
  readonly name: string;
  readonly hub: Hub;
  readonly #options: LiveForestOptions;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #history: History;
  readonly #retained: RetainedHistory;
  readonly #timekeeper: Timekeeper;
  readonly #pending = new PendingQueue();
  readonly #state: ForestState;
  readonly #snapshots: SnapshotWriter;
  #view: TrunkView;
  #writeStopReason = '';

  private constructor(options: LiveForestOptions, history: History, state: ForestState) {
    this.name = options.name;
    this.#options = options;
    this.#journal = options.journal;
    this.#clock = options.clock;
    this.#history = history;
    this.#state = state;
    const { journal, clock, snapshotJournalBytes: journalBytes } = options;
    this.#snapshots = new SnapshotWriter({ journal, clock, state, journalBytes });
    this.#retained = new RetainedHistory(history, journal, state, () => this.#view);
    this.#view = { root: state.root, revision: state.revision, position: state.position };
    this.hub = new Hub({ clock: options.clock, recentEventsMax: options.recentEventsMax });
    this.hub.attach(this);
    const expire = (ghostId: string): void => this.#expire(ghostId);
    this.#timekeeper = new Timekeeper({ clock: options.clock, expire });
    for (const ghost of state.ghosts.values()) this.#timekeeper.watch(ghost.id, ghost.ttlMs);
    this.#journal.onDurable((position) => this.#durable(position));
    this.#journal.onFailure((failure) => this.#stopWrites(failure.message));
  }

  /** Recovers the forest from its journal. Throws `JournalDamage` or `CodecDamage` where that is not whole. */
  static async open(options: LiveForestOptions): Promise<LiveForest> {
    const history = new History(options.journal);
    const state = await recover(options.journal, history);
    const forest = new LiveForest(options, history, state);
    await forest.#retained.findOldestPosition();
    return forest;
  }

  get status(): ForestStatus {
    return {
      name: this.name,
      revision: this.#view.revision,
      compactedRevision: this.#state.compactedRevision,
      nodes: this.#view.root.count,
      ghosts: this.#state.ghosts.size,
      storedBytes: this.#journal.storedBytes,
      position: this.#state.position,
      durablePosition: this.#journal.durablePosition,
      snapshotPosition: this.#journal.snapshots().at(-1)?.position ?? 0,
      requestIds: this.#state.requests.size,
      writeStopReason: this.#writeStopReason,
    };
  }

  get appliedPosition(): number {
    return this.#state.position;
  }

  get oldestPosition(): number {
    return this.#retained.oldestPosition;
  }

  async durable(position: number): Promise<Rejection | null> {
    if (this.#journal.durablePosition < position) await this.#journal.flush().catch(() => undefined);
    return this.#journal.durablePosition < position ? this.#unavailable() : null;
  }

  view(): TrunkView {
    return this.#view;
  }

  submit(command: Command, settle: (settled: Settled) => void): void {
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
    const missing = needed.filter((revision) => this.#mustLoad(revision));
    if (missing.length === 0) this.#propose(command, settle, (revision) => this.#rootInMemory(revision));
    else void this.#proposeWithHistory(command, settle, missing);
  }

  propose(command: Command): Promise<Settled> {
    return new Promise((resolve) => {
      this.submit(command, resolve);
    });
  }

  newGhostId(): string {
    return randomId(this.#options.random);
  }

  keepAlive(ghostId: string): boolean {
    this.#timekeeper.touch(ghostId);
    return this.#state.ghosts.has(ghostId);
  }

  ghosts(): (Ghost | GhostInfo)[] {
    const all = [...this.#state.ended.values(), ...this.#state.ghosts.values()];
    return all.sort((a, b) => b.beginPosition - a.beginPosition);
  }

  ghost(ghostId: string): Ghost | GhostInfo | Rejection {
    const ghost = liveGhost(this.#state, ghostId);
    return 'reason' in ghost ? (this.#state.ended.get(ghostId) ?? ghost) : ghost;
  }

  ghostRoot(ghostId: string): { readonly root: Root; readonly baseRevision: number } | Rejection {
    return liveGhost(this.#state, ghostId);
  }

  viewAt(revision: number): Promise<TrunkView | Rejection> {
    return this.#retained.viewAt(revision);
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

  async revertRevision(
    revision: number,
    reason: string,
    author: string,
    request: Command['request'],
  ): Promise<Settled> {
    const position = await this.positionOf(revision);
    if (typeof position !== 'number') return { outcome: position, repeated: false };
    const { compactedRevision } = this.#state;
    const tooOld = revision === 0 || revision - 1 < compactedRevision;
    if (tooOld && revision !== 1) return { outcome: this.#retained.compacted(revision - 1), repeated: false };
    const [before, after] = [await this.rootAt(revision - 1), await this.rootAt(revision)];
    const changes: ForestEvent['changes'][number][] = [];
    for await (const events of this.readEvents(position - 1, position)) {
      for (const event of events) if (event.revision === revision) changes.push(...event.changes);
    }
    const { operations, preconditions } = inverseOf(revision, changes, before, after);
    return this.propose({
      kind: 'revert_revision',
      revision,
      operations,
      preconditions,
      reason,
      author,
      request,
    });
  }

  async compact(revision: number): Promise<{ compactedRevision: number; freedBytes: number } | Rejection> {
    const asked = revision === 0 ? this.#view.revision : revision;
    const { outcome } = await this.propose({ kind: 'compact', revision: asked, author: '', request: null });
    if (outcome.kind === 'rejected') return outcome;
    await this.#retained.findOldestPosition();
    const before = this.#journal.storedBytes;
    // The snapshot holds that history was given up, so no replay from it on will ask for what is freed now.
    try {
      await this.#snapshots.write();
      await this.#journal.releaseBefore(this.#retained.oldestPosition);
    } catch (error) {
      if (error instanceof AssertionError) throw error;
      const cause = error instanceof Error ? error.message : String(error);
      const message = `history is given up, but the disk did not let go of it: ${cause}. Compact again later`;
      return reject('JOURNAL_UNAVAILABLE', message, { cause });
    }
    const freedBytes = Math.max(0, before - this.#journal.storedBytes);
    return { compactedRevision: this.#state.compactedRevision, freedBytes };
  }

  backup(): { readonly revision: number; readonly chunks: AsyncIterable<Uint8Array> } {
    const { revision } = this.#state;
    const chunks = encodeInSlices(this.#state, this.#clock);
    const journal = this.#journal;
    async function* durable(): AsyncGenerator<Uint8Array> {
      await journal.flush();
      yield* chunks;
    }
    return { revision, chunks: durable() };
  }

  async stateHash(): Promise<{ readonly hash: string; readonly position: number }> {
    const { position } = this.#state;
    const steps = forestHashSteps(this.#state);
    let startMs = this.#clock.monotonicMs();
    for (;;) {
      const step = steps.next();
      if (step.done === true) return { hash: step.value, position };
      if (this.#clock.monotonicMs() - startMs < 4) continue;
      await turn(this.#clock);
      startMs = this.#clock.monotonicMs();
    }
  }

  /** Makes everything durable, writes a snapshot if that will save time at the next start, and lets go of the journal. */
  async close(): Promise<void> {
    this.#timekeeper.close();
    await this.#snapshots.idle();
    if (this.#writeStopReason === '') await this.#journal.flush().catch(() => undefined);
    await this.#journal.close().catch(() => undefined);
  }

  #mustLoad(revision: number): boolean {
    const { compactedRevision, revision: newest } = this.#state;
    const willBeRefused = revision > newest || revision < compactedRevision;
    const isAtHand = revision === newest || revision === this.#view.revision;
    return !willBeRefused && !isAtHand && this.#history.find(revision) === undefined;
  }

  #rootInMemory(revision: number): Root {
    if (revision === this.#state.revision) return this.#state.root;
    const root = revision === this.#view.revision ? this.#view.root : this.#history.find(revision);
    if (root === undefined) throw new AssertionError(`the root of revision ${revision} was not loaded`);
    return root;
  }

  async #proposeWithHistory(
    command: Command,
    settle: (settled: Settled) => void,
    missing: readonly number[],
  ): Promise<void> {
    const loaded = new Map<number, Root>();
    try {
      for (const revision of missing) loaded.set(revision, await this.#history.rootAt(revision));
    } catch (error) {
      if (!(error instanceof HistoryGone)) throw error;
      settle({ outcome: this.#retained.compacted(0), repeated: false });
      return;
    }
    this.#propose(command, settle, (revision) => loaded.get(revision) ?? this.#rootInMemory(revision));
  }

  #propose(command: Command, settle: (settled: Settled) => void, past: Past): void {
    const refusal = this.#refusal();
    if (refusal !== null) {
      settle({ outcome: refusal, repeated: false });
      return;
    }
    const state = this.#state;
    const timeMs = Math.max(state.timeMs, this.#clock.nowMs());
    const proposal = { position: state.position + 1, timeMs, command };
    const isGhostly = staysInGhost(state, command);
    const applied = apply(state, proposal, past);
    const { outcome, repeated } = applied;
    if (applied.effects.revision !== 0)
      this.#history.remember(state.revision, state.root, operationsOf(command, applied.effects));
    const events = applied.recorded ? eventsOf(proposal, applied.effects, applied.roots) : [];
    const bytes = applied.recorded ? this.#append(encodeRecord(proposal, applied.effects), isGhostly) : 0;
    if (this.#writeStopReason !== '') {
      // The journal did not take it, and what waited has been told already.
      settle({ outcome: this.#unavailable(), repeated: false });
      return;
    }
    this.#watchGhosts(command, applied);
    const durable = isGhostly || this.#journal.durablePosition >= state.position;
    if (!durable || applied.recorded) {
      const tell = (whether: boolean): void =>
        settle({ outcome: whether ? outcome : this.#unavailable(), repeated });
      const { position, root, revision } = state;
      this.#pending.push({ position, root, revision, events, bytes, settle: durable ? null : tell });
    }
    if (durable) settle({ outcome, repeated });
  }

  /** Why nothing can be taken now, or `null`. */
  #refusal(): Rejection | null {
    if (this.#writeStopReason !== '') return this.#unavailable();
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

  /** Returns the size of the record. */
  #append(record: Uint8Array, isGhostly: boolean): number {
    const bytes = record.length;
    this.#snapshots.grew(bytes);
    try {
      this.#journal.append(record, isGhostly ? 'lazy' : 'sync');
    } catch (error) {
      this.#stopWrites(error instanceof Error ? error.message : String(error));
    }
    return bytes;
  }

  #watchGhosts(command: Command, applied: Applied): void {
    if (!('ghostId' in command) || command.ghostId === '' || applied.outcome.kind === 'rejected') return;
    if (command.kind === 'begin_ghost') this.#timekeeper.watch(command.ghostId, command.ttlMs);
    else this.#timekeeper.touch(command.ghostId);
    if (!this.#state.ghosts.has(command.ghostId)) this.#timekeeper.release(command.ghostId);
    for (const ghostId of applied.effects.endedGhostIds) this.#timekeeper.release(ghostId);
  }

  #expire(ghostId: string): void {
    if (!this.#state.ghosts.has(ghostId)) this.#timekeeper.release(ghostId);
    else this.submit({ kind: 'expire_ghost', ghostId, author: '', request: null }, () => undefined);
  }

  #durable(position: number): void {
    const done = this.#pending.takeUntil(position);
    const last = done.at(-1);
    if (last === undefined) return;
    this.#view = { root: last.root, revision: last.revision, position: last.position };
    const events: ForestEvent[] = [];
    for (const { events: own } of done) events.push(...own);
    if (events.length > 0) this.hub.publish(events);
    for (const { settle } of done) settle?.(true);
    this.#snapshots.writeIfDue();
  }

  #stopWrites(reason: string): void {
    if (this.#writeStopReason !== '') return;
    this.#writeStopReason = reason;
    this.#timekeeper.close();
    this.#options.onWriteStop(reason);
    for (const { settle } of this.#pending.takeUntil(Infinity)) settle?.(false);
  }

  #unavailable(): Rejection {
    const cause = this.#writeStopReason;
    const message = `the journal takes no writes: ${cause}. Whether this one survived is known after a restart; repeat it then`;
    return reject('JOURNAL_UNAVAILABLE', message, { cause });
  }
}
