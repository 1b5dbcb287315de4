/**
 * Goal: a run in a file is rid of the step that people have marked as the mistake, and of all that was made from it, where `replay` is asked to.
 * Method: a short run with a mistake in the middle, exported with its mark, and played into another forest of a broker of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { connect } from '../../clients/typescript/src/index.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { records } from '../support/cli-pipe.ts';
import { inTerminal } from '../support/cli-terminal.ts';

it('a replay is rid of the marked mistake and of all that was made from it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hyperloom-mistakes-'));
  const broker = new BrokerProcess(join(folder, 'data'));
  await broker.start();
  const done = async (...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> => {
    const ended = await inTerminal(args, { address: broker.address, isTerminal: false });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    return records(ended).at(-1) ?? {};
  };
  const client = connect(broker.address, { trackBasis: false });
  try {
    const basis = (path: string, revision: number) => [{ path, revision, extent: 'node' }] as const;
    await client.put('/run/plan', 'find the figure', { author: 'planner' });
    const { revision } = await client.put('/run/figure', '42', { author: 'researcher' });
    await client.put('/run/report', 'it is 42', { author: 'writer', basis: basis('/run/figure', revision) });
    await client.put('/run/aside', 'it rains', { author: 'writer', basis: basis('/run/plan', 1) });
    await client.put('/run/title', '42', { author: 'editor', basis: basis('/run/report', revision + 1) });
    const file = join(folder, 'run.jsonl');
    await done('export', '/run', file, '--mistake', `${revision}=it invented the figure`);
    await client.forests.create('pruned');
    const summary = await done('--forest', 'pruned', 'replay', '--revert-mistakes', file);
    expect(summary).toMatchObject({ type: 'summary', runs: 1, reverts: 3 });
    const pruned = client.as({ forest: 'pruned' });
    const left = await pruned.list('/run', { depth: 0 }).all();
    expect(left.map(({ path }) => path)).toEqual(['/run/aside', '/run/plan']);
    const [last] = await pruned.history({ newestFirst: true }).all();
    expect(last).toMatchObject({ label: 'it invented the figure' });
  } finally {
    await client.close();
    await broker.stop('SIGTERM');
    await rm(folder, { recursive: true });
  }
});
