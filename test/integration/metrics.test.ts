/**
 * Goal: `/metrics` tells what happened, in a text that Prometheus reads, whatever agents call themselves. Method: a whole broker on a real
 * socket; what it tells goes through the parser of Prometheus' own Python client.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { create } from '@bufbuild/protobuf';
import { allMetrics } from '../../scripts/metrics-reference/page.ts';
import { meterSeriesRowsMax } from '../../src/base/limits.ts';
import { LockMode } from '../../src/gen/hyperloom/v1/lock_pb.ts';
import { PublishStreamRequestSchema } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { Presence } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import { putText, refusalOf, startTestBroker, type TestBroker } from '../support/broker.ts';

const python = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
const parser = `
import json, sys
from prometheus_client.parser import text_string_to_metric_families
told = [[f.name, f.type, f.documentation, [[s.name, s.labels, repr(float(s.value))] for s in f.samples]]
        for f in text_string_to_metric_families(sys.stdin.read())]
print(json.dumps(told))
`;

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [name: string, labels: Labels, value: string];
type Family = readonly [name: string, type: string, help: string, samples: readonly Sample[]];

let folder: string;
let broker: TestBroker;

beforeAll(async () => {
  if (!existsSync(python)) throw new Error('no Python environment: npm test makes it (.venv)');
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-metrics-'));
  broker = await startTestBroker({ settings: { journal: 'embedded', data: join(folder, 'data') } });
});
afterAll(async () => {
  expect(broker.fatal).toEqual([]);
  await broker.close();
  await rm(folder, { recursive: true });
});

async function scrape(): Promise<readonly Family[]> {
  const response = await fetch(`${broker.url}/metrics`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const input = await response.text();
  const options = { input, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 } as const;
  return JSON.parse(execFileSync(python, ['-c', parser], options)) as readonly Family[];
}

/** The value of one sample; `undefined` where there is none with these labels. */
function valueOf(families: readonly Family[], name: string, labels: Labels = {}): number | undefined {
  const samples = families.flatMap(([, , , all]) => all);
  const found = samples.filter(
    ([own, told]) => own === name && Object.entries(labels).every(([key, value]) => told[key] === value),
  );
  expect(found.length).toBeLessThanOrEqual(1);
  return found[0] === undefined ? undefined : Number(found[0][2]);
}

