/**
 * Goal: brokers that share forests agree on which there are, whoever makes, deletes or restores one, and each of these happens once. Method: brokers in one
 * process on logs in memory.
 */
import { afterEach, expect, test } from 'vitest';
import { publish, put } from '../../../test/support/forests.ts';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { settle } from '../../../test/support/watcher.ts';
import { agreementGraceMs, agreementMsMax, formatSilenceMs } from '../../base/limits.ts';
import { seededRandom } from '../../base/random.ts';
import type { AgreedLog } from '../../journal/agreed-log.ts';
import { ObjectMissing } from '../../journal/agreed-objects.ts';
import { MemoryReplicaLog } from '../../journal/memory/agreed-log.ts';
import { MemoryLogs } from '../../journal/memory/agreed-logs.ts';
import { MemoryStore } from '../../memory-store.ts';
import { find } from '../../trie/lookup.ts';
import type { Forest } from '../forest.ts';
import { AgreedForests } from './agreed-forests.ts';
import { manifestsIn } from './snapshot-sharing.ts';

const open: AgreedForests[] = [];
const fatal: unknown[] = [];
const clocks: ManualClock[] = [];

afterEach(async () => {
  for (const forests of open.splice(0)) await forests.close();
  clocks.splice(0);
  expect(fatal.splice(0)).toEqual([]);
});

async function broker(shared: MemoryLogs, seed: number, logs = shared.end()): Promise<AgreedForests> {
  const clock = new ManualClock(1_000_000 + seed);
  clocks.push(clock);
  const forests = await AgreedForests.open({
    logs,
    store: new MemoryStore(),
    clock,
    random: seededRandom(seed),
    snapshotJournalBytes: 8 * 1024,
    onProgress: () => undefined,
    onFailure: (error) => void fatal.push(error),
    onFatal: (error) => void fatal.push(error),
    onWriteStop: (_forest, reason) => void fatal.push(reason),
  });
  open.push(forests);
  return forests;
}

async function two(): Promise<{ shared: MemoryLogs; one: AgreedForests; other: AgreedForests }> {
  const shared = new MemoryLogs();
  return { shared, one: await broker(shared, 1), other: await broker(shared, 2) };
}

function forestOf(forests: AgreedForests, name: string): Forest {
  const forest = forests.get(name);
  if ('reason' in forest) throw new Error(forest.message);
  return forest;
}

async function chunksOf(forest: Forest): Promise<AsyncIterable<Uint8Array>> {
  const backup = await forest.backup();
  if ('reason' in backup) throw new Error(backup.message);
  return backup.chunks;
}

function names(forests: AgreedForests): string[] {
  return forests.list().map(({ name }) => name);
}

test('a forest that one of them makes is there for all, and for who comes later', async () => {
  const { shared, one, other } = await two();
  const request = { id: 'r', fingerprint: 1 };
  expect(await one.create('team', request)).toMatchObject({
    outcome: { kind: 'forest_created' },
    repeated: false,
  });
  expect(await other.upToDate()).toBeNull();
  expect([names(one), names(other)]).toEqual([
    ['default', 'team'],
    ['default', 'team'],
  ]);
  expect(await other.create('team', request)).toMatchObject({
    outcome: { kind: 'forest_created' },
    repeated: true,
  });
  expect(await other.create('team', null)).toMatchObject({ outcome: { reason: 'FOREST_EXISTS' } });
  await forestOf(other, 'team').propose(publish([put('/a', '1')]));
  expect(await forestOf(one, 'team').upToDate(Infinity)).toBeNull();
  expect(find(forestOf(one, 'team').view().root, ['a'])?.entry?.data).toBe('1');
  expect(find(forestOf(one, '').view().root, ['a'])).toBeUndefined();
  const late = await broker(shared, 3);
  expect(find(forestOf(late, 'team').view().root, ['a'])?.entry?.data).toBe('1');
});

