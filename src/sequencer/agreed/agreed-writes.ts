/**
 * The way of a write through a forest that several brokers share:
 *
 *   submit → the next entry … the log gives it a place … every replica: apply (position, outcome) → view moves → events, outcomes
 *
 * One entry is on its way at a time, and holds what was submitted while the one before it was: what group commit is to a disk. A replica applies
 * all entries in the log's order, its own like those of others, and answers its own callers in that tick. Whatever was decided before an entry had
 * its place may not hold any more there, so nothing but the state decides what comes of a command.
 *
 * Where the log does not answer within a second, callers are told that it is away. The entry on its way is still tried: it may have been stored
 * already. Its callers learn what came of it by their request ids.
 */
import {
  agreedEntryBytes,
  agreedLookMs,
  agreementGraceMs,
  agreementMsMax,
  appendPauseMs,
  startProgressMs,
} from '../../base/limits.ts';
import { pause } from '../../base/clock.ts';
import { turn } from '../../base/slices.ts';
import { decodeAgreedEntry, encodeAgreedCommand, encodeAgreedEntry } from '../../codec/agreed-entry.ts';
import type { AgreedBounds, AgreedEntry, SnapshotTaken } from '../../codec/agreed-entry.ts';
import { boundsFormat, ownFormats } from '../../codec/agreed-format.ts';
import type { Formats } from '../../codec/agreed-format.ts';
import { AgreedLogClosed } from '../../journal/agreed-log.ts';
import type { Command } from '../../state/command.ts';
import type { Applied, ForestState } from '../../state/forest.ts';
import type { Rejection } from '../../state/outcome.ts';
import { boundsOf } from '../forest-quota.ts';
import type { Settled } from '../settled.ts';
import { AgreedRoom, commitOf, isWorkedOutFromAll } from './agreed-room.ts';
import type { AgreedWritesOptions } from './agreed-writes-options.ts';
import type { Flight } from './flight.ts';
import { FormatTurns } from './format-turns.ts';
import { away, notYetKnown, outlived, overtaken, tooFarBehind, tooLarge } from './log-refusals.ts';
import type { LogTable } from './log-table.ts';
import { obstacleOf } from './obstacle.ts';
import { entryOverheadBytes, Outbox } from './outbox.ts';
import { RestoreTurns } from './restore-turns.ts';
import { SnapshotTurns } from './snapshot-turns.ts';

/** How long entries are applied before others have their turn. */
const sliceMs = 4;
const closedReason = 'the broker stops, or the forest was just restored';

export class AgreedWrites {
  readonly restores: RestoreTurns;
  /** What can be said in the log. */
  readonly format: LogTable['format'];
  readonly #options: AgreedWritesOptions;
  readonly #state: ForestState;
  readonly #table: LogTable;
  readonly #outbox = new Outbox();
  #barriers: ((refused: Rejection | null) => void)[] = [];
  readonly #living = new Set<string>();
  readonly #snapshots: SnapshotTurns;
  readonly #room: AgreedRoom;
  readonly #formats: Formats;
  readonly #formatTurns: FormatTurns;
  /** The entry that is not known to be stored yet. */
  #flight: Flight | null = null;
  /** Entries of ours that were not applied yet, by number. */
  readonly #flights = new Map<number, Flight>();
  #number = 0;
  #isScheduled = false;
  #awayReason = '';
  #isClosed = false;
  #sequence: number;
  #isStarting = true;
  /** What was acknowledged to anybody before this moment has been applied here. */
  #seenMs = -Infinity;

