/**
 * Goal: who traces sees the way of a write as one trace, from an agent in one language through the broker to an agent in another; who does
 * not, costs nothing and is sent nowhere. Method: a broker as a process of its own with its journal on disk, the SDKs with OpenTelemetry's own, and a
 * collector that takes OTLP from all of them.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { connect, operation, type Client } from '../../clients/typescript/src/index.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { type CollectedSpan, OtlpCollector } from '../support/otlp-collector.ts';

const python = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
/** Does a piece of work for the first event, in a span that begins where the event was made. */
const subscriber = `
import asyncio, sys
import hyperloom, hyperloom.sync
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

provider = TracerProvider(resource=Resource.create({"service.name": "subscriber"}))
provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(endpoint=sys.argv[2])))
tracer = provider.get_tracer("subscriber")

async def main():
    async with hyperloom.connect(sys.argv[1], author="subscriber") as client:
        async with client.subscribe("/joined/asked") as changes:
            async for item in changes:
                if isinstance(item, hyperloom.Snapshot):
                    print("ready", flush=True)
                elif isinstance(item, hyperloom.Event):
                    asked = TraceContextTextMapPropagator().extract({"traceparent": item.trace_parent})
                    with tracer.start_as_current_span("answer", context=asked):
                        await client.put("/joined/answered", "by a subscriber")
                    break

asyncio.run(main())
with hyperloom.sync.connect(sys.argv[1]) as client, tracer.start_as_current_span("blocking"):
    client.put("/joined/blocking", "in a thread of its own")
provider.shutdown()
`;

let folder: string;
let collector: OtlpCollector;
let broker: BrokerProcess;
let provider: TracerProvider;
let client: Client;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-tracing-'));
  collector = await OtlpCollector.start();
  broker = new BrokerProcess(join(folder, 'data'), ['--otlp-endpoint', collector.url, '--trace-share', '0']);
  await broker.start();
  const exporter = new OTLPTraceExporter({ url: `${collector.url}/v1/traces` });
  provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'agent' }),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  client = connect(broker.address, { author: 'agent' });
});
afterAll(async () => {
  await client.close();
  await provider.shutdown();
  context.disable();
  propagation.disable();
  expect(await broker.stop('SIGTERM')).toBe(0);
  await collector.close();
  await rm(folder, { recursive: true });
});

/** Runs something in a span of the agent's own; resolves with the id of its trace. */
async function inSpan(name: string, work: () => Promise<unknown>): Promise<string> {
  const span = provider.getTracer('agent').startSpan(name, {}, ROOT_CONTEXT);
  await context.with(trace.setSpan(ROOT_CONTEXT, span), work);
  span.end();
  return span.spanContext().traceId;
}

const inTrace = (traceId: string): CollectedSpan[] =>
  collector.spans.filter((span) => span.traceId === traceId);

/** The spans of a trace as lines, each below its parent. */
function tree(traceId: string): string[] {
  const spans = inTrace(traceId);
  const below = (parent: string, indent: string): string[] =>
    spans
      .filter(({ parentSpanId }) => parentSpanId === parent)
      .toSorted((one, other) => Number(one.start - other.start))
      .flatMap(({ service, name, spanId }) => [
        `${indent}${service}: ${name}`,
        ...below(spanId, `${indent}  `),
      ]);
  return below('', '');
}

/** Waits until a trace has spans of these names. */
const untilTraced = (traceId: string, ...names: readonly string[]): Promise<void> =>
  collector.until(() => {
    const there = inTrace(traceId).map(({ name }) => name);
    return names.every((name) => there.includes(name));
  });

const parts = ['sequence', 'apply', 'journal.append', 'journal.sync', 'deliver'];
const wayOf = (indent: string): string[] => parts.map((part) => `${indent}hyperloom: hyperloom.${part}`);

