/**
 * Goal: a backup that is restored into an empty forest which brokers share is there for all of them, whole or not at all, once, and stays so behind snapshots; also
 * where somebody writes at the same moment, or the broker that was asked ends at any step. Method: brokers in one process on logs in memory, whose ends can be cut
 * off at the n-th thing that they do.
 */
import { afterEach, expect, test } from 'vitest';
import { begin, publish, put } from '../../../test/support/forests.ts';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { settle } from '../../../test/support/watcher.ts';
import { formatSilenceMs } from '../../base/limits.ts';
import { seededRandom } from '../../base/random.ts';
import { decodeAgreedEntry } from '../../codec/agreed-entry.ts';
import type { AgreedLogs } from '../../journal/agreed-logs.ts';
import { MemoryLogs } from '../../journal/memory/agreed-logs.ts';
import { MemoryStore } from '../../memory-store.ts';
import { find } from '../../trie/lookup.ts';
import type { Forest, ForestSettled, UploadKey } from '../forest.ts';
import { LiveForest } from '../live-forest.ts';
import { AgreedForests } from './agreed-forests.ts';
import { manifestsIn } from './snapshot-sharing.ts';

interface Broker {
  readonly forests: AgreedForests;
  readonly clock: ManualClock;
}

const open: Broker[] = [];
const fatal: unknown[] = [];

afterEach(async () => {
  for (const { forests } of open.splice(0)) await forests.close();
  expect(fatal.splice(0)).toEqual([]);
});

async function broker(shared: MemoryLogs, seed: number, logs = shared.end()): Promise<Broker> {
  const clock = new ManualClock(1_000_000 + seed);
  const forests = await AgreedForests.open({
    ...{ logs, store: new MemoryStore(), clock, random: seededRandom(seed), snapshotJournalBytes: 8 * 1024 },
    onProgress: () => undefined,
    onFailure: (error) => void fatal.push(error),
    onFatal: (error) => void fatal.push(error),
    onWriteStop: (_forest, reason) => void fatal.push(reason),
  });
  const started = { forests, clock };
  open.push(started);
  return started;
}

async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await settle();
}

/** Lets time pass for all until the newest format is in force. */
async function agreeOnFormat(): Promise<void> {
  await turns();
  for (const { clock } of open) clock.advance(formatSilenceMs);
  await turns();
}

function forestOf({ forests }: Broker, name = ''): LiveForest {
  const forest = forests.get(name);
  if (!(forest instanceof LiveForest)) throw new Error(`the forest "${name}" is not there`);
  return forest;
}

/** A backup of a forest with a past and a ghost. */
async function backupOf(one: Broker): Promise<Uint8Array[]> {
  await one.forests.create('source', null);
  const source = forestOf(one, 'source');
  for (let round = 1; round <= 5; round += 1) await source.propose(publish([put('/a', String(round))]));
  await source.propose(begin(source));
  const backup = await source.backup();
  if ('reason' in backup) throw new Error(backup.message);
  const chunks: Uint8Array[] = [];
  for await (const chunk of backup.chunks) chunks.push(chunk.slice());
  return chunks;
}

function restore(
  { forests }: Broker,
  backup: readonly Uint8Array[],
  id = '',
  name = 'default',
): Promise<ForestSettled> {
  const request: UploadKey | null = id === '' ? null : { id, fingerprint: async () => backup.length };
  return forests.restore(name, asyncOf(backup), request);
}

async function* asyncOf<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

async function hashes(brokers: readonly Broker[]): Promise<string[]> {
  const all: string[] = [];
  for (const each of brokers) {
    const forest = await upToDate(each);
    const { hash, position } = await forest.stateHash();
    all.push(`${hash} at ${position}`);
  }
  return all;
}

/** The default forest, once it has seen all that is in the log. */
async function upToDate(one: Broker): Promise<Forest> {
  for (;;) {
    const forest = one.forests.get('');
    if ('upToDate' in forest && (await forest.upToDate(Infinity)) === null) return forest;
    await turns(1);
  }
}

function valueOf(forest: Forest): unknown {
  return find(forest.view().root, ['a'])?.entry?.data;
}

test('a backup restored into an empty forest is there for all brokers, those that come later too, and behind snapshots', async () => {
  const shared = new MemoryLogs();
  const [one, other] = [await broker(shared, 1), await broker(shared, 2)];
  const backup = await backupOf(one);
  await agreeOnFormat();
  expect(await restore(one, backup, 'r')).toEqual({
    outcome: { kind: 'forest_restored', forest: 'default' },
    repeated: false,
  });
  const late = await broker(shared, 3);
  const all = [one, other, late];
  expect(new Set(await hashes(all)).size).toBe(1);
  for (const each of all) {
    const forest = await upToDate(each);
    expect([forest.view().revision, valueOf(forest), forest.ghosts().length]).toEqual([5, '5', 1]);
  }
  expect((await restore(other, backup, 'r')).repeated).toBe(true);
  expect(await restore(other, [...backup, new Uint8Array(0)], 'r')).toMatchObject({
    outcome: { reason: 'REQUEST_ID_REUSED' },
  });
  for (const id of ['', 'again'])
    expect(await restore(late, backup, id)).toMatchObject({
      outcome: { reason: 'FOREST_EXISTS' },
      repeated: false,
    });

  const isCut = (): boolean => (shared.logs.get('default')?.cutThrough ?? 0) > 0;
  for (let round = 0; !isCut(); round += 1) {
    await (await upToDate(other)).propose(publish([put('/b', `${round} ${'x'.repeat(500)}`)]));
    await turns(2);
  }
  const later = await broker(shared, 4);
  expect(new Set(await hashes([...all, later])).size).toBe(1);
  const [past, older] = [await forestOf(later).viewAt(6), await forestOf(later).viewAt(4)];
  expect('root' in past && find(past.root, ['a'])?.entry?.data).toBe('5');
  expect(older).toMatchObject({ reason: 'REVISION_COMPACTED' });
  expect((await restore(later, backup, 'r')).repeated).toBe(true);
});

