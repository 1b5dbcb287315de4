/**
 * Goal: an event tells the W3C trace context of the call that did it, however that came, and for ever; what is no trace context is passed over
 * and decides on nothing. Method: a whole broker with a journal on disk; the client for Node, the one for browsers, and connect-node.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { connect as connectWeb } from '../../clients/typescript/src/browser.ts';
import { connect, operation, type Client } from '../../clients/typescript/src/index.ts';
import { putText, startTestBroker } from '../support/broker.ts';
import type { TestBroker } from '../support/broker.ts';

let folder: string;
let broker: TestBroker;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-traces-'));
  broker = await start();
});
afterAll(async () => {
  expect([...broker.fatal, ...broker.log]).toEqual([]);
  await broker.close();
  await rm(folder, { recursive: true });
});

function start(): Promise<TestBroker> {
  return startTestBroker({ settings: { journal: 'embedded', data: join(folder, 'data') } });
}

/** The context of a span of its own. */
const spanOf = (number: number): string =>
  `00-0af7651916cd43dd8448eb211c80319c-${String(number).padStart(16, '0')}-01`;

/** What happened below a path with its trace, the ghosts included. */
async function told(client: Client, ...paths: readonly string[]): Promise<readonly (readonly unknown[])[]> {
  const events = await client.history({ everything: true }).all();
  return events
    .filter(({ changes }) => changes.some(({ path }) => paths.some((below) => path.startsWith(below))))
    .map(({ transition, traceParent }) => [transition?.kind ?? 'publish', traceParent]);
}

test('each diff of a stream has its own, calls have that of their metadata, and a restart changes nothing', async () => {
  let span = 0;
  const client = connect(broker.url.slice('http://'.length), { traceParent: () => spanOf((span += 1)) });
  await Promise.all(['a', 'b', 'c'].map((name) => client.put(`/run/${name}`, name)));
  await client.put('/run/own', 'x', { traceParent: spanOf(77) });
  const ghost = await client.ghost({ scope: '/run' });
  await ghost.put('/run/staged', 'y');
  span = 500;
  await ghost.commit();
  const events = await told(client, '/run');
  expect(events.slice(0, 4)).toEqual([
    ['publish', spanOf(1)],
    ['publish', spanOf(2)],
    ['publish', spanOf(3)],
    ['publish', spanOf(77)],
  ]);
  const [staged, committed] = events.slice(4);
  expect(staged).toEqual(['staged', expect.stringMatching(/^00-0af76519/)]);
  expect(committed).toEqual(['committed', spanOf(501)]);
  client.destroy();
  await broker.close();
  broker = await start();
  const again = connect(broker.url.slice('http://'.length));
  expect(await told(again, '/run')).toEqual(events);
  await again.close();
});

test('a browser, and whoever sets the metadata, is told as well', async () => {
  const client = connectWeb(broker.url, { traceParent: () => spanOf(9) });
  await client.put('/web/a', 'x');
  await broker.context.publish(
    { operations: [putText('/web/b', 'y')] },
    { headers: { traceparent: spanOf(10) } },
  );
  await broker.context.publish(
    { operations: [putText('/web/c', 'z')], traceParent: spanOf(11) },
    { headers: { traceparent: spanOf(12) } },
  );
  expect(await told(client, '/web')).toEqual([
    ['publish', spanOf(9)],
    ['publish', spanOf(10)],
    ['publish', spanOf(11)],
  ]);
  client.destroy();
});

test.each([
  ['nothing', ''],
  ['no ids', 'none'],
  ['ids of zeros', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`],
  ['a span of zeros', `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`],
  ['capital letters', spanOf(1).toUpperCase().replace('00-', '00-A').slice(0, 55)],
  ['another version', spanOf(1).replace(/^00/, '01')],
  ['more than there may be', `${spanOf(1)}-more`],
  ['a script', 'javascript:alert(1)'.padEnd(55, 'x')],
])('%s is passed over, and the diff takes effect', async (name, traceParent) => {
  const path = `/odd/${name.replaceAll(' ', '_')}`;
  const client = connect(broker.url.slice('http://'.length));
  await client.publish([operation.put(path, 'x')], { traceParent });
  expect(await told(client, path)).toEqual([['publish', undefined]]);
  await client.close();
});

test('a repetition within another trace is the same request', async () => {
  const client = connect(broker.url.slice('http://'.length));
  const options = { requestId: 'once', label: 'again' };
  const first = await client.put('/once', 'x', { ...options, traceParent: spanOf(1) });
  const second = await client.put('/once', 'x', { ...options, traceParent: spanOf(2) });
  const third = await client.put('/once', 'x', options);
  expect([second, third].map(({ revision, repeated }) => [revision, repeated])).toEqual([
    [first.revision, true],
    [first.revision, true],
  ]);
  const merged = { requestId: 'merged', preconditions: [] };
  const one = await client.merge('/merged', { a: 1 }, { ...merged, traceParent: spanOf(1) });
  const other = await client.merge('/merged', { a: 1 }, { ...merged, traceParent: spanOf(2) });
  expect(other).toMatchObject({ revision: one.revision, repeated: true });
  await client.close();
});

test('subscribers are told, of what happens as of what has happened', async () => {
  const client = connect(broker.url.slice('http://'.length));
  const { revision } = await client.put('/told/a', 'x', { traceParent: spanOf(1) });
  const traces: (string | undefined)[] = [];
  for await (const item of client.subscribe('/told/**', { start: { afterRevision: revision - 1 } })) {
    if (item.kind !== 'event') continue;
    traces.push(item.event.traceParent);
    if (traces.length === 1) await client.put('/told/b', 'y', { traceParent: spanOf(2) });
    else break;
  }
  expect(traces).toEqual([spanOf(1), spanOf(2)]);
  await client.close();
});
