/**
 * Goal: `hyperloom forest move` brings a forest whole from a data folder to NATS, between streams and back: values, history, ghosts, locks, remembered requests; it
 * is never served at two places, and a move that is killed is finished by the next run. Method: real brokers on both sides of real moves, which answer
 * the same before and after; the command as a process where it is killed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { encodeAgreedEntry } from '../../src/codec/agreed-entry.ts';
import { verifyFolder } from '../../src/inspection/report.ts';
import { verifyShared } from '../../src/inspection/shared-address.ts';
import { withStoredFolder } from '../../src/inspection/stored-folder.ts';
import { LockMode } from '../../src/gen/hyperloom/v1/lock_pb.ts';
import { DataFolder } from '../../src/journal/embedded/data-folder.ts';
import { nodeFileSystem } from '../../src/journal/embedded/node-file-system.ts';
import { StreamHasGrown } from '../../src/journal/jetstream/movable-stream.ts';
import { manifestsIn } from '../../src/sequencer/agreed/snapshot-sharing.ts';
import { moveForest } from '../../src/moving/move.ts';
import type { Move, Moved } from '../../src/moving/move.ts';
import { placeName, placeOf } from '../../src/moving/place.ts';
import { appendText, copy, putText, refusalOf, startTestBroker } from '../support/broker.ts';
import type { TestBroker, TestClients } from '../support/broker.ts';
import { looking } from './looking.ts';
import { NatsCluster } from './nats-server.ts';
import { answered, connectPatiently } from './patience.ts';

const program = fileURLToPath(new URL('../../bin/hyperloom.js', import.meta.url));
let nats: NatsCluster;
let folder: string;
const running: { readonly broker: TestBroker; readonly clients: TestClients }[] = [];

beforeAll(async () => {
  nats = await NatsCluster.start();
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-moved-'));
});
afterEach(stopAll);
afterAll(async () => {
  await nats.close();
  await rm(folder, { recursive: true, force: true });
});

/** A broker on a data folder, or on streams. */
async function startAt(place: string): Promise<TestClients> {
  const where = place.startsWith('nats://') ? { journal: place } : { journal: 'embedded', data: place };
  const settings = { ...where, 'snapshot-journal-bytes': '65536' };
  const broker = await startTestBroker({ settings, logLevel: 'error' });
  const clients = connectPatiently(broker.url);
  running.push({ broker, clients });
  return clients;
}

async function stopAll(): Promise<void> {
  for (const { broker, clients } of running.splice(0)) {
    clients.cut();
    await broker.close();
    expect(broker.fatal).toEqual([]);
  }
}

function move(from: string, to: string, more: Partial<Move> = {}): Promise<Moved> {
  // Brokers that were stopped are gone, however long a busy machine takes to notice.
  const common = { forest: 'default', removesSource: false, leftMsMax: 120_000 };
  return moveForest({ ...common, from, to, onBytes: () => undefined, ...more });
}

