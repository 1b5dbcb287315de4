/** Spans, sent to a collector by OpenTelemetry's own exporter: OTLP over HTTP, in batches. */
import { ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Clock } from '../base/clock.ts';
import { spanBatchMax, spansCloseMsMax, spansQueuedMax, spansSendMsMax } from '../base/limits.ts';
import type { Random } from '../base/random.ts';
import { FinishedSpan } from './finished-span.ts';
import type { SpanNote, SpanOrigin } from './finished-span.ts';
import type { Attributes, Part, Span, Tracing } from './tracing.ts';
import { isSampled, spanIdOf, traceIdOf } from './tracing.ts';

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
  readonly #origin: SpanOrigin;
  readonly #processor: BatchSpanProcessor;
  /** Wall time at the monotonic clock's origin. */
  #originMs: number;
  /** Spans that are over and not told yet. */
  #waiting = 0;

  constructor(options: OtlpOptions) {
    const { version, url, clock } = options;
    this.#options = options;
    this.#originMs = clock.nowMs() - clock.monotonicMs();
    const sender = new OTLPTraceExporter({ url, timeoutMillis: spansSendMsMax });
    this.#origin = {
      resource: resourceFromAttributes({ 'service.name': 'hyperloom', 'service.version': version }),
      scope: { name: 'hyperloom', version },
    };
    this.#processor = new BatchSpanProcessor({
      exporter: new ToldExporter(sender, (count, error) => {
        this.#waiting -= count;
        options.onSent(count, error);
      }),
      maxQueueSize: spansQueuedMax,
      maxExportBatchSize: spanBatchMax,
      scheduledDelayMillis: sendEveryMs,
    });
  }

  begin(name: string, traceParent: string | undefined, attributes: Attributes): Span | null {
    if (traceParent === undefined ? !this.#isDrawn() : !isSampled(traceParent)) return null;
    const traceId = traceParent === undefined ? this.#newId(4) : traceIdOf(traceParent);
    const parentSpanId = traceParent === undefined ? '' : spanIdOf(traceParent);
    const spanId = this.#newId(2);
    const startMs = this.#wall(this.#options.clock.monotonicMs());
    return {
      traceParent: `00-${traceId}-${spanId}-01`,
      end: (more = {}, failure) => {
        if (!this.#hasRoomFor(1)) return;
        const endMs = this.#wall(this.#options.clock.monotonicMs());
        const all = { ...attributes, ...more };
        const named = { name, traceId, spanId, parentSpanId, isServer: true };
        this.#tell({ ...named, startMs, endMs, attributes: all, failure });
      },
    };
  }

  record(traceParent: string, parts: readonly Part[]): void {
    if (!this.#hasRoomFor(parts.length)) return;
    const [traceId, parentSpanId] = [traceIdOf(traceParent), spanIdOf(traceParent)];
    for (const { name, startMs, endMs, attributes } of parts)
      this.#tell({
        name,
        traceId,
        spanId: this.#newId(2),
        parentSpanId,
        isServer: false,
        startMs: this.#wall(startMs),
        endMs: this.#wall(endMs),
        attributes,
        failure: undefined,
      });
  }

  /** Waits for the collector, though not for long: whoever stops a broker does not wait for its spans. */
  async close(): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = this.#options.clock.setTimer(spansCloseMsMax, late.resolve);
    await Promise.race([this.#processor.shutdown().catch(() => undefined), late.promise]);
    timer.cancel();
  }

  #tell(note: SpanNote): void {
    this.#processor.onEnd(new FinishedSpan(this.#origin, note));
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

  /** Of so many words, in hexadecimal digits. Zeros alone would mean that there is none. */
  #newId(wordCount: number): string {
    const { random } = this.#options;
    let id = (1 + random.below(words - 1)).toString(16).padStart(8, '0');
    for (let word = 1; word < wordCount; word += 1) id += random.below(words).toString(16).padStart(8, '0');
    return id;
  }

  /** Milliseconds since the epoch, with a fraction: spans of one trace fit together. */
  #wall(monotonicMs: number): number {
    const { clock } = this.#options;
    const originMs = clock.nowMs() - clock.monotonicMs();
    if (Math.abs(originMs - this.#originMs) > driftMsMax) this.#originMs = originMs;
    return this.#originMs + monotonicMs;
  }
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
