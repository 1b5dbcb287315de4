/**
 * Goal: what happened in a tree goes into one file and comes out of it elsewhere as it was: values byte for byte, authors, labels, basis,
 * ghosts with what became of them; and what is no such file is refused with its line. Method: commands on real brokers; a run with every
 * kind of change, and all recorded runs of real agents, each compared event by event with what it was made from.
 */
import { createHash } from 'node:crypto';
import { existsSync, globSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { connect, json, operation, TypedMessage } from '../../clients/typescript/src/index.ts';
import type { Client, Event } from '../../clients/typescript/src/index.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { records, start } from '../support/cli-pipe.ts';
import { inTerminal, type Ended, type TerminalOptions } from '../support/cli-terminal.ts';
import { acme, encoded, messageOf } from '../support/schemas.ts';

const data =
  process.env['HYPERLOOM_SHARED_DATA'] ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));
const recordings = existsSync(join(data, 'who-and-when'))
  ? globSync(join(data, 'who-and-when', '*', '*.json')).sort()
  : [];

let folder = '';
let broker: BrokerProcess;
let client: Client;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-runs-'));
  broker = new BrokerProcess(join(folder, 'data'));
  await broker.start();
  client = connect(broker.address, { trackBasis: false });
});

afterAll(async () => {
  await client.close();
  await broker.stop('SIGTERM');
  await rm(folder, { recursive: true });
});

function run(args: readonly string[], options: Partial<TerminalOptions> = {}): Promise<Ended> {
  return inTerminal(args, { address: broker.address, isTerminal: false, ...options });
}

/** The JSON line of a command that must succeed. */
async function done(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const ended = await run(args);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  return records(ended).at(-1) ?? {};
}

async function forestOf(name: string): Promise<Client> {
  await client.forests.create(name);
  return client.as({ forest: name });
}

/** All events, without what must differ: ids, positions, times, and request ids. */
async function happened(forest: Client, path = '/'): Promise<readonly unknown[]> {
  const events: Event[] = [];
  for await (const event of forest.history({ everything: true, pageSize: 1_000 })) events.push(event);
  const ghosts = new Map<string, string>();
  for (const { ghostId } of events) if (!ghosts.has(ghostId)) ghosts.set(ghostId, `ghost ${ghosts.size}`);
  const told = events.map(
    ({ time: _time, position: _position, requestId: _id, transition, ghostId, ...rest }) => ({
      ...rest,
      basis: rest.basis.map((entry) => ({ ...entry, ghostId: ghosts.get(entry.ghostId ?? '') })),
      ghostId: ghosts.get(ghostId),
      transition:
        transition === undefined
          ? undefined
          : {
              ...transition,
              ghost:
                transition.ghost === undefined
                  ? undefined
                  : {
                      scope: transition.ghost.scope,
                      base: transition.ghost.baseRevision,
                      parent: ghosts.get(transition.ghost.parentId),
                      label: transition.ghost.label,
                      author: transition.ghost.author,
                    },
            },
    }),
  );
  return path === '/'
    ? told
    : told.filter(({ changes }) => changes.some((change) => change.path.startsWith(path)));
}

/** Every value of a tree, by its path from there. */
async function held(forest: Client, tree: string, atRevision?: number): Promise<Map<string, unknown>> {
  const values = new Map<string, unknown>();
  for await (const { path, kind, value, json: text, author } of forest.list(tree, { depth: 0, atRevision }))
    if (kind !== 'none')
      values.set(tree === '/' ? path : path.slice(tree.length), { kind, value: text ?? value, author });
  return values;
}

const set = acme(`message Note { option (hyperloom.v1.node).path = "/{session}/notes/{note}";
  string claim = 1; repeated string sources = 2; int64 count = 3; }`);
const note = messageOf(set, 'acme.v1.Note');
const noteOf = (value: Parameters<typeof encoded>[1]) =>
  new TypedMessage('type.googleapis.com/acme.v1.Note', encoded(note, value));