test('an agent in TypeScript, the broker and a subscriber in Python are in one trace', async () => {
  const child = spawn(python, ['-c', subscriber, broker.address, `${collector.url}/v1/traces`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await new Promise((resolve) => createInterface(child.stdout).once('line', resolve));
  const traceId = await inSpan('ask', () => client.put('/joined/asked', 'how?'));
  expect(await ended).toBe(0);
  await collector.until(
    () => inTrace(traceId).filter(({ name }) => name === 'hyperloom.deliver').length === 2,
  );
  await untilTraced(traceId, 'ask');
  const lines = tree(traceId);
  expect(lines.slice(0, 2)).toEqual(['agent: ask', '  hyperloom: hyperloom.publish']);
  const own = lines.filter((line) => /^ {4}\S/.test(line));
  expect(own.toSorted()).toEqual([...wayOf('    '), '    subscriber: answer'].toSorted());
  const answered = lines.indexOf('    subscriber: answer');
  expect(lines.slice(answered + 1, answered + 2 + parts.length)).toEqual([
    '      hyperloom: hyperloom.publish',
    ...wayOf('        '),
  ]);
  const events = await client.history({ path: '/joined' }).all();
  const published = inTrace(traceId).filter(({ name }) => name === 'hyperloom.publish');
  expect(events.slice(0, 2).map(({ traceParent }) => traceParent)).toEqual(
    events
      .slice(0, 2)
      .map(
        ({ revision }) =>
          `00-${traceId}-${published.find(({ attributes }) => Number(attributes.get('hyperloom.revision')) === revision)?.spanId}-01`,
      ),
  );
  // Who blocks is in a span of the calling thread, though its calls are made in another one.
  const blocking = collector.spans.find(({ name }) => name === 'blocking');
  expect(events.at(-1)?.traceParent).toMatch(new RegExp(`^00-${blocking?.traceId}-`));
  expect(new Set(collector.requests)).toEqual(
    new Set(['/v1/traces application/json', '/v1/traces application/x-protobuf']),
  );
});

test('the parts of a write follow one another, and say where it took effect', async () => {
  const traceId = await inSpan('write', () => client.put('/way/a', 'x'));
  await untilTraced(traceId, 'hyperloom.deliver', 'hyperloom.publish');
  const named = (name: string): CollectedSpan => {
    const found = inTrace(traceId).filter((span) => span.name === `hyperloom.${name}`);
    expect(found.length).toBe(1);
    return found[0] as CollectedSpan;
  };
  let before = named('publish').start;
  for (const part of parts) {
    const { start, end, attributes } = named(part);
    expect(start, part).toBeGreaterThanOrEqual(before);
    expect(end, part).toBeGreaterThanOrEqual(start);
    expect(attributes.get('hyperloom.forest'), part).toBe('default');
    before = start;
  }
  expect(named('journal.sync').end).toBeLessThanOrEqual(named('deliver').start);
  expect(Object.fromEntries(named('publish').attributes)).toMatchObject({
    'hyperloom.operations': 1,
    'hyperloom.repeated': false,
  });
  expect(named('sequence').attributes.get('hyperloom.command')).toBe('publish');
  expect(Number(named('journal.sync').attributes.get('hyperloom.batch.bytes'))).toBeGreaterThan(0);
});

test('calls have spans of their own, with what came of them; a refusal is no error', async () => {
  const traceId = await inSpan('calls', async () => {
    const ghost = await client.ghost({ scope: '/calls' });
    await ghost.put('/calls/a', 'staged');
    await ghost.commit();
    await client.get('/calls/nothing').catch(() => undefined);
  });
  await untilTraced(traceId, 'hyperloom.v1.ContextService/Get');
  await collector.until(
    () => inTrace(traceId).filter(({ name }) => name === 'hyperloom.deliver').length === 3,
  );
  const called = (name: string): CollectedSpan | undefined =>
    inTrace(traceId).find((span) => span.name === `hyperloom.v1.ContextService/${name}`);
  expect(Object.fromEntries(called('Commit')?.attributes ?? [])).toEqual({
    'rpc.system': 'grpc',
    'rpc.service': 'hyperloom.v1.ContextService',
    'rpc.method': 'Commit',
    'rpc.grpc.status_code': 0,
  });
  expect(called('Get')).toMatchObject({ status: 0 });
  expect(called('Get')?.attributes.get('hyperloom.reason')).toBe('NODE_NOT_FOUND');
  const below = inTrace(traceId).filter(({ parentSpanId }) => parentSpanId === called('Commit')?.spanId);
  expect(below.map(({ name }) => name).toSorted()).toEqual(
    parts.map((part) => `hyperloom.${part}`).toSorted(),
  );
});

test('a publish by Connect is within its call, also where its request says the trace once more', async () => {
  const [traceId, spanId] = ['c0ffee'.padEnd(32, '0'), 'beef'.padEnd(16, '0')];
  const traceParent = `00-${traceId}-${spanId}-01`;
  const body = { operations: [{ path: '/web/a', put: { text: 'x' } }], traceParent };
  const answer = await fetch(`http://${broker.address}/hyperloom.v1.ContextService/Publish`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: `00-${traceId}-${'1'.repeat(16)}-01` },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
  await untilTraced(traceId, 'hyperloom.deliver', 'hyperloom.v1.ContextService/Publish');
  const named = (name: string): CollectedSpan | undefined =>
    inTrace(traceId).find((span) => span.name === name);
  const call = named('hyperloom.v1.ContextService/Publish');
  expect(call?.parentSpanId).toBe('1'.repeat(16));
  expect(named('hyperloom.publish')?.parentSpanId).toBe(call?.spanId);
  const own = named('hyperloom.publish')?.spanId;
  expect(named('hyperloom.journal.sync')?.parentSpanId).toBe(own);
  const [event] = await client.history({ path: '/web' }).all();
  expect(event?.traceParent).toBe(`00-${traceId}-${own}-01`);
});

test('a diff that waited for a lock says so', async () => {
  const lock = await client.lock('/waited');
  const waiting = inSpan('wait', () => client.put('/waited/a', 'x', { lockWaitMs: 30_000 }));
  const status = async (): Promise<number> => (await client.status()).locksWaiting;
  while ((await status()) === 0);
  await lock.release();
  const traceId = await waiting;
  await untilTraced(traceId, 'hyperloom.lock_wait', 'hyperloom.deliver');
  const names = inTrace(traceId).map(({ name }) => name);
  expect(names.filter((name) => name === 'hyperloom.lock_wait')).toHaveLength(1);
});

test('each diff of a stream has the trace context of its moment; what is not sampled leaves no span, and is kept as it came', async () => {
  const before = collector.spans.length;
  const unsampled = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';
  await client.publish([operation.put('/quiet/a', 'x')], { traceParent: unsampled });
  await client.put('/quiet/b', 'outside of spans');
  const ids = await Promise.all(
    ['c', 'd'].map((name) => inSpan(name, () => client.put(`/quiet/${name}`, name))),
  );
  for (const id of ids) await untilTraced(id, 'hyperloom.deliver', 'hyperloom.publish');
  expect(new Set(collector.spans.slice(before).map(({ traceId }) => traceId))).toEqual(new Set(ids));
  const [first, second, ...rest] = await client.history({ path: '/quiet' }).all();
  expect([first?.traceParent, second?.traceParent]).toEqual([unsampled, undefined]);
  expect(rest.map(({ traceParent }) => traceParent?.slice(3, 35))).toEqual(ids);
});

test('a collector that is away disturbs nobody, and is counted', async () => {
  const told = async (result: string): Promise<number> => {
    const text = await (await fetch(`http://${broker.address}/metrics`)).text();
    return Number(new RegExp(`hyperloom_spans_total\\{result="${result}"\\} (\\d+)`).exec(text)?.[1]);
  };
  const sent = await told('sent');
  expect(sent).toBeGreaterThan(0);
  collector.status = 400;
  await inSpan('lost', () => client.put('/lost/a', 'x'));
  while ((await told('failed')) === 0);
  collector.status = 200;
  const traceId = await inSpan('found', () => client.put('/lost/b', 'x'));
  await untilTraced(traceId, 'hyperloom.deliver');
  expect(broker.errors).toContain('the collector takes no spans');
});
