/** What of the way of a write is told to those who trace it. Nothing is noted of others. */
import type { Clock } from '../base/clock.ts';
import type { Commit } from '../journal/journal.ts';
import type { Command } from '../state/command.ts';
import type { Attributes, Part, Tracing } from '../tracing/tracing.ts';
import { isSampled } from '../tracing/tracing.ts';

/** Moments in the clock's monotonic milliseconds. */
export interface WriteTrace {
  readonly command: Command;
  readonly traceParent: string;
  /** Submitted; it may have waited for history then. */
  readonly submittedMs: number;
  readonly proposedMs: number;
  appliedMs: number;
}

/** Of a batch of entries that became durable together. */
export interface Told {
  readonly entries: number;
  /** When and how they were written; absent where there is no disk. */
  readonly commit: Commit | undefined;
  readonly durableMs: number;
  /** When subscribers had been handed their events. */
  readonly deliveredMs: number;
}

interface TracedForest {
  readonly name: string;
  readonly clock: Clock;
  readonly tracing?: Tracing;
}

export class WriteTraces {
  readonly #tracing: Tracing;
  readonly #clock: Clock;
  readonly #forest: string;

  constructor(tracing: Tracing, clock: Clock, forest: string) {
    this.#tracing = tracing;
    this.#clock = clock;
    this.#forest = forest;
  }

  /** Those of a forest; `null` where nobody traces anything. */
  static of({ tracing, clock, name }: TracedForest): WriteTraces | null {
    return tracing === undefined ? null : new WriteTraces(tracing, clock, name);
  }

  /** Notes that a command is proposed; `null` for one that nobody traces. */
  begin(command: Command, submittedMs: number): WriteTrace | null {
    const { traceParent } = command;
    if (!isSampled(traceParent)) return null;
    const proposedMs = this.#clock.monotonicMs();
    return { command, traceParent, submittedMs, proposedMs, appliedMs: proposedMs };
  }

  /** A write waited for locks of others until now. */
  waited({ traceParent, kind }: Command, startMs: number): void {
    if (!isSampled(traceParent)) return;
    const attributes = { 'hyperloom.forest': this.#forest, 'hyperloom.command': kind };
    const endMs = this.#clock.monotonicMs();
    this.#tracing.record(traceParent, [{ name: 'hyperloom.lock_wait', startMs, endMs, attributes }]);
  }

  /** Tells of a write that is durable. */
  end(trace: WriteTrace, position: number, revision: number, told: Told): void {
    const { command, traceParent, submittedMs, proposedMs, appliedMs } = trace;
    const { commit, durableMs, deliveredMs, entries } = told;
    const common = { 'hyperloom.forest': this.#forest, 'hyperloom.position': position };
    const part = (name: string, startMs: number, endMs: number, more: Attributes = {}): Part => ({
      name: `hyperloom.${name}`,
      startMs,
      endMs,
      attributes: { ...common, ...more },
    });
    const syncing = { 'hyperloom.batch.entries': entries, 'hyperloom.batch.bytes': commit?.bytes ?? 0 };
    this.#tracing.record(traceParent, [
      part('sequence', submittedMs, proposedMs, { 'hyperloom.command': command.kind }),
      part('apply', proposedMs, appliedMs, { 'hyperloom.revision': revision }),
      // What came while a batch was on its way to the disk waits in the next one.
      part('journal.append', appliedMs, Math.max(appliedMs, commit?.startMs ?? appliedMs)),
      ...(commit === undefined ? [] : [part('journal.sync', commit.startMs, commit.durableMs, syncing)]),
      part('deliver', durableMs, deliveredMs, { 'hyperloom.batch.entries': entries }),
    ]);
  }
}
