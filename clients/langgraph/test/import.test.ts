/**
 * Goal: graphs go on with threads that LangGraph's own savers have kept so far, after `hyperloom import`. Method: LangGraph's savers write a
 * SQLite file and a PostgreSQL database, the command line imports each as a process, and what both savers tell of each thread is compared. What Python's
 * savers have kept is imported in clients/python/langgraph_tests; the other language's graph goes on with it in `shared-thread.test.ts`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HumanMessage } from '@langchain/core/messages';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import { HyperloomSaver } from '../src/index.ts';
import { Bench } from './support/broker.ts';
import { chat, of, said } from './support/graphs.ts';
import { importDatabase } from './support/import.ts';
import { FileSaver } from './support/node-sqlite.ts';
import { long, told, writeThreads } from './support/old-threads.ts';
import { lacksPostgres, Postgres } from './support/postgres.ts';

let bench: Bench;
let folder: string;
let file: string;

beforeAll(async () => {
  bench = await Bench.start();
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-import-'));
  file = join(folder, 'checkpoints.sqlite');
  using saver = new FileSaver(file);
  await writeThreads(saver);
}, 600_000);

afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const threads = ['a chat/with %odd id', 'answered', 'asked', 'nested', 'values'];

it('every checkpoint and pending write is what it was, and importing again changes nothing', async () => {
  const lines = await importDatabase(bench.broker.address, file, '--as', '/kept');
  expect(lines).toHaveLength(threads.length);
  const saver = new HyperloomSaver(bench.client, { root: '/kept' });
  using old = new FileSaver(file);
  for (const thread of threads) {
    const before = await told(old, thread);
    expect(before.size).toBeGreaterThan(1);
    expect(await told(saver, thread)).toEqual(before);
  }
  const { revision } = await bench.client.batchGet(['/kept']);
  const again = await importDatabase(bench.broker.address, file, '--as', '/kept');
  expect(again.map((line) => (line as { imported: number }).imported)).toEqual(threads.map(() => 0));
  expect((await bench.client.batchGet(['/kept'])).revision).toBe(revision);
}, 600_000);

it.skipIf(lacksPostgres)(
  'a PostgreSQL database is brought alike, and again what it has got since',
  async () => {
    await using server = await Postgres.start();
    const schema = 'agents';
    const old = PostgresSaver.fromConnString(server.url, { schema });
    try {
      await old.setup();
      await writeThreads(old);
      const source = `${server.url}?options=-csearch_path%3D${schema}`;
      const lines = await importDatabase(bench.broker.address, source, '--as', '/postgres');
      expect(lines).toHaveLength(threads.length);
      const saver = new HyperloomSaver(bench.client, { root: '/postgres' });
      for (const thread of threads) {
        const before = await told(old, thread);
        expect(before.size).toBeGreaterThan(1);
        expect(await told(saver, thread)).toEqual(before);
      }
      await chat(old, ['certainly']).invoke({ messages: [new HumanMessage('more?')] }, of('asked anew'));
      const again = await importDatabase(bench.broker.address, source, '--as', '/postgres');
      const brought = (again as readonly { id: string; imported: number }[]).filter(
        ({ imported }) => imported > 0,
      );
      expect(brought).toMatchObject([{ id: 'asked anew', imported: 3 }]);
      expect(await told(saver, 'asked anew')).toEqual(await told(old, 'asked anew'));
    } finally {
      await old.end();
    }
  },
  600_000,
);

it('a graph goes on where it was, with one list of messages', async () => {
  await importDatabase(bench.broker.address, file, '--as', '/continued');
  const saver = new HyperloomSaver(bench.client, { root: '/continued' });
  const thread = of('a chat/with %odd id');
  using old = new FileSaver(file);
  const before = said((await chat(old, []).getState(thread)).values['messages'] as []);
  const graph = chat(saver, ['certainly']);
  const { messages } = await graph.invoke({ messages: [new HumanMessage('will you go on?')] }, thread);
  expect(said(messages)).toEqual([...before, 'will you go on?', 'certainly']);
  const record = await bench.client.get(
    `/continued/a chat%2Fwith %25odd id/langgraph/checkpoints/${String((await saver.getTuple(thread))?.checkpoint.id)}`,
  );
  expect(JSON.parse(record.json ?? '{}')).toMatchObject({
    channels: { messages: { list: expect.any(Array) as unknown } },
  });
  const [line] = await importDatabase(
    bench.broker.address,
    file,
    '--as',
    '/continued',
    '--only',
    'a chat/with %odd id',
  );
  expect(line).toMatchObject({ imported: 0, problems: [] });
}, 600_000);

it('what a graph adds to the database later is brought by importing again', async () => {
  const own = join(folder, 'growing.sqlite');
  const thread = of('growing');
  const saver = new HyperloomSaver(bench.client, { root: '/growing' });
  for (const turn of ['one', 'two', 'three']) {
    using old = new FileSaver(own);
    await chat(old, [`${turn} ${long}`]).invoke({ messages: [new HumanMessage(turn)] }, thread);
    await importDatabase(bench.broker.address, own, '--as', '/growing');
    expect(await told(saver, 'growing')).toEqual(await told(old, 'growing'));
  }
}, 600_000);
