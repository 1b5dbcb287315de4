/** Runs a case and tells how long its operations took. */
import type { Client } from '../../../clients/typescript/src/index.ts';
import type { Clock } from '../../base/clock.ts';
import type { Progress } from '../output/progress.ts';
import { eachAtOnce } from '../replay/each.ts';
import type { BenchCase } from './cases.ts';

export interface MeasureOptions {
  readonly operations: number;
  readonly inFlight: number;
  readonly value: string;
  readonly signal: AbortSignal;
}

/** What was measured. Latencies are those that a caller sees. */
export interface Measured {
  readonly case: string;
  readonly operations: number;
  readonly inFlight: number;
  readonly elapsedMs: number;
  readonly operationsPerSecond: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Measures; `undefined` where it was interrupted before anything was done. */
export async function measure(
  client: Client,
  { name, run }: BenchCase,
  { operations, inFlight, value, signal }: MeasureOptions,
  clock: Clock,
  progress: Progress,
): Promise<Measured | undefined> {
  const latenciesMs: number[] = [];
  const startMs = clock.monotonicMs();
  const indices = Array.from({ length: operations }, (_, index) => index);
  await eachAtOnce(indices, inFlight, async (index) => {
    if (signal.aborted) return;
    const beganMs = clock.monotonicMs();
    await run(client, index, value);
    latenciesMs.push(clock.monotonicMs() - beganMs);
    progress.add(1);
  });
  progress.end();
  if (latenciesMs.length === 0) return undefined;
  const elapsedMs = clock.monotonicMs() - startMs;
  const sorted = Float64Array.from(latenciesMs).sort();
  return {
    case: name,
    operations: sorted.length,
    inFlight,
    elapsedMs: rounded(elapsedMs),
    operationsPerSecond: rounded((sorted.length / elapsedMs) * 1_000),
    p50Ms: rounded(percentile(sorted, 0.5)),
    p90Ms: rounded(percentile(sorted, 0.9)),
    p99Ms: rounded(percentile(sorted, 0.99)),
    maxMs: rounded(sorted.at(-1) ?? 0),
  };
}

/** The smallest value that so large a share of all is not above. `sorted` is not empty. */
export function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

/** Thousandths are more than a clock tells. */
function rounded(figure: number): number {
  return Math.round(figure * 1_000) / 1_000;
}