/** A run with every kind of change, in and out of ghosts, in the tree `/run`, and some beside it. */
async function tell(trunk: Client): Promise<void> {
  const as = (author: string) => trunk.as({ author });
  await trunk.put('/beside', 'not of the run');
  await as('planner').publish(
    [
      operation.put('/run/text', 'line\u2028\u2029 ü 😀\n'),
      operation.put('/run/json', json('{ "big": 12345678901234567890,\n "real":1.0 }')),
      operation.put('/run/bytes', Uint8Array.from([0, 255, 10, 128])),
      operation.put('/run/list', json('[1.0]')),
      operation.put('/run/empty', ''),
    ],
    { label: 'the run begins', basis: [] },
  );
  await trunk.schemas.register('notes', { kind: 'descriptor_set', bytes: set });
  await as('writer').publish([operation.put('/run/notes/a', noteOf({ claim: 'wet', count: '1' }))], {
    basis: [
      { path: '/run', revision: 2, extent: 'subtree' },
      { path: '/run/none', revision: 2, extent: 'absent' },
      { path: '/beside', revision: 1, extent: 'node' },
    ],
  });
  await trunk.put('/beside', 'changed');
  await as('editor').publish([
    operation.append('/run/text', 'more'),
    operation.append('/run/bytes', Uint8Array.from([7])),
    { kind: 'append_items', path: '/run/list', items: ['2.50', '{"a" :1}'] },
    { kind: 'merge', path: '/run/json', patch: '{"real": null, "x":\t3}' },
    operation.increment('/run/count', 9_007_199_254_740_993n),
    operation.increment('/run/real', 0.5),
    operation.merge('/run/notes/a', noteOf({ claim: 'dry' }), ['claim']),
    operation.append('/run/notes/a', noteOf({ sources: ['here'] })),
    operation.increment('/run/notes/a', 4, 'count'),
  ]);
  await ghosts(trunk, as);
  const { revision } = await as('vandal').publish([
    operation.delete('/run/list'),
    operation.put('/run/text', 'gone'),
  ]);
  await as('guard').revertRevision(revision, 'vandalism');
  await trunk.copy('/run/notes', '/run/kept/copied');
  await trunk.copy('/run/text', '/run/old', 2);
  await trunk.copy('/beside', '/run/from-outside');
  await trunk.delete('/run/kept', 'node');
  await trunk.delete('/run/bytes');
}

async function ghosts(trunk: Client, as: (author: string) => Client): Promise<void> {
  const first = await as('one').ghost({ scope: '/run', label: 'an attempt' });
  await first.put('/run/plan', 'first');
  await first.checkpoint('good');
  await first.publish([operation.append('/run/plan', ' and worse')], { author: 'two', label: 'by another' });
  await first.rewind({ reason: 'it was worse' });
  const inner = await first.ghost({ label: 'inside', author: 'one' });
  await inner.append('/run/plan', ' and better');
  await as('five').put('/run/meanwhile', 'x', {
    basis: [{ path: '/run/plan', revision: 6, extent: 'node', ghostId: first.id, sequence: 1 }],
  });
  await inner.commit();
  const doomed = await first.ghost({ label: 'doomed' });
  await doomed.put('/run/doomed', 'x');
  const wide = await as('three').ghost({ label: 'wide', baseRevision: 3 });
  await wide.publish([operation.put('/elsewhere', 'x'), operation.put('/run/wide', 'y')]);
  await first.commit({ label: 'it is good' }).catch(() => doomed.revert('in the way'));
  if (!first.over) await first.commit({ label: 'it is good' });
  await wide.revert('not needed');
  const open = await as('four').ghost({ label: 'left open' });
  await open.put('/run/open', 'x');
}

