/**
 * Goal: of what comes without a trace context just the share that was asked for is traced, and what waits for the collector is bounded. Method: many
 * draws from one seed; a collector that takes everything.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { spansQueuedMax } from '../base/limits.ts';
import { seededRandom } from '../base/random.ts';
import { OtlpTracing } from './otlp.ts';

function begun(share: number, traceParent?: string): number {
  const options = {
    url: 'http://127.0.0.1:9/v1/traces',
    version: '0',
    onSent: () => undefined,
    onDropped: () => undefined,
  } as const;
  const tracing = new OtlpTracing({ ...options, share, clock: systemClock, random: seededRandom(1) });
  const spans = Array.from({ length: 10_000 }, () => tracing.begin('x', traceParent, {}));
  return spans.filter((span) => span !== null).length;
}

test.each([
  [0, 0, 0],
  [0.01, 70, 130],
  [0.5, 4_800, 5_200],
  [1, 10_000, 10_000],
])('a share of %d', (share, least, most) => {
  expect(begun(share)).toBeGreaterThanOrEqual(least);
  expect(begun(share)).toBeLessThanOrEqual(most);
});

test('a trace context decides by itself', () => {
  const traceParent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0';
  expect(begun(1, `${traceParent}0`)).toBe(0);
  expect(begun(0, `${traceParent}1`)).toBe(10_000);
});

test('a span is in the trace of its caller, and has a context of its own', () => {
  const options = {
    url: 'http://127.0.0.1:9/v1/traces',
    version: '0',
    onSent: () => undefined,
    onDropped: () => undefined,
  } as const;
  const tracing = new OtlpTracing({ ...options, share: 1, clock: systemClock, random: seededRandom(1) });
  const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const span = tracing.begin('x', parent, {});
  expect(span?.traceParent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[\da-f]{16}-01$/);
  expect(span?.traceParent).not.toBe(parent);
  expect(tracing.begin('x', undefined, {})?.traceParent).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-01$/);
});

test('what comes while too many spans wait for the collector is dropped and counted, until it has answered', async () => {
  const collector = createServer((request, response) => {
    request.resume().once('end', () => response.end('{}'));
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  let dropped = 0;
  let told = 0;
  const sent = Promise.withResolvers<void>();
  const tracing = new OtlpTracing({
    url: `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`,
    share: 1,
    version: '0',
    clock: systemClock,
    random: seededRandom(1),
    onSent: (count) => {
      told += count;
      if (told === spansQueuedMax) sent.resolve();
    },
    onDropped: (count) => {
      dropped += count;
    },
  });
  const part = { name: 'x', startMs: 0, endMs: 1, attributes: {} };
  const span = tracing.begin('x', undefined, {});
  for (let count = 0; count < spansQueuedMax / 4; count += 1)
    tracing.record(span?.traceParent ?? '', [part, part, part, part]);
  expect(dropped).toBe(0);
  span?.end();
  tracing.record(span?.traceParent ?? '', [part, part, part, part]);
  expect(dropped).toBe(5);
  await sent.promise;
  tracing.begin('x', undefined, {})?.end();
  expect(dropped).toBe(5);
  await tracing.close();
  expect(told).toBe(spansQueuedMax + 1);
  collector.closeAllConnections();
  collector.close();
});
