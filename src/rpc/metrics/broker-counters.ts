/** Figures that nobody else keeps: what was refused, how long the disk took, how late the event loop was. */
import type { Clock, Timer } from '../../base/clock.ts';
import type { Rejection } from '../../state/outcome.ts';
import { Refused } from '../errors.ts';
import type { RpcError } from '../transport.ts';
import { Histogram } from './histogram.ts';

/** Seconds. Disks answer within 0.1 ms to some seconds. */
const commitBounds = [
  0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
];
const delayBounds = [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
/** How often the event loop is looked at. */
const lookMs = 100;

export class BrokerCounters {
  /** Of calls and of diffs on streams, by reason; by gRPC code where a call ended without one. */
  readonly refusals = new Map<string, number>();
  /** Group commits: write and sync. */
  readonly commitSeconds = new Histogram(commitBounds);
  readonly loopDelaySeconds = new Histogram(delayBounds);
  #commitBytes = 0;
  #look: Timer | null = null;

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

  committed(durationMs: number, bytes: number): void {
    this.commitSeconds.observe(durationMs / 1_000);
    this.#commitBytes += bytes;
  }

  /** Looks from now on how late timers are. */
  watch(clock: Clock): void {
    const dueMs = clock.monotonicMs() + lookMs;
    this.#look = clock.setTimer(lookMs, () => {
      this.loopDelaySeconds.observe(Math.max(0, clock.monotonicMs() - dueMs) / 1_000);
      this.watch(clock);
    });
  }

  close(): void {
    this.#look?.cancel();
  }

  #count(reason: string): void {
    this.refusals.set(reason, (this.refusals.get(reason) ?? 0) + 1);
  }
}
