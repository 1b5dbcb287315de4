/**
 * A span that is over, as OpenTelemetry's exporters read it. It is made of what was noted, without the SDK's tracer: that takes some 20 µs for
 * each span of the few publishes that are traced, whose code the processor has forgotten by then, and all that exporters ask for is worked out
 * when they send a batch.
 */
import { type Attributes, SpanKind, type SpanContext, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { hrTimeDuration, millisToHrTime } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

type Time = ReadableSpan['startTime'];

/** Where spans come from: the same for all of them. */
export interface SpanOrigin {
  readonly resource: Resource;
  readonly scope: { readonly name: string; readonly version: string };
}

/** What is told of a span. Times are milliseconds since the epoch, with a fraction. */
export interface SpanNote {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first of a trace. */
  readonly parentSpanId: string;
  /** It is a call of somebody else's. */
  readonly isServer: boolean;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  /** Where it was the broker's fault. */
  readonly failure: string | undefined;
}

const none: never[] = [];

export class FinishedSpan implements ReadableSpan {
  readonly resource: Resource;
  readonly instrumentationScope: ReadableSpan['instrumentationScope'];
  readonly ended = true;
  readonly links = none;
  readonly events = none;
  readonly droppedAttributesCount = 0;
  readonly droppedEventsCount = 0;
  readonly droppedLinksCount = 0;
  readonly #note: SpanNote;

  constructor({ resource, scope }: SpanOrigin, note: SpanNote) {
    this.resource = resource;
    this.instrumentationScope = scope;
    this.#note = note;
  }

  get name(): string {
    return this.#note.name;
  }

  get kind(): SpanKind {
    return this.#note.isServer ? SpanKind.SERVER : SpanKind.INTERNAL;
  }

  get attributes(): Attributes {
    return this.#note.attributes;
  }

  get status(): ReadableSpan['status'] {
    const { failure } = this.#note;
    return failure === undefined
      ? { code: SpanStatusCode.UNSET }
      : { code: SpanStatusCode.ERROR, message: failure };
  }

  get startTime(): Time {
    return millisToHrTime(this.#note.startMs);
  }

  /** Never before its start, whatever the wall clock did. */
  get endTime(): Time {
    const { startMs, endMs } = this.#note;
    return millisToHrTime(Math.max(startMs, endMs));
  }

  get duration(): Time {
    return hrTimeDuration(this.startTime, this.endTime);
  }

  get parentSpanContext(): SpanContext {
    const { traceId, parentSpanId } = this.#note;
    return { traceId, spanId: parentSpanId, traceFlags: TraceFlags.SAMPLED, isRemote: parentSpanId !== '' };
  }

  spanContext(): SpanContext {
    const { traceId, spanId } = this.#note;
    return { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
  }
}
