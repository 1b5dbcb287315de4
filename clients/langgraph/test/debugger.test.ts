/**
 * Goal: time travel and forks of LangGraph are in the debugger, and the debugger's in LangGraph. Method: real graphs; the timeline as the page loads
 * and names it, values as it reads them where it is scrubbed to, and the write that its button "Fork from here" makes.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { revisionAt, titleOf } from '../../debugger/src/model/timeline.ts';
import { loadTail } from '../../debugger/src/session/history-source.ts';
import { HyperloomSaver } from '../src/index.ts';
import { Bench } from './support/broker.ts';
import { all, of, steps } from './support/graphs.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await Bench.start();
});

afterAll(() => bench[Symbol.asyncDispose]());

interface Head {
  readonly id: string;
}

test('a run, a replay and a fork are told on the timeline, and scrubbing shows the thread as it was', async () => {
  const client = await bench.isolated();
  const graph = steps(new HyperloomSaver(client));
  await graph.invoke({ log: ['in'] }, { ...of('told'), durability: 'sync' });
  const past = (await all(graph.getStateHistory(of('told')))).find(({ next }) => next[0] === 'b');
  await graph.invoke(null, { ...past?.config, durability: 'sync' });
  const forked = await graph.updateState(past?.config ?? {}, { log: ['another'] });

  const { events } = await loadTail(client);
  const puts = events.filter((event) => !titleOf(event).includes('writes'));
  expect(puts.map(titleOf).map((title) => /(input|loop|update|fork) -?\d+/u.exec(title)?.[0])).toEqual([
    ...['input -1', 'loop 0', 'loop 1', 'loop 2', 'loop 3'],
    ...['fork 2', 'loop 3', 'loop 4'],
    'update 2',
  ]);

  const last = events.length - 1;
  const [before, after] = [revisionAt(events, last - 1), revisionAt(events, last)];
  const headAt = async (atRevision: number | undefined): Promise<string | undefined> =>
    ((await client.get('/told/langgraph/head', { atRevision })).value as unknown as Head).id;
  expect(await headAt(after)).toBe(forked.configurable?.['checkpoint_id']);
  expect(await headAt(before)).not.toBe(await headAt(after));
  const record = await client.get(`/told/langgraph/checkpoints/${await headAt(after)}`, {
    atRevision: after,
  });
  expect(record.value).toMatchObject({ parent: past?.config.configurable?.['checkpoint_id'] });
});

test('a tree that was forked in the debugger where somebody had scrubbed to is a thread that goes on from there', async () => {
  const client = await bench.isolated();
  const saver = new HyperloomSaver(client);
  await steps(saver).invoke({ log: ['in'] }, { ...of('trip'), durability: 'sync' });
  const { events } = await loadTail(client);
  const place = events.findIndex((event) => titleOf(event).includes('loop 1'));
  const revision = revisionAt(events, place) ?? 0;

  // What the page does: `node-actions.tsx`.
  await client.copy('/trip', `/trip_fork_${revision}`, revision, {
    label: `fork of /trip at revision ${revision}`,
  });

  const graph = steps(saver);
  const fork = of(`trip_fork_${revision}`);
  expect((await graph.getState(fork)).next).toEqual(['b']);
  await graph.updateState(fork, { log: ['other'], count: 10 });
  expect(await graph.invoke(null, fork)).toEqual({ log: ['in', 'a', 'other', 'b', 'c'], count: 12 });
  expect((await graph.getState(of('trip'))).values).toEqual({ log: ['in', 'a', 'b', 'c'], count: 3 });
});
