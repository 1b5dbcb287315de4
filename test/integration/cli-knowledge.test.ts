/**
 * Goal: from a shell, people and programs find values, render them, see what a publish was made from and who has used it, and what that
 * moved. Method: commands in this process on a broker with an embedded journal as a process of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { connect } from '../../clients/typescript/src/index.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { records } from '../support/cli-pipe.ts';
import { inTerminal, type Ended } from '../support/cli-terminal.ts';

let folder = '';
let broker: BrokerProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-cli-knowledge-'));
  broker = new BrokerProcess(join(folder, 'data'));
  await broker.start();
});

afterAll(async () => {
  await broker.stop('SIGTERM');
  await rm(folder, { recursive: true });
});

const run = (...args: readonly string[]): Promise<Ended> =>
  inTerminal(args, { address: broker.address, isTerminal: false });

/** Runs a command that must succeed, and returns its JSON lines. */
async function lines(...args: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const ended = await run(...args);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  return records(ended);
}

async function only(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const all = await lines(...args);
  expect(all).toHaveLength(1);
  return all[0] ?? {};
}

describe('what a forest holds', () => {
  it('finds nodes by a text in paths and values', async () => {
    await only('put', '/found/Fox', 'a quick animal', '--author', 'ann');
    const { revision } = await only('put', '/found/json', '{"of":"the FOX"}', '--json-value');
    const hits = await lines('search', 'fox', '--path', '/found');
    expect(hits).toMatchObject([
      { node: { path: '/found/Fox', author: 'ann' }, excerpt: '' },
      { node: { path: '/found/json' }, excerpt: '{"of":"the FOX"}', excerptMatch: 11, excerptMatchLength: 3 },
    ]);
    const paths = (all: typeof hits) => all.map(({ node }) => (node as { path: string }).path);
    expect(paths(await lines('search', 'fox', '--in', 'values'))).toEqual(['/found/json']);
    expect(paths(await lines('search', 'fox', '--in', 'paths', '--limit', '1'))).toEqual(['/found/Fox']);
    await only('delete', '/found/json');
    expect(await lines('search', 'fox', '--in', 'values')).toEqual([]);
    expect(paths(await lines('search', 'fox', '--in', 'values', '--at', String(revision)))).toEqual([
      '/found/json',
    ]);
    const ghost = String((await only('ghost', 'begin'))['id']);
    await only('put', '/found/staged', 'another fox', '--ghost', ghost);
    expect(paths(await lines('search', 'fox', '--in', 'values', '--ghost', ghost))).toEqual([
      '/found/staged',
    ]);
    await only('ghost', 'revert', ghost);
  });

  it("renders state for a model's prompt, and then what is new", async () => {
    await only('put', '/render/plan', 'measure first');
    const first = await only('render', '/render/**', '--budget', '500');
    expect(first).toMatchObject({ text: expect.stringContaining('measure first'), leftOut: 0 });
    const { revision } = await only('put', '/render/notes', 'then build');
    const [base, since] = [String(first['baseRevision']), String(first['revision'])];
    const next = await only('render', '/render/**', '--budget', '500', '--base', base);
    expect(String(next['text']).startsWith(String(first['text']))).toBe(true);
    const news = await run(
      'render',
      '/render/**',
      '--budget',
      '500',
      '--base',
      base,
      '--since',
      since,
      '--raw',
    );
    expect(news).toMatchObject({ code: 0, stderr: '' });
    expect(String(first['text']) + news.stdout).toBe(next['text']);
    expect(next).toMatchObject({ revision });
    const lines = await only('render', '/render/**', '--format', 'json');
    expect(lines['text']).toContain('"measure first"');
    const refused = await run('render', '/render/**', '--budget', '1');
    expect(refused).toMatchObject({ code: 6, stdout: '' });
    expect(refused.stderr).toContain('token_budget');
  });
});