describe('a run in a file', () => {
  let trunk: Client;
  const file = (name: string) => join(folder, name);

  beforeAll(async () => {
    trunk = await forestOf('told');
    await tell(trunk);
    // Ghosts' entries wait for no sync; a durable one behind them shows that they are in the journal.
    await trunk.put('/beside', 'the last');
  });

  it('of a whole forest comes out as it went in, event by event', async () => {
    const exported = await done('--forest', 'told', 'export', '/', file('all.jsonl'));
    expect(exported).toMatchObject({ tree: '/', from: 0, ghosts: 5 });
    const copy = await forestOf('told-again');
    const imported = await done('--forest', 'told-again', 'import', file('all.jsonl'));
    expect(imported).toMatchObject({ tree: '/', events: exported['events'], nodes: exported['nodes'] });
    expect(await held(copy, '/')).toEqual(await held(trunk, '/'));
    await copy.put('/end', 'durable, and so is all before it');
    const [was, is] = [await happened(trunk), await happened(copy)];
    expect(is.slice(0, was.length)).toEqual(was);
    // The ghost that was left open is ended.
    expect(is.slice(was.length, -1)).toMatchObject([{ transition: { kind: 'reverted' } }]);
  });

  it('of one tree holds nothing but that, gzipped, and goes to another tree of another broker', async () => {
    const exported = await done('--forest', 'told', 'export', '/run', file('run.jsonl.gz'));
    const text = gunzipSync(await readFile(file('run.jsonl.gz'))).toString();
    expect(text).not.toContain('/elsewhere');
    const other = new BrokerProcess(join(folder, 'other'));
    await other.start();
    const copies = connect(other.address, { trackBasis: false });
    try {
      await copies.put('/first', 'so that revisions differ');
      await copies.put('/first', 'by two');
      const args = ['import', file('run.jsonl.gz'), '--as', '/copied'];
      const imported = await run(args, { address: other.address });
      expect(imported).toMatchObject({ code: 0, stderr: '' });
      expect(records(imported)[0]).toMatchObject({ tree: '/copied', nodes: exported['nodes'] });
      expect(await held(copies, '/copied')).toEqual(await held(trunk, '/run'));
      const [event] = (await copies.history({ path: '/copied/notes' }).all()).filter(
        ({ basis }) => basis.length > 0,
      );
      expect(event?.basis).toEqual([
        { path: '/copied', revision: 3, extent: 'subtree' },
        { path: '/copied/none', revision: 3, extent: 'absent' },
        { path: '/beside', revision: 2, extent: 'node' },
      ]);
      expect(await run(args, { address: other.address })).toMatchObject({ code: 2, stdout: '' });
    } finally {
      await copies.close();
      await other.stop('SIGTERM');
    }
  });

  it('can begin at a revision, with what was there then', async () => {
    const exported = await done('--forest', 'told', 'export', '/run', file('later.jsonl'), '--from', '6');
    expect(exported).toMatchObject({ from: 6 });
    const copy = await forestOf('later');
    await done('--forest', 'later', 'import', file('later.jsonl'));
    const values = (all: Map<string, unknown>) =>
      new Map([...all].map(([path, told]) => [path, { ...(told as object), author: undefined }]));
    expect(values(await held(copy, '/run'))).toEqual(values(await held(trunk, '/run')));
  });

  it('says for people what was written and read', async () => {
    const exported = await run(['--forest', 'told', 'export', '/run', file('told.jsonl')], {
      isTerminal: true,
    });
    expect(exported.stdout).toMatch(
      /told\.jsonl: \/run up to r\d+, \d+ events, 5 ghosts, \d+ values, [\d.]+ KiB\n$/,
    );
    await forestOf('people');
    const imported = await run(['--forest', 'people', 'import', file('told.jsonl')], { isTerminal: true });
    expect(imported.stdout).toMatch(/^\/run: \d+ events, up to r\d+, \d+ values as exported\n$/);
    expect(await run(['--forest', 'told', 'export', '/run', file('told.jsonl')])).toMatchObject({ code: 2 });
    const piped = await run(['--forest', 'told', 'export', '/run', '-']);
    expect(piped.stdout).toBe(await readFile(file('told.jsonl'), 'utf8'));
    await forestOf('piped');
    const fromPipe = await run(['--forest', 'piped', 'import', '-'], { stdin: piped.stdout });
    expect(fromPipe).toMatchObject({ code: 0, stderr: '' });
  });

  it('is replayed at once, or at the pace at which it happened', async () => {
    await done('--forest', 'told', 'export', '/run', file('paced.jsonl'));
    let second = 0;
    const lines = (await readFile(file('paced.jsonl'), 'utf8')).replace(/"time":"[^"]+"/g, () => {
      second += 1;
      return `"time":"2026-11-21T12:00:${String(second).padStart(2, '0')}.000Z"`;
    });
    await writeFile(file('paced.jsonl'), lines);
    for (const [forest, args, leastMs] of [
      ['at-once', [], 0],
      ['paced', ['--speed', '20'], ((second - 1) * 1_000) / 20],
    ] as const) {
      const copy = await forestOf(forest);
      const summary = await done('--forest', forest, 'replay', ...args, file('paced.jsonl'));
      expect(summary).toMatchObject({ type: 'summary', runs: 1 });
      expect(Number(summary['elapsedMs'])).toBeGreaterThanOrEqual(leastMs);
      expect(await held(copy, '/run')).toEqual(await held(trunk, '/run'));
    }
    expect(await run(['replay', '--speed', '0', file('paced.jsonl')])).toMatchObject({ code: 2, stdout: '' });
  });

  it('that is broken off leaves no ghost behind', async () => {
    await done('--forest', 'told', 'export', '/run', file('slow.jsonl'));
    let hour = 12;
    const lines = (await readFile(file('slow.jsonl'), 'utf8')).split('\n').map((line) => {
      const told = line.replace(/"time":"[^"]+"/, `"time":"2026-11-21T${hour}:00:00.000Z"`);
      if (line.includes('"kind":"begin"')) hour = 13;
      return told;
    });
    await writeFile(file('slow.jsonl'), lines.join('\n'));
    const forest = await forestOf('broken-off');
    const args = ['--forest', 'broken-off', 'replay', '--speed', '1', file('slow.jsonl')];
    const running = start(args, broker.address);
    while ((await forest.ghosts().all()).length === 0) expect(running.child.exitCode).toBeNull();
    running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
    expect(await forest.ghosts().all()).toEqual([]);
  });

  it('is refused with its line where it is none, or not whole', async () => {
    await done('--forest', 'told', 'export', '/run', file('good.jsonl'));
    const good = await readFile(file('good.jsonl'), 'utf8');
    const lines = good.split('\n');
    const at = (index: number, change: (line: string) => string) =>
      lines.map((line, each) => (each === index ? change(line) : line)).join('\n');
    const cases: readonly (readonly [string, string, string])[] = [
      ['empty', '', 'line 1: it is empty'],
      ['text', 'hello\n', 'line 1: it is no JSON'],
      ['newer', at(0, (line) => line.replace('"version":1', '"version":2')), 'line 1: it is of version 2'],
      ['other', '{"format":"x"}\n', 'line 1: it.format is not one of'],
      ['broken', at(2, (line) => line.slice(0, -3)), 'line 3: it is no JSON'],
      ['kind', at(1, (line) => line.replace('"publish"', '"dance"')), 'line 2: it.kind is not one of'],
      [
        'time',
        at(1, (line) => line.replace(/"time":"[^"]+"/, '"time":"noon"')),
        'line 2: it.time is not a time',
      ],
      ['action', at(1, (line) => line.replace('"put"', '"putt"')), 'line 2: it.changes[0] has none of'],
      ['shorter', lines.filter((_, index) => index !== lines.length - 3).join('\n'), 'lines were written'],
      ['cut', lines.slice(0, 4).join('\n'), 'line 4: the end is missing'],
      ['more', `${good}{}\n`, 'there is more behind the end'],
      [
        'ghost',
        at(2, () => '{"kind":"commit","ghost":"nobody","revision":9,"time":"2026-01-01T00:00:00Z"}'),
        'line 3: the ghost nobody',
      ],
    ];
    for (const [name, content, hint] of cases) {
      const path = file(`bad-${name}.jsonl`);
      await writeFile(path, content);
      await forestOf(`bad-${name}`);
      const ended = await run(['--forest', `bad-${name}`, 'import', path]);
      expect(ended, name).toMatchObject({ code: 2, stdout: '' });
      expect(ended.stderr, name).toContain(hint);
      expect(
        await client
          .as({ forest: `bad-${name}` })
          .ghosts()
          .all(),
        name,
      ).toEqual([]);
    }
    const cut = gzipSync(good).subarray(0, 400);
    await writeFile(file('cut.gz'), cut);
    await forestOf('bad-gzip');
    const ended = await run(['--forest', 'bad-gzip', 'import', file('cut.gz')]);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(await run(['import', file('nowhere.jsonl')])).toMatchObject({ code: 74, stdout: '' });
  });

  it('tells where the broker refuses it, and leaves no ghost behind', async () => {
    const forest = await forestOf('refusing');
    await forest.schemas.setUnboundPaths('refused');
    const ended = await run(['--forest', 'refusing', 'import', file('good.jsonl')]);
    expect(ended).toMatchObject({ code: 6, stdout: '' });
    expect(ended.stderr).toMatch(/good\.jsonl, line \d+ or just before it:\nrefused: .*UNBOUND_PATH/);
  });
});

