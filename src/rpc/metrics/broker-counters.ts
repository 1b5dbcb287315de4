/** Figures that nobody else keeps: what was refused, how long the disk took, how late the event loop was. */
import { constants, PerformanceObserver } from 'node:perf_hooks';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Commit } from '../../journal/journal.ts';
import type { Rejection } from '../../state/outcome.ts';
import { Refused } from '../errors.ts';
import type { RpcError } from '../transport.ts';
import { CallCounters } from './call-counters.ts';
import { Histogram } from './histogram.ts';

/** Seconds. Disks answer within 0.1 ms to some seconds. */
const commitBounds = [
  0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
];
const delayBounds = [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
/** How often the event loop is looked at. */
const lookMs = 100;

/** Collections as V8 names them. */
export const collectionKinds = ['minor', 'major', 'incremental', 'weak_callbacks'] as const;
export type CollectionKind = (typeof collectionKinds)[number];
const collectionCodes: Readonly<Record<CollectionKind, number>> = {
  minor: constants.NODE_PERFORMANCE_GC_MINOR,
  major: constants.NODE_PERFORMANCE_GC_MAJOR,
  incremental: constants.NODE_PERFORMANCE_GC_INCREMENTAL,
  weak_callbacks: constants.NODE_PERFORMANCE_GC_WEAKCB,
};

export class BrokerCounters {
  /** Of calls and of diffs on streams, by reason; by gRPC code where a call ended without one. */
  readonly refusals = new Map<string, number>();
  readonly calls = new CallCounters();
  /** From a command's submission until it was durable. */
  readonly writeSeconds = new Histogram(commitBounds);
  /** Group commits: write and sync. */
  readonly commitSeconds = new Histogram(commitBounds);
  readonly loopDelaySeconds = new Histogram(delayBounds);
  /** Pauses for collections of garbage. */
  readonly collectionSeconds: ReadonlyMap<CollectionKind, Histogram> = new Map(
    collectionKinds.map((kind) => [kind, new Histogram(delayBounds)]),
  );
  readonly spans = { sent: 0, failed: 0, dropped: 0 };
  #commitBytes = 0;
  #look: Timer | null = null;
  #collections: PerformanceObserver | null = null;

  get commitBytes(): number {
    return this.#commitBytes;
  }

  /** A call was refused, or failed. */
  callRefused(error: RpcError): void {
    this.#count(error instanceof Refused ? error.rejection.reason : error.code);
  }

  /** A diff of a stream was refused. */
  diffRefused({ reason }: Rejection): void {
    this.#count(reason);
  }

  committed({ startMs, durableMs, bytes }: Commit): void {
    this.commitSeconds.observe((durableMs - startMs) / 1_000);
    this.#commitBytes += bytes;
  }

  written(durationMs: number): void {
    this.writeSeconds.observe(durationMs / 1_000);
  }

  /** Looks from now on how late timers are, and how long collections take. */
  watch(clock: Clock): void {
    this.#collections ??= this.#watchCollections();
    const dueMs = clock.monotonicMs() + lookMs;
    this.#look = clock.setTimer(lookMs, () => {
      this.loopDelaySeconds.observe(Math.max(0, clock.monotonicMs() - dueMs) / 1_000);
      this.watch(clock);
    });
  }

  close(): void {
    this.#look?.cancel();
    this.#collections?.disconnect();
  }

  #watchCollections(): PerformanceObserver {
    const histograms = new Map(
      [...this.collectionSeconds].map(([kind, histogram]) => [collectionCodes[kind], histogram]),
    );
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { detail } = entry as typeof entry & { readonly detail?: { readonly kind?: number } };
        histograms.get(detail?.kind ?? 0)?.observe(entry.duration / 1_000);
      }
    });
    observer.observe({ entryTypes: ['gc'] });
    return observer;
  }

  #count(reason: string): void {
    this.refusals.set(reason, (this.refusals.get(reason) ?? 0) + 1);
  }
}
