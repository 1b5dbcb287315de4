/** Goal: exporters read a span of ours as they would read one of the SDK's own tracer. Method: the same spans by both, field by field. */
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';
import { FinishedSpan } from './finished-span.ts';
import type { SpanNote } from './finished-span.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const resource = resourceFromAttributes({ 'service.name': 'hyperloom' });
const scope = { name: 'hyperloom', version: '1' };

async function bySdk(note: SpanNote): Promise<ReadableSpan> {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    resource,
    sampler: new AlwaysOnSampler(),
    idGenerator: { generateTraceId: () => traceId, generateSpanId: () => spanId },
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  const { name, parentSpanId, isServer, startMs, endMs, attributes, failure } = note;
  const parent = { traceId, spanId: parentSpanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
  const context = parentSpanId === '' ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
  const kind = isServer ? SpanKind.SERVER : SpanKind.INTERNAL;
  const span = provider
    .getTracer('hyperloom', '1')
    .startSpan(name, { kind, attributes, startTime: startMs }, context);
  if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
  span.end(endMs);
  await provider.forceFlush();
  const [finished] = exporter.getFinishedSpans();
  if (finished === undefined) throw new Error('the SDK made no span');
  return finished;
}

/** What an exporter can ask for. */
function told(span: ReadableSpan): unknown {
  const { name, kind, parentSpanContext, startTime, endTime, status, attributes, links, events } = span;
  const { duration, ended, droppedAttributesCount, droppedEventsCount, droppedLinksCount } = span;
  const { traceId: inTrace, spanId: own, traceFlags } = span.spanContext();
  const parentId = parentSpanContext?.spanId ?? '';
  const isParentRemote = parentSpanContext?.isRemote ?? false;
  const dropped = [droppedAttributesCount, droppedEventsCount, droppedLinksCount];
  const { name: scopeName, version } = span.instrumentationScope;
  return {
    ...{ name, kind, inTrace, own, traceFlags, parentId, isParentRemote, startTime, endTime, duration },
    ...{ status, attributes, links, events, ended, dropped, scopeName, version },
    attributesOfResource: span.resource.attributes,
  };
}

const note: SpanNote = {
  name: 'hyperloom.apply',
  traceId,
  spanId,
  parentSpanId: '00f067aa0ba902b7',
  isServer: false,
  startMs: 1_790_000_000_123.456,
  endMs: 1_790_000_000_125.5,
  attributes: { 'hyperloom.forest': 'default', 'hyperloom.position': 7, 'hyperloom.repeated': false },
  failure: undefined,
};

test.each([
  ['of a part of a write', note],
  ['of a call that begins a trace', { ...note, isServer: true, parentSpanId: '' }],
  ['of a call that failed', { ...note, isServer: true, attributes: {}, failure: 'UNAVAILABLE' }],
  ['that took no time', { ...note, endMs: note.startMs }],
  ['that ended before it began, by the wall clock', { ...note, endMs: note.startMs - 1_500 }],
])('a span %s', async (_name, each) => {
  expect(told(new FinishedSpan({ resource, scope }, each))).toEqual(told(await bySdk(each)));
});