test('one of two that make the same forest at once has made it', async () => {
  const { one, other } = await two();
  const both = await Promise.all([one.create('team', null), other.create('team', null)]);
  expect(both.map(({ outcome }) => outcome.kind).sort()).toEqual(['forest_created', 'rejected']);
});

const patience = { timeout: 30_000 };

/** What becomes of a revert with all that was derived, which needs format 2. */
async function cascaded(forests: AgreedForests, name: string): Promise<string> {
  const forest = forestOf(forests, name);
  await forest.propose(publish([put('/wrong', 'x')]));
  const { revision } = forest.view();
  const revert = { revision, reason: 'wrong', author: 'judge', request: null };
  const { outcome } = await forest.reverts.cascade(revert, null);
  return outcome.kind === 'rejected' ? outcome.reason : outcome.kind;
}

test('what all brokers know is in force at once in a forest that comes, and in one that was there when it was agreed after a while', async () => {
  const { one, other } = await two();
  await one.create('early', null);
  await other.upToDate();
  expect(await cascaded(one, 'early')).toBe('JOURNAL_UNAVAILABLE');
  for (let turns = 0; turns < 20; turns += 1) await settle();
  for (const clock of clocks) clock.advance(formatSilenceMs);
  for (const forests of [one, other]) await forests.upToDate();
  await other.create('late', null);
  await one.upToDate();
  // No time passes.
  for (const forests of [one, other])
    await expect.poll(() => cascaded(forests, 'late'), patience).toBe('revision_reverted');
  await expect.poll(() => cascaded(other, 'early'), patience).toBe('revision_reverted');
  const hashes = await Promise.all(
    [one, other].map(async (forests) => {
      const forest = forestOf(forests, 'late');
      await forest.upToDate(Infinity);
      return forest.stateHash();
    }),
  );
  expect(hashes[0]).toEqual(hashes[1]);
}, 120_000);

test('a forest that was deleted is gone for all, and a new one of its name is empty', async () => {
  const { shared, one, other } = await two();
  await one.create('team', null);
  await forestOf(one, 'team').propose(publish([put('/a', '1')]));
  expect(await other.delete('team', null)).toMatchObject({ outcome: { kind: 'forest_deleted' } });
  expect(await one.upToDate()).toBeNull();
  expect([names(one), names(other)]).toEqual([['default'], ['default']]);
  expect([...shared.logs.keys()].filter((name) => name.startsWith('team'))).toEqual([]);
  expect([...shared.objects.keys()].filter((name) => name.startsWith('team'))).toEqual([]);
  expect(await one.delete('team', null)).toMatchObject({ outcome: { reason: 'FOREST_NOT_FOUND' } });
  expect(await one.delete('default', null)).toMatchObject({ outcome: { reason: 'FOREST_PROTECTED' } });
  await one.create('team', null);
  expect(await other.upToDate()).toBeNull();
  expect(forestOf(other, 'team').view().revision).toBe(0);
});

test('a forest that was restored holds the backup everywhere, also behind its own first snapshots', async () => {
  const { shared, one, other } = await two();
  const source = forestOf(one, '');
  for (let round = 1; round <= 5; round += 1) await source.propose(publish([put('/a', String(round))]));
  expect(await one.restore('copy', await chunksOf(source), null)).toMatchObject({
    outcome: { kind: 'forest_restored' },
  });
  expect(await other.upToDate()).toBeNull();
  for (const forests of [one, other]) {
    const forest = forestOf(forests, 'copy');
    expect([forest.view().revision, find(forest.view().root, ['a'])?.entry?.data]).toEqual([5, '5']);
  }
  expect(await other.restore('copy', await chunksOf(source), null)).toMatchObject({
    outcome: { reason: 'FOREST_EXISTS' },
  });
  for (let round = 0; round < 200; round += 1)
    await forestOf(other, 'copy').propose(publish([put('/b', `${round} ${'x'.repeat(200)}`)]));
  const late = await broker(shared, 3);
  const hashes = await Promise.all(
    [one, other, late].map(async (forests) => {
      const forest = forestOf(forests, 'copy');
      await forest.upToDate(Infinity);
      return forest.stateHash();
    }),
  );
  expect(new Set(hashes.map(({ hash, position }) => `${hash} at ${position}`)).size).toBe(1);
  const past = await forestOf(late, 'copy').viewAt(6);
  expect('root' in past && find(past.root, ['a'])?.entry?.data).toBe('5');
  expect(await forestOf(late, 'copy').viewAt(4)).toMatchObject({ reason: 'REVISION_COMPACTED' });
});