describe.skipIf(recordings.length === 0)('the recorded runs', () => {
  const digest = (told: readonly unknown[]) =>
    told.map((event) =>
      createHash('sha256')
        .update(
          JSON.stringify(event, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
        )
        .digest('hex'),
    );

  it('exported together and imported are equal, event by event, ghosts included', async () => {
    const recorded = await forestOf('recorded');
    await done('--forest', 'recorded', 'replay', '--revert-mistakes', ...recordings);
    const path = join(folder, 'recorded.jsonl.gz');
    const exported = await done('--forest', 'recorded', 'export', '/', path);
    expect(exported).toMatchObject({ ghosts: 123 });
    const again = await forestOf('recorded-again');
    await done('--forest', 'recorded-again', 'import', path);
    const [was, is] = [digest(await happened(recorded)), digest(await happened(again))];
    expect(is.length).toBe(was.length);
    expect(is.findIndex((each, index) => each !== was[index])).toBe(-1);
    // And one by one, into a forest with others: every export reads the whole history, so a few of them do.
    const single = await forestOf('recorded-single');
    const trees = (await recorded.list('/', { keysOnly: true }).all()).map(({ path: tree }) => tree);
    expect(trees.length).toBe(123);
    for (const tree of trees.filter((_, index) => index % 25 === 0)) {
      const one = join(folder, 'one.jsonl');
      await done('--forest', 'recorded', 'export', tree, one, '--force');
      expect(await done('--forest', 'recorded-single', 'import', one)).toMatchObject({ tree });
      expect(await held(single, tree)).toEqual(await held(recorded, tree));
    }
  }, 300_000);
});
