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

/** Told how many spans the collector took, or did not. */
export type OnSpansSent = (count: number, error: Error | undefined) => void;

/** `null` without a collector: OpenTelemetry is loaded where one is named, so that a start without it costs nothing. */
export async function openTracing(
  { settings, clock, random, version, log }: TracingOptions,
  onSpansSent: OnSpansSent,
): Promise<Tracing | null> {
  const { otlpEndpoint: url, traceShare: share } = settings;
  if (url === '') return null;
  const { OtlpTracing } = await import('./tracing/otlp.ts');
  let isReached = true;
  const onSent: OnSpansSent = (count, error) => {
    onSpansSent(count, error);
    if (error === undefined && !isReached) log.info('the collector takes spans again');
    if (error !== undefined && isReached) log.warn('the collector takes no spans', { reason: error.message });
    isReached = error === undefined;
  };
  return new OtlpTracing({ url, share, version, clock, random, onSent });
}