describe('what was written', () => {
  it('is taken back with what was made from it, after a report', async () => {
    const { revision: wrong } = await only('put', '/cascade/source', 'a wrong figure');
    const client = connect(broker.address, { author: 'two' });
    try {
      await client.get('/cascade/source');
      const { revision: derived } = await client.put('/cascade/report', 'built on it', { label: 'a report' });
      const undone = [
        { revision: wrong, hops: 0 },
        { revision: derived, hops: 1, author: 'two', label: 'a report' },
      ];
      const report = await only('revert', String(wrong), '--cascade', 'report');
      expect(report).toMatchObject({ revision: 0, cascade: { undone, undoneTotal: 2, notUndone: [] } });
      expect(await client.find('/cascade/report')).toBeDefined();
      const told = await inTerminal(['revert', String(wrong), '--cascade', 'report'], {
        address: broker.address,
        isTerminal: true,
      });
      expect(told.stdout).toContain('would take back 2 revisions by 2 operations');
      expect(told.stdout).toMatch(new RegExp(`r${derived} +1 +two +a report`));
      const all = await only('revert', String(wrong), '--cascade', 'all', '--reason', 'it was invented');
      expect(all).toMatchObject({ cascade: { undone, undoneTotal: 2 } });
      expect(Number(all['revision'])).toBeGreaterThan(derived);
      expect(await client.find('/cascade/report')).toBeUndefined();
      const wrongly = await run('revert', String(wrong), '--cascade', 'some');
      expect(wrongly).toMatchObject({ code: 2, stdout: '' });
    } finally {
      await client.close();
    }
  });

  it('is traced: what a publish was made from, and who has used it', async () => {
    const { revision: wrong } = await only('put', '/trace/source', 'a wrong figure', '--author', 'one');
    const client = connect(broker.address, { author: 'two' });
    try {
      await client.get('/trace/source');
      const { revision: derived } = await client.put('/trace/report', 'built on it', { label: 'a report' });
      await client.find('/trace/nothing');
      const ghost = await client.ghost();
      await ghost.get('/trace/report');
      await ghost.put('/trace/draft', 'and on that');
      // Ghosts' entries wait for no sync; a durable one behind them shows that they are in the journal.
      await client.put('/trace/later', 'x', { basis: [] });
      expect(await only('trace', String(derived))).toMatchObject({
        hops: 1,
        node: { path: '/trace/source', value: 'a wrong figure', author: 'one' },
        standing: 'unchanged',
        readerRevision: derived,
      });
      expect(await lines('trace', '/trace/source', '--downstream')).toMatchObject([
        { hops: 1, event: { revision: derived, author: 'two' }, links: [{ writerRevision: wrong }] },
        { hops: 2, event: { ghostId: ghost.id }, standingPaths: ['/trace/draft'] },
      ]);
      expect(await lines('trace', `r${String(wrong)}`, '--downstream', '--hops', '1')).toHaveLength(1);
      const shown = await inTerminal(['trace', '/trace/report'], { address: broker.address });
      expect(shown.stdout).toMatch(/^HOPS +BY +SAW +AT +WRITTEN +SINCE +VALUE\n/);
      expect(shown.stdout).toMatch(
        new RegExp(
          `1 +r${derived} +/trace/source +r${String(wrong)} +r${String(wrong)} by one +unchanged +"a wrong figure"\\n`,
        ),
      );
      const users = await inTerminal(['trace', String(wrong), '--downstream'], { address: broker.address });
      expect(users.stdout).toMatch(/^HOPS +PUBLISH +TIME +AUTHOR +LABEL +THROUGH +STANDING\n/);
      expect(users.stdout).toContain(`/trace/source of r${String(wrong)}`);
      const staged = await lines('trace', `${ghost.id}#1`);
      expect(staged.map(({ node }) => (node as { path: string } | null)?.path)).toContain('/trace/report');
      await ghost.revert();
    } finally {
      await client.close();
    }
  });

  it('is metered by agent and tree', async () => {
    await only('put', '/metered/a', 'some words to count', '--author', 'counted');
    await only('get', '/metered/a', '--author', 'counted');
    const [meter] = await lines('meter', '--tree', '/metered', '--agent', 'counted');
    expect(meter).toMatchObject({ agent: 'counted', tree: 'metered', publishes: 1, read: { bytes: 19 } });
    const shown = await inTerminal(['meter', '--tree', 'metered'], { address: broker.address });
    expect(shown.stdout).toMatch(
      /^AGENT +TREE +PUBLISHES +PUBLISHED +READ +RENDERED +FULL HISTORY +PRICE +OF FULL HISTORY\n/,
    );
    expect(shown.stdout).toMatch(/counted +metered +1 +~?\d+ +~?\d+ +0 /);
    expect(await lines('meter', '--agent', 'nobody at all')).toEqual([]);
  });
});
