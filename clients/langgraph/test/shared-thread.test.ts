/**
 * Goal: graphs in JavaScript and Python go on with one thread in turns, also with one that an older version or a saver of LangGraph's own had begun.
 * Method: real graphs of both, against one broker; Python's in its own process; a thread's nodes out of a file that stays as it is.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BaseCheckpointSaver } from '@langchain/langgraph-checkpoint';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import { expect, test } from 'vitest';
import { Bench } from './support/broker.ts';
import { importDatabase } from './support/import.ts';
import { FileSaver } from './support/node-sqlite.ts';
import { lacksPostgres, Postgres } from './support/postgres.ts';
import { nodesBelow, recordedThread, restore } from './support/recorded-thread.ts';
import { talkHere, talkInPython, talkWith } from './support/talks.ts';

test('a conversation goes on in the other language, and back, with every message as it was', async () => {
  await using bench = await Bench.start();
  const { address } = bench.broker;
  const expected: [string, string][] = [];
  const long = (words: string): string => `${words} ${'and so on '.repeat(60)}`;
  for (let turn = 0; turn < 6; turn += 1) {
    const [question, answer] = [
      long(`question ${turn}`),
      turn % 3 === 0 ? long(`answer ${turn}`) : `answer ${turn}`,
    ];
    expected.push(['human', question], ['ai', answer]);
    const told =
      turn % 2 === 0
        ? await talkHere(bench, question, answer)
        : await talkInPython(address, question, answer);
    expect(told).toEqual({ said: expected, checkpoints: 3 * (turn + 1) });
  }
  const lists = await bench.client
    .list('/shared/langgraph/channels/messages', { depth: 2, keysOnly: true })
    .all();
  const bytes = lists.reduce((sum, { valueBytes }) => sum + valueBytes, 0);
  // Each message is written about once, whichever language comes by it.
  expect(bytes).toBeLessThan(2 * expected.length * 400);
});

test.each(['thread-1'])('%s, which was written long ago, goes on in both languages', async (name) => {
  await using bench = await Bench.start();
  const { nodes, said, checkpoints } = await recordedThread(name);
  await restore(bench.client, '/shared/langgraph', nodes);
  const inPython = await talkInPython(bench.broker.address, 'five', 'fifth');
  const [asked, answered] = [['human', 'five'] as const, ['ai', 'fifth'] as const];
  expect(inPython).toEqual({ said: [...said, asked, answered], checkpoints: checkpoints + 3 });
  const here = await talkHere(bench, 'six', 'sixth');
  const more = [['human', 'six'] as const, ['ai', 'sixth'] as const];
  expect(here).toEqual({ said: [...inPython.said, ...more], checkpoints: checkpoints + 6 });
  // Nothing that was there is written anew, but the head.
  expect(await nodesBelow(bench.client, '/shared/langgraph')).toMatchObject({
    ...nodes,
    '/head': { json: expect.any(String) as string },
  });
});

/**
 * Begins a thread with a saver of LangGraph's own, and imports it; then Python goes on, and JavaScript with that. Returns how many checkpoints
 * there are then.
 */
async function goOnInPython(bench: Bench, old: BaseCheckpointSaver, source: string): Promise<number> {
  const long = 'and so on '.repeat(60);
  await talkWith(old, `one ${long}`, `first ${long}`);
  const begun = await talkWith(old, 'two', 'second');
  expect(begun.checkpoints).toBe(6);
  await importDatabase(bench.broker.address, source, '--only', 'shared');
  const inPython = await talkInPython(bench.broker.address, 'three', 'third');
  expect(inPython).toEqual({ said: [...begun.said, ['human', 'three'], ['ai', 'third']], checkpoints: 9 });
  const here = await talkHere(bench, 'four', 'fourth');
  expect(here).toEqual({ said: [...inPython.said, ['human', 'four'], ['ai', 'fourth']], checkpoints: 12 });
  return here.checkpoints;
}

test('what a SQLite file of JavaScript has kept goes on in Python, and comes back', async () => {
  await using bench = await Bench.start();
  const folder = await mkdtemp(join(tmpdir(), 'hyperloom-shared-'));
  try {
    const file = join(folder, 'checkpoints.sqlite');
    using old = new FileSaver(file);
    expect(await goOnInPython(bench, old, file)).toBe(12);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.skipIf(lacksPostgres)(
  'what a PostgreSQL of JavaScript has kept goes on in Python, and comes back',
  async () => {
    await using bench = await Bench.start();
    await using server = await Postgres.start();
    const old = PostgresSaver.fromConnString(server.url);
    try {
      await old.setup();
      expect(await goOnInPython(bench, old, server.url)).toBe(12);
    } finally {
      await old.end();
    }
  },
);