  constructor(options: AgreedWritesOptions) {
    this.#options = options;
    [this.#state, this.#table, this.format] = [options.state, options.table, options.table.format];
    this.#sequence = options.sequence;
    const { table, sharing, replica, snapshotBytes: bytesMin, formats = ownFormats } = options;
    const schedule = (): void => this.#schedule();
    this.#snapshots = new SnapshotTurns({ table, sharing, replica, bytesMin, schedule });
    this.#room = new AgreedRoom(options.state, table);
    this.restores = new RestoreTurns({ ...options, schedule, refusal: () => this.#refusal() });
    this.#formats = formats;
    this.#formatTurns = new FormatTurns({ ...options, format: this.format, known: formats.known, schedule });
  }

  /** Why nothing is taken at the moment; empty while it is. */
  get awayReason(): string {
    return this.#awayReason;
  }

  /** The sequence of the newest entry that was applied. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Applies all that the log holds, and from then on what comes. Resolves when nothing is left of what was there at the call. */
  async start(): Promise<void> {
    const following = this.#follow();
    following.catch((error: unknown) => {
      if (!this.#isClosed) this.#options.onFatal(error);
    });
    // A log that is only looked at ends, and takes nothing.
    let hasEnded = false;
    const ended = following.then(() => {
      hasEnded = true;
      return null;
    });
    ended.catch(() => undefined);
    for (;;) {
      const refused = await Promise.race([this.barrier(), ended]);
      if (refused === null || hasEnded || this.#isClosed) break;
      await pause(this.#options.clock, appendPauseMs);
    }
    this.#isStarting = false;
    if (!this.#isClosed) this.#formatTurns.start();
  }

  /** Proposes a command. Remembered as nothing: one that `givesWay`, to a lock of others; and one `atRevision`, where the trunk is another one (0: any). */
  submit(command: Command, settle: (settled: Settled) => void, givesWay = false, atRevision = 0): void {
    if (this.#takes(settle)) this.#add(command, settle, { givesWay, atRevision });
  }

  /**
   * Proposes what `make` works out from the state as it is when the next entry goes: first in it, so that nothing of this broker comes in between. Where
   * that of others does, or it cannot be said at once (`null`), it is answered as `overtaken`.
   */
  submitLate(make: () => Command | null, settle: (settled: Settled) => void, givesWay = false): void {
    if (this.#takes(settle)) this.#outbox.addLate({ make, settle, givesWay });
  }

  /** Whether something more may wait for the next entry; where not, that is answered. */
  #takes(settle: (settled: Settled) => void): boolean {
    const refused = this.#refusal();
    if (refused === null) this.#schedule();
    else settle({ outcome: refused, repeated: false });
    return refused === null;
  }

  #add(
    command: Command,
    settle: (settled: Settled) => void,
    { givesWay = false, atRevision = 0, isFirst = false },
  ): void {
    const { format: inForce } = this.#table.format.inForce;
    // What is worked out as the entry goes holds for what is there then.
    const atPosition = isFirst || isWorkedOutFromAll(command) ? this.#state.position : 0;
    const format = Math.max(this.#formats.of(command), atRevision + atPosition === 0 ? 0 : boundsFormat);
    if (format > inForce) {
      settle({ outcome: notYetKnown(format, inForce), repeated: false });
      return;
    }
    const record = encodeAgreedCommand(command);
    const bounds = inForce < boundsFormat ? null : boundsOf(this.#options.writes.bounds, command);
    // It is looked at again at its place. What is refused there has been stored all the same.
    const beyond = this.#room.lacksBytes(command, bounds, record.length);
    const { entryBytesMax } = this.#options.log;
    const isTooLarge = record.length + entryOverheadBytes > entryBytesMax;
    if (beyond !== null || isTooLarge) {
      settle({ outcome: beyond ?? tooLarge(record.length, entryBytesMax), repeated: false });
      return;
    }
    const isEnd = command.kind === 'expire_ghost' || command.kind === 'expire_lease';
    const seenSequence = isEnd ? this.#sequence : 0;
    const submittedMs = this.#options.clock.monotonicMs();
    const how = { givesWay, seenSequence, bounds, atRevision, atPosition };
    this.#outbox.add({ command, record, ...how, submittedMs, settle }, isFirst);
  }

  /** Resolves once this replica has applied everything that was in the log at the call; with a rejection where the log is away. */
  barrier(): Promise<Rejection | null> {
    const refused = this.#refusal();
    if (refused !== null) return Promise.resolve(refused);
    return new Promise((resolve) => {
      this.#barriers.push(resolve);
      this.#schedule();
    });
  }

  /** How long ago this replica knew at last that it had applied all that was acknowledged. Looks anew where that is long ago. */
  ageMs(): number {
    const ageMs = this.#options.clock.monotonicMs() - this.#seenMs;
    if (ageMs > agreedLookMs && this.#flight === null && this.#barriers.length === 0) void this.barrier();
    return ageMs;
  }

  /** Passes on that an owner of a ghost or lease is there. */
  sign(id: string): void {
    if (this.#refusal() !== null) return;
    this.#living.add(id);
    this.#schedule();
  }

  /** Puts into the log that a snapshot is there. */
  announce(taken: SnapshotTaken): void {
    this.#snapshots.announce(taken);
  }

  /** In the tick in which a command was applied. */
  onApplied(command: Command, applied: Applied): void {
    this.#table.onApplied(command, applied, this.#sequence);
    if (command.kind === 'compact' && !applied.effects.rejected) this.#snapshots.want();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#formatTurns.close();
    this.#options.sharing.close();
    this.#giveUp(closedReason);
    await this.#options.log.close();
  }

  #refusal(): Rejection | null {
    const { writes, log } = this.#options;
    if (this.#isClosed) return away(closedReason, false);
    if (writes.stopReason !== '') return away(writes.stopReason, false);
    if (this.#awayReason !== '') return away(this.#awayReason, false);
    return this.#outbox.isFull ? tooFarBehind(this.#outbox.bytes, log.entryBytesMax) : null;
  }

  /** What is submitted in one turn goes together. */
  #schedule(): void {
    if (this.#isScheduled || this.#flight !== null) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      if (this.#flight === null && !this.#isClosed) this.#send();
    });
  }

  #send(): void {
    const { clock, log, replica } = this.#options;
    // What is worked out now has to see all that is ours.
    if (this.#outbox.hasLate && this.#flights.size > 0) return;
    this.#workOut();
    const count = this.#outbox.size + this.#barriers.length + this.#living.size;
    const tellers = [this.#snapshots, this.#formatTurns, this.restores];
    if (count === 0 && !tellers.some(({ hasNews }) => hasNews)) return;
    const items = this.#outbox.take(Math.min(agreedEntryBytes, log.entryBytesMax - entryOverheadBytes));
    this.#number += 1;
    const number = this.#number;
    const startMs = clock.monotonicMs();
    const standing = { timer: null, isGivenUp: false };
    const flight: Flight = { number, items, barriers: this.#barriers, startMs, ...standing };
    const formats = this.#formatTurns.takeNews();
    const news = { ...this.#snapshots.takeNews(), formats, ...this.restores.takeNews() };
    const { format } = this.#table.format.inForce;
    const entry = { replica, number, commands: items, living: [...this.#living], ...news };
    this.#barriers = [];
    this.#living.clear();
    this.#flight = flight;
    this.#flights.set(number, flight);
    flight.timer = clock.setTimer(agreementMsMax, () => this.#late(flight));
    log.append(`${replica}-${number}`, encodeAgreedEntry(entry, format)).then(
      () => this.#stored(flight),
      (error: unknown) => {
        if (!(error instanceof AgreedLogClosed)) this.#options.onFatal(error);
      },
    );
  }

  #workOut(): void {
    for (const { make, settle, givesWay } of this.#outbox.takeLate()) {
      const command = make();
      if (command === null) settle({ outcome: overtaken, repeated: false });
      else this.#add(command, settle, { givesWay, isFirst: true });
    }
  }

  /** The log has it: the next one may go, and whoever was told that the log is away may come again. */
  #stored(flight: Flight): void {
    flight.timer?.cancel();
    if (this.#flight !== flight) return;
    this.#flight = null;
    if (this.#awayReason !== '') this.#options.lifetimes.resume();
    this.#awayReason = '';
    if (!this.#isClosed) this.#send();
  }

  #late(flight: Flight): void {
    const { clock } = this.#options;
    // The answer may lie unread behind whatever kept this broker busy.
    flight.timer = clock.setTimer(agreementGraceMs, () => {
      if (this.#flight !== flight) return;
      const waitedMs = Math.round(clock.monotonicMs() - flight.startMs);
      this.#giveUp(`it has not answered for ${waitedMs} ms`);
    });
  }

  /** Tells all who wait that the log is away. What is not on its way yet never will be. */
  #giveUp(reason: string): void {
    this.#awayReason = reason;
    const barriers = this.#barriers;
    this.#barriers = [];
    this.#living.clear();
    for (const flight of this.#flights.values()) {
      if (flight.isGivenUp) continue;
      flight.isGivenUp = true;
      for (const { settle } of flight.items) settle({ outcome: away(reason, true), repeated: false });
      for (const resolve of flight.barriers) resolve(away(reason, true));
    }
    this.#outbox.refuse({ outcome: away(reason, false), repeated: false });
    this.restores.refuse(reason);
    for (const resolve of barriers) resolve(away(reason, false));
  }

  async #follow(): Promise<void> {
    const { log, clock, writes, onProgress } = this.#options;
    let busyMs = 0;
    // How far it is to go is told only: a log that is away is waited for below.
    const last = this.#isStarting
      ? await log.bounds().then(
          (bounds) => bounds.last,
          () => 0,
        )
      : 0;
    let toldMs = clock.monotonicMs();
    for await (const { sequence, timeMs, payload } of log.follow(this.#sequence + 1)) {
      const startMs = clock.monotonicMs();
      let endMs = startMs;
      const entry = decodeAgreedEntry(payload, this.#formats.known);
      this.#sequence = sequence;
      this.#table.marks.grew(payload.length, timeMs);
      if (this.#table.take(entry.replica, entry.number)) endMs = await this.#apply(entry, timeMs);
      if (writes.stopReason !== '') this.#giveUp(writes.stopReason);
      if (writes.stopReason !== '' || this.#isClosed) return;
      if (this.#isStarting && endMs - toldMs > startProgressMs) {
        onProgress({ what: 'log', done: sequence, of: Math.max(sequence, last) });
        toldMs = endMs;
      }
      busyMs += endMs - startMs;
      if (busyMs < sliceMs) continue;
      await turn(clock);
      busyMs = 0;
    }
  }

  /** Returns when it was done; who was answered goes on behind that. */
  async #apply(entry: AgreedEntry, timeMs: number): Promise<number> {
    const { writes, records, replica, lifetimes, clock } = this.#options;
    this.#table.format.onEntry(entry.formats, this.#sequence);
    this.#formatTurns.onEntry();
    const own = entry.replica === replica ? this.#flights.get(entry.number) : undefined;
    if (own !== undefined) this.#flights.delete(entry.number);
    for (const [index, agreed] of entry.commands.entries()) {
      const item = own?.items[index];
      const settle = item === undefined || own?.isGivenUp === true ? ignore : item.settle;
      const { givesWay, seenSequence, bounds } = agreed;
      const nodesMax = bounds?.nodes ?? Infinity;
      const origin = { timeMs, run: agreedRun, submittedMs: item?.submittedMs ?? null, nodesMax };
      // Components know what they proposed by the object.
      const command = item?.command ?? agreed.command;
      const obstacle = givesWay ? obstacleOf(this.#state, command) : null;
      const isOutlived = obstacle === null && this.#table.isOutlived(command, seenSequence);
      const leftOut = isOutlived ? outlived : (obstacle ?? this.#room.refusal(command, bounds, agreed));
      if (leftOut !== null) {
        settle({ outcome: leftOut, repeated: false });
        continue;
      }
      // What has to be made anew is made from what may be told.
      if (writes.needsPast(command)) records.agree();
      const placed = writes.place(command, origin, settle);
      if (placed !== null) await placed;
      if (command.kind === 'review_ghost') await this.#commitApproved(command.ghostId, timeMs, bounds);
    }
    for (const id of entry.living) if (this.#table.hear(id, this.#sequence)) lifetimes.hear(id);
    records.agree();
    this.#snapshots.onEntry(entry, this.#sequence);
    if (own !== undefined) {
      this.#seenMs = own.startMs;
      if (!own.isGivenUp) for (const resolve of own.barriers) resolve(null);
      this.#stored(own);
      if (this.#outbox.hasLate) this.#schedule();
    }
    if (this.restores.onEntry(entry, this.#sequence)) await this.close();
    return clock.monotonicMs();
  }

  /** A commit that was waited for follows from the state alone, so its place is known to everybody: right behind the last approval. */
  async #commitApproved(ghostId: string, timeMs: number, bounds: AgreedBounds | null): Promise<void> {
    const { writes, records, onHeldUp } = this.#options;
    const commit = commitOf(this.#state, ghostId);
    if (commit === null) return;
    if (this.#room.refusal(commit, bounds) === null) {
      if (writes.needsPast(commit)) records.agree();
      const nodesMax = bounds?.nodes ?? Infinity;
      await writes.place(commit, { timeMs, run: agreedRun, submittedMs: null, nodesMax }, ignore);
    }
    if (commitOf(this.#state, ghostId) !== null) onHeldUp(ghostId);
  }
}

/** Editions of ghosts name the run of a broker because a crash can take what was told in it. Of an agreed log no crash takes anything. */
const agreedRun = 1;

function ignore(): void {
  // Nobody here has asked for it.
}
