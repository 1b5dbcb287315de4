/** Spans by OpenTelemetry's own SDK, sent to a collector by OTLP over HTTP in batches. */
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import type { Context, Span as SdkSpan, Tracer } from '@opentelemetry/api';
import { ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOnSampler, BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Clock } from '../base/clock.ts';
import { spanBatchMax, spansCloseMsMax, spansQueuedMax, spansSendMsMax } from '../base/limits.ts';
import type { Random } from '../base/random.ts';
import type { Attributes, Part, Span, Tracing } from './tracing.ts';
import { isSampled } from './tracing.ts';

const sendEveryMs = 1_000;
const words = 2 ** 32;
/** The wall clock and the monotonic one are taken to go alike as long as they do not part by more, as they do over a machine's sleep. */
const driftMsMax = 1_000;

export interface OtlpOptions {
  /** Where the collector takes spans, such as `http://127.0.0.1:4318/v1/traces`. */
  readonly url: string;
  /** The share of what came without a trace context that begins a trace, 0 to 1. */
  readonly share: number;
  readonly version: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Told how many spans the collector took, or did not take. */
  readonly onSent: (count: number, error: Error | undefined) => void;
  /** Told how many were dropped, because too many wait for the collector. */
  readonly onDropped: (count: number) => void;
}

export class OtlpTracing implements Tracing {
  readonly #options: OtlpOptions;
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;
  /** Wall time at the monotonic clock's origin. */
  #originMs: number;
  /** Spans that are over and not told yet. */
  #waiting = 0;

  constructor(options: OtlpOptions) {
    const { version, url, clock } = options;
    this.#options = options;
    this.#originMs = clock.nowMs() - clock.monotonicMs();
    const sender = new OTLPTraceExporter({ url, timeoutMillis: spansSendMsMax });
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': 'hyperloom', 'service.version': version }),
      // Whether something is traced was decided before it comes here.
      sampler: new AlwaysOnSampler(),
      spanProcessors: [
        new BatchSpanProcessor({
          exporter: new ToldExporter(sender, (count, error) => {
            this.#waiting -= count;
            options.onSent(count, error);
          }),
          maxQueueSize: spansQueuedMax,
          maxExportBatchSize: spanBatchMax,
          scheduledDelayMillis: sendEveryMs,
        }),
      ],
    });
    this.#tracer = this.#provider.getTracer('hyperloom', version);
  }

  begin(name: string, traceParent: string | undefined, attributes: Attributes): Span | null {
    if (traceParent === undefined ? !this.#isDrawn() : !isSampled(traceParent)) return null;
    const startTime = this.#wall(this.#options.clock.monotonicMs());
    const options = { kind: SpanKind.SERVER, startTime, attributes };
    const span = this.#tracer.startSpan(name, options, contextOf(traceParent));
    return new OtlpSpan(span, () => {
      if (!this.#hasRoomFor(1)) return null;
      return this.#wall(this.#options.clock.monotonicMs());
    });
  }

  record(traceParent: string, parts: readonly Part[]): void {
    if (!this.#hasRoomFor(parts.length)) return;
    const context = contextOf(traceParent);
    for (const { name, startMs, endMs, attributes } of parts)
      this.#tracer
        .startSpan(name, { startTime: this.#wall(startMs), attributes }, context)
        .end(this.#wall(endMs));
  }

  /** Waits for the collector, though not for long: whoever stops a broker does not wait for its spans. */
  async close(): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = this.#options.clock.setTimer(spansCloseMsMax, late.resolve);
    await Promise.race([this.#provider.shutdown().catch(() => undefined), late.promise]);
    timer.cancel();
  }

  /** Notes that so many spans are over, or that they are dropped: then nothing is made of them. */
  #hasRoomFor(count: number): boolean {
    if (this.#waiting + count > spansQueuedMax) {
      this.#options.onDropped(count);
      return false;
    }
    this.#waiting += count;
    return true;
  }

  #isDrawn(): boolean {
    const { share, random } = this.#options;
    return share > 0 && random.below(words) < share * words;
  }

  /** Milliseconds since the epoch, with a fraction: spans of one trace fit together. */
  #wall(monotonicMs: number): number {
    const { clock } = this.#options;
    const originMs = clock.nowMs() - clock.monotonicMs();
    if (Math.abs(originMs - this.#originMs) > driftMsMax) this.#originMs = originMs;
    return this.#originMs + monotonicMs;
  }
}

class OtlpSpan implements Span {
  readonly traceParent: string;
  readonly #span: SdkSpan;
  /** When it is over, in milliseconds since the epoch; `null` where it is dropped. */
  readonly #endMs: () => number | null;

  constructor(span: SdkSpan, endMs: () => number | null) {
    const { traceId, spanId } = span.spanContext();
    this.traceParent = `00-${traceId}-${spanId}-01`;
    this.#span = span;
    this.#endMs = endMs;
  }

  end(attributes: Attributes = {}, failure?: string): void {
    const endMs = this.#endMs();
    if (endMs === null) return;
    this.#span.setAttributes(attributes);
    if (failure !== undefined) this.#span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
    this.#span.end(endMs);
  }
}

/** What a trace context stands for; none: a new trace. */
function contextOf(traceParent: string | undefined): Context {
  if (traceParent === undefined) return ROOT_CONTEXT;
  const [, traceId = '', spanId = ''] = traceParent.split('-');
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  });
}

/** Tells what became of each batch, which the SDK keeps to itself. */
class ToldExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #onSent: OtlpOptions['onSent'];

  constructor(exporter: SpanExporter, onSent: OtlpOptions['onSent']) {
    this.#exporter = exporter;
    this.#onSent = onSent;
  }

  export(spans: ReadableSpan[], done: Parameters<SpanExporter['export']>[1]): void {
    this.#exporter.export(spans, (result) => {
      const failed =
        result.code === ExportResultCode.SUCCESS
          ? undefined
          : (result.error ?? new Error('the collector took no spans'));
      this.#onSent(spans.length, failed);
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  forceFlush(): Promise<void> {
    return this.#exporter.forceFlush?.() ?? Promise.resolve();
  }
}