/** The command as a process, which may be killed. */
function startMove(from: string, to: string): Command {
  const args = [program, 'forest', 'move', 'default', from, to, '--json'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = once(child, 'close').then(() => ({ code: child.exitCode, stdout, stderr }));
  return { ended, isRunning: () => child.exitCode === null, kill: () => child.kill('SIGKILL') };
}

interface Command {
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
  isRunning(): boolean;
  kill(): void;
}

/** What clients see of a forest, its past included. */
async function seen({ context, forests, locks }: TestClients, forest = 'default'): Promise<unknown> {
  const { events } = await context.history({ forest, pageSize: 1_000 });
  const blame = await context.blame({ forest, path: '/' });
  const tree = await context.list({ forest, path: '/', depth: 64 });
  const past = await context.list({ forest, path: '/', depth: 64, view: { atRevision: 3n } });
  const { entries } = await context.trace({ forest, path: '/c' });
  const { ghosts } = await context.listGhosts({ forest });
  const held = await locks.inspectLocks({ forest });
  const { stateHash } = await forests.getStatus({ forest, includeStateHash: true });
  const told = JSON.stringify(
    [events, blame.lines, tree.nodes, past.nodes, entries, ghosts, held.locks],
    // How long something still lives is another thing at each look.
    (key, value: unknown) =>
      typeof value === 'bigint' ? String(value) : key === 'remaining' ? undefined : value,
  );
  return { stateHash, told: JSON.parse(told) as unknown };
}

async function isWhole(place: string): Promise<boolean> {
  if (place.startsWith('nats://')) {
    for await (const { damages } of verifyShared(place, () => undefined))
      if (damages.length > 0) return false;
    return true;
  }
  return withStoredFolder(nodeFileSystem, place, async (stored) => {
    const told = { onBytes: () => undefined, onReplayed: () => undefined };
    for await (const { damages } of verifyFolder(stored, place, told)) if (damages.length > 0) return false;
    return true;
  });
}

/** Something of everything that a forest can hold. */
async function fill({ context, locks }: TestClients, forest = 'default'): Promise<void> {
  await context.publish({
    forest,
    operations: [putText('/a/note', 'one')],
    author: 'ann',
    requestId: 'first',
  });
  await context.publish({ forest, operations: [appendText('/a/note', ' two')], author: 'ben' });
  await context.publish({ forest, operations: [copy('/b', '/a', 1n)], author: 'ann' });
  const { ghost } = await context.beginGhost({ forest, author: 'ann', label: 'trial', ttl: hour });
  const staged = [putText('/a/ghost', 'x')];
  await context.publish({ forest, ghostId: ghost?.id ?? '', operations: staged, author: 'ann' });
  const targets = [{ path: '/locked', mode: LockMode.EXCLUSIVE }];
  const owner = { case: 'ttl', value: hour } as const;
  await locks.acquireLock({ forest, owner, targets, author: 'ben', requestId: 'lock' });
  const basis = [{ path: '/a/note', revision: 2n }];
  await context.publish({ forest, operations: [putText('/c', 'last')], basis, author: 'ben' });
}

const hour = { seconds: 3_600n };

test('a forest goes to NATS, to other streams and back, and answers as before', async () => {
  const first = join(folder, 'first');
  const one = await startAt(first);
  await fill(one);
  const before = await seen(one);
  await stopAll();
  const [shared, other, last] = [
    nats.address('prefix=ONE'),
    nats.address('prefix=TWO'),
    join(folder, 'last'),
  ];

  await move(first, shared);
  expect(await isWhole(shared)).toBe(true);
  const replicas = [await startAt(shared), await startAt(shared)] as const;
  for (const replica of replicas) expect(await seen(replica)).toEqual(before);
  const [{ context, locks }, { forests }] = replicas;
  // The same requests as before.
  const forest = 'default';
  const again = { forest, operations: [putText('/a/note', 'one')], author: 'ann', requestId: 'first' };
  expect(await context.publish(again)).toMatchObject({ repeated: true, revision: 1n });
  const targets = [{ path: '/locked', mode: LockMode.EXCLUSIVE }];
  const owner = { case: 'ttl', value: hour } as const;
  expect(await locks.acquireLock({ forest, owner, targets, author: 'ben', requestId: 'lock' })).toMatchObject(
    {
      repeated: true,
    },
  );
  const resumed = await answered(async () => {
    const revisions: bigint[] = [];
    const start = { case: 'afterRevision', value: 1n } as const;
    for await (const { message } of context.subscribe({ patterns: ['/**'], start })) {
      if (message.case === 'event') revisions.push(message.value.revision);
      if (revisions.length === 3) break;
    }
    return revisions;
  });
  expect(resumed).toEqual([2n, 3n, 4n]);
  const { revision } = await context.publish({ operations: [putText('/d', 'on NATS')], author: 'ann' });
  expect(revision).toBe(5n);
  await forests.createForest({ name: 'team' });
  await context.publish({ forest: 'team', operations: [putText('/t', 'of a team')], author: 'ann' });
  const later = await seen(replicas[1]);
  await expect(move(shared, other, { leftMsMax: 0 })).rejects.toThrow(/brokers work on the forest default/);
  await stopAll();

  // Whoever works there on other forests finds it.
  const waiting = await startAt(other);
  await move(shared, other, { forest: 'team' });
  const team = await waiting.context.get({ forest: 'team', path: '/t' });
  expect(team.node?.modifiedRevision).toBe(1n);
  await stopAll();
  await move(shared, other);
  await move(other, last, { removesSource: true });
  await move(other, last, { forest: 'team', removesSource: true });
  await looking(other, async (streams) => expect(await streams.names()).toEqual(['FORESTS']));
  expect(await isWhole(last)).toBe(true);
  const back = await startAt(last);
  expect(await seen(back)).toEqual(later);
  const { node } = await back.context.get({ forest: 'team', path: '/t' });
  expect(node?.modifiedRevision).toBe(1n);
  const next = await back.context.publish({ operations: [putText('/d', 'back')], author: 'ann' });
  expect(next.revision).toBe(6n);
  const { ghosts } = await back.context.listGhosts({});
  const [ghost] = ghosts;
  await back.context.commit({ ghostId: ghost?.id ?? '', edition: ghost?.edition ?? 0n, author: 'ann' });
  await stopAll();

  // Where it was it is refused, and no empty one takes its place.
  for (const left of [first, shared]) {
    const { context: there, forests: all } = await startAt(left);
    const refused = await refusalOf(there.get({ path: '/a/note' }));
    expect(refused.reason).toBe('FOREST_NOT_FOUND');
    expect(refused.metadata['moved_to']).toMatch(left === first ? /prefix=ONE/ : /prefix=TWO/);
    expect((await all.listForests({})).forests).toEqual([]);
    // Whoever wants a new one says so.
    const name = left === first ? 'default' : 'team';
    if (left === shared) await all.deleteForest({ name });
    await all.createForest({ name });
    await there.publish({ forest: name, operations: [putText('/new', '1')] });
    await stopAll();
  }
  // It may come back to where something of it is kept.
  await move(last, shared);
  expect(await refusalOf((await startAt(shared)).context.get({ path: '/nowhere' }))).toMatchObject({
    reason: 'NODE_NOT_FOUND',
  });
});

test('history that was given up stays given up, and what was kept of it comes along', async () => {
  const [data, shared, back] = [join(folder, 'long'), nats.address('prefix=LONG'), join(folder, 'back')];
  const one = await startAt(data);
  const { context, forests } = one;
  await context.publish({ operations: [putText('/a', 'at first')], author: 'ann' });
  await context.publish({
    operations: [putText('/b', 'seen'), copy('/kept', '/a', 1n)],
    basis: [{ path: '/a', revision: 1n }],
    author: 'ben',
  });
  const grow = async (): Promise<void> => {
    for (let round = 0; round < 12; round += 1)
      await context.publish({ operations: [putText(`/much/${round}`, 'x'.repeat(20_000))] });
  };
  await grow();
  await forests.compact({ revision: 10n });
  await grow();
  const looked = async ({ context: at, forests: of }: TestClients): Promise<unknown> => {
    const { entries } = await at.trace({ path: '/b' });
    const { events } = await at.history({ pageSize: 1_000 });
    const gone = await refusalOf(at.get({ path: '/a', view: { atRevision: 5n } }));
    const { nodes } = await at.list({ path: '/', depth: 64, view: { atRevision: 11n } });
    const { stateHash } = await of.getStatus({ includeStateHash: true });
    return { entries, events: events.map(({ revision }) => revision), gone: gone.reason, nodes, stateHash };
  };
  const before = await looked(one);
  expect(before).toMatchObject({ gone: 'REVISION_COMPACTED' });
  await stopAll();
  await move(data, shared);
  expect(await isWhole(shared)).toBe(true);
  expect(await looked(await startAt(shared))).toEqual(before);
  await stopAll();
  await move(shared, back);
  expect(await isWhole(back)).toBe(true);
  expect(await looked(await startAt(back))).toEqual(before);
});

test('a move that is killed is finished by the next run, and the forest is never served at two places', async () => {
  const [data, address] = [join(folder, 'killed'), nats.address('prefix=KILLED')];
  const { context, forests } = await startAt(data);
  for (let round = 0; round < 40; round += 1)
    await context.publish({ operations: [putText(`/much/${round}`, 'x'.repeat(50_000))] });
  const { stateHash } = await forests.getStatus({ includeStateHash: true });
  await stopAll();
  const isThere = (path: string): Promise<boolean> => stat(path).then(Boolean, () => false);
  await looking(address, async (streams) => {
    const bucket = await streams.openObjects('default');
    const hasSnapshot = async (): Promise<boolean> => manifestsIn(await bucket.names()).length > 0;
    const isServed = async (): Promise<boolean> =>
      (await streams.movedTo('default')) === null && (await hasSnapshot());
    const moments: readonly (() => Promise<boolean>)[] = [
      async () => (await bucket.names()).length > 0,
      () => isThere(join(data, 'forests/default.moved')),
      hasSnapshot,
    ];
    for (const moment of moments) {
      const command = startMove(data, address);
      // The next one waits for the turn of the one that was killed, and NATS bears only so many looks into a bucket.
      while (command.isRunning() && !(await moment())) await wait(20);
      command.kill();
      await command.ended;
      // Whatever it came to: one of them, and no more.
      const isKept = await isThere(join(data, 'forests/default'));
      expect(isKept && (await isServed())).toBe(false);
      expect(isKept || (await isThere(join(data, 'forests/default.moved')))).toBe(true);
    }
  });
  const { from, removed } = await move(data, address, { removesSource: true });
  expect(from).toBe(data);
  // The last one may have been killed behind its end.
  expect(await isThere(join(data, 'forests/default.moved'))).toBe(!removed);
  expect(await isWhole(address)).toBe(true);
  const moved = await startAt(address);
  const status = await moved.forests.getStatus({ includeStateHash: true });
  expect(status.stateHash).toBe(stateHash);
  await moved.context.publish({ operations: [putText('/a', 'after')] });
  // Three programs, on a machine that may have little for them.
}, 900_000);

test('what a move that was cut short has left is not removed where another forest of its name has come meanwhile', async () => {
  const [data, other, address] = [join(folder, 'cut'), join(folder, 'other'), nats.address('prefix=CUT')];
  for (const place of [data, other]) {
    const { context } = await startAt(place);
    await context.publish({ operations: [putText(`/${place === data ? 'cut' : 'other'}`, '1')] });
    await stopAll();
  }
  // As far as a run gets that is killed behind its mark.
  const left = await DataFolder.open(data);
  await left.setAside('default', placeName(placeOf(address)));
  await left.close();
  await move(other, address);
  const again = await move(data, address, { removesSource: true });
  expect(again).toMatchObject({ reached: null, removed: false });
  const kept = await DataFolder.open(data);
  await kept.putBack('default');
  await kept.close();
  const { node } = await (await startAt(data)).context.get({ path: '/cut' });
  expect(node?.modifiedRevision).toBe(1n);
});

test('a stream that has grown is not set aside, and one that is takes nothing more', () =>
  looking(nats.address('prefix=FENCE'), async (streams) => {
    const log = await streams.openLog('default');
    const stream = streams.movable('default');
    const nothing = {
      commands: [],
      living: [],
      marksSnapshot: false,
      taken: null,
      formats: null,
      restored: null,
    };
    const entry = encodeAgreedEntry({ replica: 'somebody', number: 1, ...nothing }, 1);
    await log.append('one', entry);
    await expect(stream.setAside('elsewhere', 0, entry)).rejects.toBeInstanceOf(StreamHasGrown);
    expect(await streams.movedTo('default')).toBe(null);
    expect(await log.append('two', entry)).toBe(2);
    expect(await stream.setAside('elsewhere', 2, entry)).toBe(3);
    expect(await streams.movedTo('default')).toBe('elsewhere');
    // A broker that knows nothing of it tries until it is told to stop.
    const late = log.append('three', entry);
    await stream.appendBehind(3, entry, 'FENCE.default.moved');
    expect(await log.bounds()).toEqual({ first: 1, last: 4 });
    await stream.putBack();
    expect(await late).toBe(5);
  }));

test('what cannot be moved is refused, by exit codes', async () => {
  const [data, address] = [join(folder, 'refused'), nats.address('prefix=REFUSED')];
  const { context } = await startAt(data);
  await context.publish({ operations: [putText('/a', 'here')] });
  expect(await startMove(data, address).ended).toMatchObject({ code: 2, stdout: '' });
  await stopAll();
  const there = await startAt(address);
  // Where nothing was ever done it gives way, but not while brokers are there.
  await expect(move(data, address, { leftMsMax: 0 })).rejects.toThrow(/brokers work on the forest default/);
  await there.context.publish({ operations: [putText('/b', 'there')] });
  await stopAll();
  expect((await startMove(data, address).ended).code).toBe(5);
  await expect(move(join(folder, 'nowhere'), address)).rejects.toThrow(/no data folder/);
  await expect(move(data, address, { forest: 'unknown' })).rejects.toThrow(
    /has no forest unknown; it has default/,
  );
  await expect(move(data, data)).rejects.toThrow(/is where it is already/);
  const { code, stdout } = await startMove(data, nats.address('prefix=TAKEN')).ended;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ name: 'default', moved: true, revision: 1, firstPosition: 1 });
  // Whoever asks again is told that it was done.
  expect((await move(data, nats.address('prefix=TAKEN'))).reached).toBe(null);
  await expect(move(data, address)).rejects.toThrow(/was moved to .*TAKEN: move it from there/);
  const { node } = await (await startAt(nats.address('prefix=TAKEN'))).context.get({ path: '/a' });
  expect(node?.modifiedRevision).toBe(1n);
});
