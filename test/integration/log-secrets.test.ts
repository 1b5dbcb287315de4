/**
 * Goal: no log line has what agents store, where they store it, who they say they are, or what lets them in. Method: a broker that logs everything, with
 * tokens and TLS keys in files; every kind of call with marked values, paths, labels, reasons and tokens, most of which it refuses, on every protocol.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { hashOf } from '../../src/access/token.ts';
import { logLevels } from '../../src/log-settings.ts';
import { putJson, putText, startTestBroker, type TestBroker } from '../support/broker.ts';

/** Everything that nobody may find in a log. */
const mark = 'sEcReT';
const token = `hl_${'a'.repeat(16)}_${mark.repeat(6)}`;

let folder: string;
let open: TestBroker;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-logs-'));
  open = await startTestBroker({ logLevel: 'debug' });
});
afterAll(async () => {
  await open.close();
  await rm(folder, { recursive: true });
});

/** Calls that hold marks in every place, most of them refused. */
async function provoke(broker: TestBroker): Promise<void> {
  const { context, forests, locks, schemas } = broker;
  const headers = { authorization: `Bearer ${token}`, cookie: mark, 'x-more': mark };
  const put = { operations: [putText(`/${mark}/a`, mark)], author: mark, label: mark, requestId: mark };
  const calls: (() => Promise<unknown>)[] = [
    () => context.publish(put, { headers }),
    () => context.publish({ ...put, operations: [putText(`/${mark}/b`, mark)] }, { headers }),
    () => context.publish({ operations: [putText(`no path ${mark}`, mark)] }, { headers }),
    () => context.publish({ forest: mark, operations: [putText('/a', mark)] }, { headers }),
    () => context.publish({ operations: [putJson('/a', { [mark]: mark })], ghostId: mark }, { headers }),
    () => context.publish({ operations: [putText('/a', mark)], fencingTokens: [7n] }, { headers }),
    () => context.get({ path: `/${mark}/none` }, { headers }),
    () => context.get({ path: mark }, { headers }),
    () => context.history({ path: `/${mark}`, pageToken: mark }, { headers }),
    () => context.revert({ target: { case: 'ghostId', value: mark }, reason: mark }, { headers }),
    () => context.renderContext({ parts: [{ pattern: mark }] }, { headers }),
    () => context.search({ query: '', path: mark }, { headers }),
    () =>
      locks.acquireLock({ targets: [{ path: mark }], owner: { case: 'leaseId', value: mark } }, { headers }),
    () => schemas.getSchema({ name: mark }, { headers }),
    () => forests.createForest({ name: `${mark} no name` }, { headers }),
  ];
  for (const call of calls) await call().catch(() => undefined);
  const json = { 'content-type': 'application/json', ...headers };
  const url = `${broker.url}/hyperloom.v1.ContextService/Publish?${mark}`;
  for (const body of [
    `{"${mark}": 1}`,
    mark,
    `{"operations": [{"path": "/${mark}", "put": {"json": "${mark}"}}]}`,
  ])
    await fetch(url, { method: 'POST', headers: json, body });
  await fetch(`${broker.url}/${mark}?token=${mark}`, { headers });
  await fetch(`${broker.url}/mcp`, { method: 'POST', headers: json, body: `{"${mark}"` });
}

test('of a broker that asks nobody', async () => {
  await provoke(open);
  const lines = open.log.map((line) => JSON.parse(line) as { level: string; message: string });
  // Something was told of, or this would show nothing.
  expect(lines.filter(({ message }) => message === 'a call was refused').length).toBeGreaterThan(8);
  for (const { level } of lines) expect(logLevels).toContain(level);
  expect(open.log.filter((line) => line.includes(mark))).toEqual([]);
  expect(open.fatal).toEqual([]);
});

test('of a broker that asks who calls, and whose files have secrets', async () => {
  const [access, tokens] = [join(folder, 'access.yaml'), join(folder, 'tokens.json')];
  await writeFile(
    access,
    'version: 1\ngrants:\n  - principals: planner\n    paths: ["/plans/**"]\n    may: [read]\n',
  );
  await writeFile(tokens, JSON.stringify({ version: 1, tokens: [] }));
  const broker = await startTestBroker({ logLevel: 'debug', settings: { access, tokens } });
  await provoke(broker);
  // A file that is written wrongly is told of, without what it holds.
  await writeFile(tokens, `{"version": 1, "tokens": [{"id": "${mark}", "hash": "${hashOf(mark)}" ${mark}}]}`);
  while (!broker.log.some((line) => line.includes('cannot be read')))
    await new Promise((resolve) => setImmediate(resolve));
  expect(broker.log.length).toBeGreaterThan(8);
  const told = broker.log.filter((line) => line.includes(mark) || line.includes(hashOf(mark)));
  await broker.close();
  expect(told).toEqual([]);
});