test('a forest that was restored can be begun with from its backup until its log is cut', async () => {
  const { shared, one } = await two();
  const source = forestOf(one, '');
  await source.propose(publish([put('/a', '1')]));
  await one.restore('copy', await chunksOf(source), null);
  const [stored] = [...shared.objects].flatMap(([name, objects]) =>
    name.startsWith('copy') ? [objects.stored] : [],
  );
  const later = (): string[] =>
    manifestsIn([...(stored?.keys() ?? [])].sort()).filter((name) => !name.includes('-restored-'));
  const copied = forestOf(one, 'copy');
  for (let round = 0; round < 400 && later().length === 0; round += 1)
    await copied.propose(publish([put('/b', `${round} ${'x'.repeat(200)}`)]));
  for (let turns = 0; turns < 50; turns += 1) await settle();
  expect(later().length).toBe(1);
  for (const name of later()) stored?.delete(name);
  const late = forestOf(await broker(shared, 3), 'copy');
  await copied.upToDate(Infinity);
  expect(await late.stateHash()).toEqual(await copied.stateHash());
  // Who shares the next snapshot misses the one that was lost.
  for (let turns = 0; turns < 50; turns += 1) await settle();
  expect(fatal.splice(0).filter((error) => !(error instanceof ObjectMissing))).toEqual([]);
});

test('a forest whose restoring is agreed on after the answer holds the backup all the same', async () => {
  const shared = new MemoryLogs();
  const end = shared.end();
  let way: MemoryReplicaLog | undefined;
  const openLog = async (name: string): Promise<AgreedLog> => {
    const log = await end.openLog(name);
    if (name === 'FORESTS' && log instanceof MemoryReplicaLog) way = log;
    return log;
  };
  const one = await broker(shared, 1, { ...end, openLog });
  const other = await broker(shared, 2);
  const source = forestOf(one, '');
  await source.propose(publish([put('/a', '1')]));
  const request = { id: 'r', fingerprint: async () => 7 };
  way?.set({ in: false });
  const late = one.restore('copy', await chunksOf(source), request);
  for (let turns = 0; turns < 20; turns += 1) await settle();
  for (const clock of clocks) clock.advance(agreementMsMax + agreementGraceMs);
  expect(await late).toMatchObject({ outcome: { reason: 'JOURNAL_UNAVAILABLE' } });
  way?.set({ in: true });
  for (const forests of [one, other]) {
    expect(await forests.upToDate()).toBeNull();
    expect(find(forestOf(forests, 'copy').view().root, ['a'])?.entry?.data).toBe('1');
  }
  expect(await one.restore('copy', await chunksOf(source), request)).toMatchObject({
    outcome: { kind: 'forest_restored' },
    repeated: true,
  });
});

test('a backup that is damaged restores nothing', async () => {
  const { shared, one } = await two();
  const damaged = async function* (): AsyncGenerator<Uint8Array> {
    yield Uint8Array.of(1, 2, 3);
  };
  expect(await one.restore('copy', damaged(), null)).toMatchObject({ outcome: { reason: 'BACKUP_DAMAGED' } });
  expect([...shared.logs.keys()].sort()).toEqual(['FORESTS', 'default']);
});