describe('/metrics', () => {
  test('tells what a forest holds and what happened in it', async () => {
    const { context, forests } = broker;
    await forests.createForest({ name: 'other' });
    await context.publish({ operations: [putText('/session/a', 'one'), putText('/session/b', 'two')] });
    await context.publish({ operations: [putText('/session/a', 'three')] });
    await context.beginGhost({});
    await refusalOf(context.get({ path: '/nowhere' }));
    await refusalOf(context.get({ path: 'no path' }));
    const families = await scrape();
    const inDefault = { forest: 'default' };
    expect(valueOf(families, 'hyperloom_forest_revision', inDefault)).toBe(2);
    expect(valueOf(families, 'hyperloom_forest_nodes', inDefault)).toBe(2);
    expect(valueOf(families, 'hyperloom_forest_ghosts', inDefault)).toBe(1);
    expect(valueOf(families, 'hyperloom_forest_writable', inDefault)).toBe(1);
    expect(valueOf(families, 'hyperloom_forest_revision', { forest: 'other' })).toBe(0);
    expect(valueOf(families, 'hyperloom_forest_commands_total', { ...inDefault, kind: 'publish' })).toBe(2);
    expect(valueOf(families, 'hyperloom_forest_commands_total', { ...inDefault, kind: 'begin_ghost' })).toBe(
      1,
    );
    expect(valueOf(families, 'hyperloom_forest_subscription_lag_entries', inDefault)).toBe(0);
    expect(valueOf(families, 'hyperloom_refusals_total', { reason: 'NODE_NOT_FOUND' })).toBe(1);
    expect(valueOf(families, 'hyperloom_refusals_total', { reason: 'INVALID_PATH' })).toBe(1);
    expect(valueOf(families, 'hyperloom_journal_commit_seconds_count')).toBeGreaterThanOrEqual(2);
    expect(valueOf(families, 'hyperloom_journal_commit_bytes_total')).toBeGreaterThan(0);
    expect(valueOf(families, 'hyperloom_build_info', { version: '0.0.0-test' })).toBe(1);
    for (const [name, , help, samples] of families) {
      expect(help, name).toMatch(/\.$/);
      expect(samples.length, name).toBeGreaterThan(0);
    }
  });

  test('has histograms whose buckets add up', async () => {
    const families = await scrape();
    const histograms = families.filter(([, type]) => type === 'histogram');
    expect(histograms.map(([name]) => name).sort()).toEqual([
      'hyperloom_event_loop_delay_seconds',
      'hyperloom_gc_seconds',
      'hyperloom_journal_commit_seconds',
      'hyperloom_rpc_seconds',
      'hyperloom_write_seconds',
    ]);
    for (const [name, , , samples] of histograms) {
      const counts = samples.filter(([own]) => own === `${name}_count`);
      expect(counts.length).toBeGreaterThan(0);
      for (const [, labels, count] of counts) {
        const own = samples.filter(
          ([part, told]) =>
            part === `${name}_bucket` && Object.entries(labels).every(([key, value]) => told[key] === value),
        );
        const buckets = own.map(([, , value]) => Number(value));
        expect(buckets).toEqual(buckets.toSorted((a, b) => a - b));
        expect(buckets.at(-1)).toBe(Number(count));
      }
    }
  });

  test('counts calls by method and how they ended, on every protocol, and streams while they are open', async () => {
    const { context } = broker;
    const get = { method: 'hyperloom.v1.ContextService/Get' };
    const before = await scrape();
    const since = (after: readonly Family[], name: string, labels: Labels): number =>
      (valueOf(after, name, labels) ?? 0) - (valueOf(before, name, labels) ?? 0);
    await context.get({ path: '/session/a' });
    await refusalOf(context.get({ path: '/nowhere' }));
    const url = `${broker.url}/hyperloom.v1.ContextService/`;
    const headers = { 'content-type': 'application/json' };
    for (const body of ['{"path": "/session/a"}', '{"path": "/nowhere"}', 'no json'])
      await fetch(`${url}Get`, { method: 'POST', headers, body });
    const stopping = new AbortController();
    const subscription = context.subscribe({ patterns: ['/**'] }, { signal: stopping.signal });
    const items = subscription[Symbol.asyncIterator]();
    await items.next();
    const after = await scrape();
    expect(since(after, 'hyperloom_rpc_calls_total', { ...get, code: 'OK' })).toBe(2);
    expect(since(after, 'hyperloom_rpc_calls_total', { ...get, code: 'NOT_FOUND' })).toBe(2);
    expect(since(after, 'hyperloom_rpc_seconds_count', get)).toBe(4);
    expect(valueOf(after, 'hyperloom_rpc_open_calls', get)).toBe(0);
    const subscribe = { method: 'hyperloom.v1.ContextService/Subscribe' };
    expect(valueOf(after, 'hyperloom_rpc_open_calls', subscribe)).toBe(1);
    stopping.abort();
    await items.next().catch(() => undefined);
    const open = async (): Promise<number | undefined> =>
      valueOf(await scrape(), 'hyperloom_rpc_open_calls', subscribe);
    while ((await open()) !== 0);
    expect(since(await scrape(), 'hyperloom_rpc_calls_total', { ...subscribe, code: 'CANCELLED' })).toBe(1);
  });

  test('clients cannot make up methods', async () => {
    const session = connect(broker.url);
    for (const name of ['One', 'Two', 'Three']) {
      const path = `/made.up.Service/${name}`;
      const stream = session.request({
        ':method': 'POST',
        ':path': path,
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      stream.resume();
      stream.end();
      await once(stream, 'close');
    }
    session.close();
    const families = await scrape();
    const unknown = { method: 'unknown', code: 'UNIMPLEMENTED' };
    expect(valueOf(families, 'hyperloom_rpc_calls_total', unknown)).toBe(3);
    const [, , , samples = []] = families.find(([name]) => name === 'hyperloom_rpc_calls') ?? [];
    expect(samples.filter(([, { method = '' }]) => method.includes('made.up'))).toEqual([]);
  });

  test('tells how old ghosts and locks are', async () => {
    const { context, forests, locks } = broker;
    await forests.createForest({ name: 'aged' });
    const forest = 'aged';
    await context.beginGhost({ forest });
    const waiting = new AbortController();
    const lock = (path: string): Promise<unknown> =>
      locks.acquireLock(
        {
          forest,
          owner: { case: 'ttl', value: { seconds: 30n } },
          targets: [{ path, mode: LockMode.EXCLUSIVE }],
          wait: { seconds: 30n },
        },
        { signal: waiting.signal },
      );
    await lock('/a');
    const second = lock('/a').catch(() => undefined);
    const told = async (name: string, seconds: string): Promise<number | undefined> =>
      valueOf(await scrape(), `hyperloom_forest_${name}_older`, { forest, seconds });
    while ((await told('locks_waiting', '0')) !== 1);
    expect(await told('locks_held', '0')).toBe(1);
    expect(await told('ghosts', '0')).toBe(1);
    for (const name of ['ghosts', 'locks_held', 'locks_waiting']) expect(await told(name, '3600')).toBe(0);
    waiting.abort();
    await second;
    await forests.deleteForest({ name: 'aged' });
  });

  test('tells nothing that docs/metrics.md does not name, under no other labels', async () => {
    const known = new Map(allMetrics().map(({ name, labels }) => [name, labels]));
    for (const [name, type, , samples] of await scrape()) {
      // Prometheus' parser takes the end off the names of counters.
      const labels = known.get(type === 'counter' ? `${name}_total` : name);
      expect(labels, name).toBeDefined();
      for (const [, told] of samples)
        expect(Object.keys(told).filter((label) => label !== 'le')).toEqual(labels);
    }
  });

  test('counts diffs that are refused on a stream', async () => {
    const before =
      valueOf(await scrape(), 'hyperloom_refusals_total', { reason: 'PRECONDITION_FAILED' }) ?? 0;
    const condition = { case: 'presence', value: Presence.ABSENT } as const;
    const absent = { path: '/session/a', condition };
    const publish = { operations: [putText('/session/a', 'x')], preconditions: [absent] };
    const request = create(PublishStreamRequestSchema, { publish });
    const outcomes = [];
    for await (const { outcome } of broker.context.publishStream(twice(request))) outcomes.push(outcome.case);
    expect(outcomes).toEqual(['refused', 'refused']);
    const after = valueOf(await scrape(), 'hyperloom_refusals_total', { reason: 'PRECONDITION_FAILED' });
    expect(after).toBe(before + 2);
  });

  test('tells agents by whatever name they have', async () => {
    const names = [
      'quote "',
      'back\\slash \\n',
      'line\nbreak',
      'tab\tand {brace="1"} 1',
      'Zoë 眠る 🐟',
      '',
      '# HELP x',
    ];
    for (const [index, author] of names.entries())
      await broker.context.publish({
        author,
        operations: [putText(`/tree "${index}"/a`, 'x'.repeat(index + 1))],
      });
    const families = await scrape();
    for (const [index, agent] of names.entries()) {
      const labels = { agent, tree: `tree "${index}"`, content: 'published' };
      expect(valueOf(families, 'hyperloom_meter_bytes_total', labels)).toBe(index + 1);
    }
  });

  test('has a bounded number of series, and loses no byte', async () => {
    const { context, forests } = broker;
    await forests.createForest({ name: 'crowd' });
    const crowd = 2 * meterSeriesRowsMax;
    for (let from = 0; from < crowd; from += 100) {
      const each = Array.from({ length: 100 }, (_, index) =>
        context.publish({
          forest: 'crowd',
          author: `agent ${from + index}`,
          operations: [putText('/t/a', 'four')],
        }),
      );
      await Promise.all(each);
    }
    const families = await scrape();
    const [, , , samples = []] = families.find(([name]) => name === 'hyperloom_meter_bytes') ?? [];
    const published = samples.filter(
      ([, { forest, content }]) => forest === 'crowd' && content === 'published',
    );
    expect(published.length).toBeLessThanOrEqual(meterSeriesRowsMax + 1);
    expect(published.reduce((sum, [, , value]) => sum + Number(value), 0)).toBe(4 * crowd);
    const rest = published.filter(([, { agent }]) => agent === '');
    expect(rest.length).toBe(1);
    // Whoever made the crowd is gone with the forest, and its places are free again.
    await forests.deleteForest({ name: 'crowd' });
    await context.publish({ author: 'late', operations: [putText('/late/a', 'x')] });
    const late = { agent: 'late', tree: 'late', content: 'published' };
    expect(valueOf(await scrape(), 'hyperloom_meter_bytes_total', late)).toBe(1);
  });

  test('can only be read', async () => {
    const head = await fetch(`${broker.url}/metrics?x=1`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const posted = await fetch(`${broker.url}/metrics`, { method: 'POST', body: 'x' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await fetch(`${broker.url}/metrics/more`)).status).toBe(404);
  });
});

async function* twice<T>(each: T): AsyncGenerator<T> {
  yield each;
  yield each;
}