test('it is read again from the first entry where no snapshot can be read', async () => {
  const shared = new MemoryLogs();
  const one = await broker(shared, 1);
  const backup = await backupOf(one);
  await agreeOnFormat();
  await restore(one, backup);
  const bucket = shared.objects.get('default');
  const later = (): string[] => manifestsIn([...(bucket?.stored.keys() ?? [])].sort());
  for (let round = 0; later().length === 0; round += 1) {
    await (await upToDate(one)).propose(publish([put('/b', `${round} ${'x'.repeat(500)}`)]));
    await turns(2);
  }
  for (const name of later()) bucket?.stored.delete(name);
  const late = await broker(shared, 2);
  const [found] = await hashes([late]);
  expect(found).toBe((await hashes([one]))[0]);
  fatal.length = 0;
});

test('a write that comes first stays, and nothing is restored or left behind', async () => {
  const shared = new MemoryLogs();
  const other = await broker(shared, 2);
  const ends = shared.end();
  const openLog: AgreedLogs['openLog'] = async (name) => {
    const log = await ends.openLog(name);
    const append = log.append.bind(log);
    log.append = async (id, payload) => {
      if (name === 'default' && decodeAgreedEntry(payload).restored !== null)
        await forestOf(other).propose(publish([put('/a', 'first')]));
      return append(id, payload);
    };
    return log;
  };
  const one = await broker(shared, 1, { ...ends, openLog });
  const backup = await backupOf(one);
  await agreeOnFormat();
  expect(await restore(one, backup, 'r')).toMatchObject({ outcome: { reason: 'FOREST_EXISTS' } });
  for (const each of [one, other, await broker(shared, 3)])
    expect(valueOf(await upToDate(each))).toBe('first');
  expect([...(shared.objects.get('default')?.stored.keys() ?? [])]).toEqual([]);
});

test('who asks before all brokers know what that is waits for them', async () => {
  const shared = new MemoryLogs();
  const one = await broker(shared, 1);
  const backup = await backupOf(one);
  const settled = restore(one, backup);
  await agreeOnFormat();
  await agreeOnFormat();
  expect(await settled).toMatchObject({ outcome: { kind: 'forest_restored' } });
});

test('subscribers are told that it was restored', async () => {
  const shared = new MemoryLogs();
  const [one, other] = [await broker(shared, 1), await broker(shared, 2)];
  const backup = await backupOf(one);
  await agreeOnFormat();
  const told: string[] = [];
  forestOf(other).hub.onDrain(({ reason }) => void told.push(reason));
  await restore(one, backup);
  await upToDate(other);
  expect(told).toEqual(['NOT_SERVING']);
});

/** An end of logs that does `steps` things and then is gone, without a word. `after`: the last of them has happened. */
function dying(
  shared: MemoryLogs,
  after: boolean,
): { readonly logs: AgreedLogs; steps: number; isDead: boolean } {
  const ends = shared.end();
  const never = new Promise<never>(() => undefined);
  const standing = { logs: ends, steps: Infinity, isDead: false };
  const step = async <T>(work: () => Promise<T>): Promise<T> => {
    if (standing.isDead) return never;
    standing.steps -= 1;
    if (standing.steps > 0) return work();
    standing.isDead = true;
    if (after) await work();
    return never;
  };
  standing.logs = {
    ...ends,
    openLog: async (name) => {
      const log = await ends.openLog(name);
      const [append, follow] = [log.append.bind(log), log.follow.bind(log)];
      log.append = (id, payload) => step(() => append(id, payload));
      log.follow = async function* (from) {
        for await (const entry of follow(from)) {
          if (standing.isDead) await never;
          yield entry;
        }
      };
      return log;
    },
    openObjects: async (name) => {
      const objects = await ends.openObjects(name);
      return {
        objectBytesMax: objects.objectBytesMax,
        names: () => step(() => objects.names()),
        get: (object) => step(() => objects.get(object)),
        put: (object, bytes) => step(() => objects.put(object, bytes)),
        remove: (object) => step(() => objects.remove(object)),
      };
    },
  };
  return standing;
}

test.each([false, true])(
  'a broker that ends at any step leaves it whole or not at all, and who asks again has it (behind the step: %s)',
  async (after) => {
    let done = false;
    for (let steps = 1; !done; steps += 1) {
      const shared = new MemoryLogs();
      const other = await broker(shared, 2);
      const end = dying(shared, after);
      const one = await broker(shared, 1, end.logs);
      const backup = await backupOf(other);
      await upToDate(one);
      await agreeOnFormat();
      end.steps = steps;
      const standing = { isDone: false };
      void restore(one, backup, 'r').then(() => (standing.isDone = true));
      while (!standing.isDone && !end.isDead) await settle();
      done = standing.isDone;
      end.isDead = true;
      await turns();
      const late = await broker(shared, 3);
      const [otherHash, lateHash] = await hashes([other, late]);
      expect(lateHash).toBe(otherHash);
      const { revision } = (await upToDate(other)).view();
      expect([0, 5]).toContain(revision);
      const again = await restore(late, backup, 'r');
      expect(again).toMatchObject({ outcome: { kind: 'forest_restored' }, repeated: revision === 5 });
      expect(new Set(await hashes([other, late])).size).toBe(1);
      expect(valueOf(await upToDate(other))).toBe('5');
      open.splice(open.indexOf(one), 1);
      for (const { forests } of open.splice(0)) await forests.close();
    }
  },
);
