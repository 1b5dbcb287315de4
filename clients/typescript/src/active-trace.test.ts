/** Goal: the active OpenTelemetry span is found without its package, and nothing where there is none. Method: OpenTelemetry's own API, registered and not. */
import { context, propagation, ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { afterEach, expect, test } from 'vitest';
import { activeTraceParent } from './active-trace.ts';

const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];

afterEach(() => {
  context.disable();
  propagation.disable();
});

function register(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
}

const inSpan = (traceFlags: TraceFlags): string | undefined =>
  context.with(trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags }), () =>
    activeTraceParent(),
  );

test('a program without OpenTelemetry has none', () => {
  expect(activeTraceParent()).toBeUndefined();
  expect(inSpan(TraceFlags.SAMPLED)).toBeUndefined();
});

test('a span is told with its flags, and outside of spans there is none', () => {
  register();
  expect(inSpan(TraceFlags.SAMPLED)).toBe(`00-${traceId}-${spanId}-01`);
  expect(inSpan(TraceFlags.NONE)).toBe(`00-${traceId}-${spanId}-00`);
  expect(activeTraceParent()).toBeUndefined();
});

test('the span of the moment is that of the asynchronous way there', async () => {
  register();
  const within = (id: string): Promise<string | undefined> =>
    context.with(
      trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: id, traceFlags: TraceFlags.SAMPLED }),
      async () => {
        await Promise.resolve();
        return activeTraceParent();
      },
    );
  const ids = ['1'.repeat(16), '2'.repeat(16)];
  expect(await Promise.all(ids.map(within))).toEqual(ids.map((id) => `00-${traceId}-${id}-01`));
});
