/** Percentiles and medians. */

/** The value below which `share` (0 to 1) of the values lie. `NaN` for none. */
export function percentile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  const index = Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1));
  return sorted[index] ?? Number.NaN;
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Latencies in microseconds, told as metrics. */
export function latencyMetrics(latenciesUs: ArrayLike<number>): Record<'p50Us' | 'p95Us' | 'p99Us', number> {
  return {
    p50Us: percentile(latenciesUs, 0.5),
    p95Us: percentile(latenciesUs, 0.95),
    p99Us: percentile(latenciesUs, 0.99),
  };
}
