/** Where a broker's spans go. */
import type { Clock } from './base/clock.ts';
import type { Random } from './base/random.ts';
import type { Settings } from './config.ts';
import type { Logger } from './log.ts';
import type { Tracing } from './tracing/tracing.ts';

export interface TracingOptions {
  readonly settings: Pick<Settings, 'otlpEndpoint' | 'traceShare'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly version: string;
  readonly log: Logger;
}

/** Counts what becomes of spans. */
export interface SpanCounts {
  sent: number;
  failed: number;
  dropped: number;
}

/** `null` without a collector: OpenTelemetry is loaded where one is named, so that a start without it costs nothing. */
export async function openTracing(
  { settings, clock, random, version, log }: TracingOptions,
  counts: SpanCounts,
): Promise<Tracing | null> {
  const { otlpEndpoint: url, traceShare: share } = settings;
  if (url === '') return null;
  const { OtlpTracing } = await import('./tracing/otlp.ts');
  let isReached = true;
  const onSent = (count: number, error: Error | undefined): void => {
    counts[error === undefined ? 'sent' : 'failed'] += count;
    if (error === undefined && !isReached) log.info('the collector takes spans again');
    if (error !== undefined && isReached) log.warn('the collector takes no spans', { reason: error.message });
    isReached = error === undefined;
  };
  const onDropped = (count: number): void => {
    counts.dropped += count;
  };
  return new OtlpTracing({ url, share, version, clock, random, onSent, onDropped });
}
