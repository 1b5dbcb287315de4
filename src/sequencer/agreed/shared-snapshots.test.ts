/**
 * Goal: snapshots that replicas share are enough to begin with, and nothing is dropped that somebody may still need: whichever replica takes one, whatever ends
 * in the middle, and whatever of them is lost. Method: replicas in one process, on a log and objects in memory that a test tears and loses.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { begin, copy, publish, put } from '../../../test/support/forests.ts';
import { Replicas } from '../../../test/support/replicas.ts';
import type { Replica } from '../../../test/support/replicas.ts';
import { settle } from '../../../test/support/watcher.ts';
import { recentRootsMax, sharedSnapshotMsMax } from '../../base/limits.ts';
import { encodeAgreedEntry } from '../../codec/agreed-entry.ts';
import { decodeSharedSnapshot, encodeSharedSnapshot } from '../../codec/shared-snapshot.ts';
import { JournalDamage } from '../../journal/journal.ts';
import { find } from '../../trie/lookup.ts';
import { manifestsIn } from './snapshot-sharing.ts';

const snapshotBytes = 8 * 1024;
const open: Replicas[] = [];

afterEach(async () => {
  for (const replicas of open.splice(0)) await replicas.close();
});

async function start(count = 2): Promise<{ replicas: Replicas; one: Replica; two: Replica }> {
  const replicas = await Replicas.start(count, snapshotBytes);
  open.push(replicas);
  const [one, two] = replicas.all;
  if (one === undefined || two === undefined) throw new Error('two were started');
  return { replicas, one, two };
}

async function manifests({ objects }: Replicas): Promise<string[]> {
  return manifestsIn(await objects.names());
}

/** Writes until there is another shared snapshot, and nothing is left to be done for it. */
async function another(replicas: Replicas, by: Replica, path = '/a'): Promise<string> {
  const before = (await manifests(replicas))[0];
  for (let round = 0; round < 400; round += 1) {
    await by.propose(publish([put(path, `${round} ${'x'.repeat(200)}`)]));
    const [newest] = await manifests(replicas);
    if (newest === undefined || newest === before) continue;
    for (let turns = 0; turns < 50; turns += 1) await settle();
    await replicas.caughtUp();
    return newest;
  }
  throw new Error(`no snapshot was shared: ${replicas.failures.join(', ')}`);
}

/** The same by reads alone: nothing is written, so the position stays. */
async function anotherByReads(replicas: Replicas, by: Replica): Promise<void> {
  const before = new Set(await manifests(replicas));
  for (let round = 0; round < 1_000; round += 1) {
    expect(await by.forest.upToDate(Infinity)).toBeNull();
    if ((await manifests(replicas)).every((name) => before.has(name))) continue;
    for (let turns = 0; turns < 50; turns += 1) await settle();
    await replicas.caughtUp();
    return;
  }
  throw new Error(`no snapshot was shared: ${replicas.failures.join(', ')}`);
}

function textAt({ forest }: Replica, ...path: string[]): string | undefined {
  return find(forest.view().root, path)?.entry?.data;
}

describe('a shared snapshot', () => {
  test('is what a newcomer begins with, together with history and what came later', async () => {
    const { replicas, one, two } = await start();
    const request = { id: 'r', fingerprint: 7 };
    await one.propose(publish([put('/first', 'here')], { request }));
    await one.propose(begin(one.forest, { ghostId: 'g' }));
    await two.propose(publish([put('/a', 'staged')], { ghostId: 'g' }));
    await another(replicas, one);
    expect(replicas.log.cutThrough).toBe(0);
    await another(replicas, two);
    await another(replicas, one);
    // What lies behind the older of the last two is all that the log still has.
    expect(await manifests(replicas)).toHaveLength(2);
    expect(replicas.log.cutThrough).toBeGreaterThan(0);
    await two.propose(publish([put('/last', 'there')]));
    const late = await replicas.join();
    const hashes = await replicas.hashes();
    expect(new Set(hashes).size, hashes.join(', ')).toBe(1);
    expect([textAt(late, 'first'), textAt(late, 'last')]).toEqual(['here', 'there']);
    expect(await late.forest.propose(publish([put('/first', 'here')], { request }))).toMatchObject({
      repeated: true,
    });
    expect(await late.forest.positionOf(1)).toBe(await one.forest.positionOf(1));
    const past = await late.forest.viewAt(1);
    expect('root' in past && find(past.root, ['first'])?.entry?.data).toBe('here');
    expect(replicas.failures).toEqual([]);
    expect(replicas.fatal).toEqual([]);
  });

  test('is taken by one replica at a time', async () => {
    const { replicas, one, two } = await start(3);
    const gate = Promise.withResolvers<void>();
    const put = new Set<string>();
    replicas.objects.beforePut = (name) => {
      put.add(name.split('-')[1] ?? '');
      return gate.promise;
    };
    for (let round = 0; round < 200; round += 1)
      await Promise.all([one, two].map((each) => each.propose(publish([putLong(round)]))));
    expect(put.size).toBe(1);
    gate.resolve();
    await another(replicas, two);
    expect(replicas.fatal).toEqual([]);
  });

  test('takes the place of those before it where nothing but reads came in between', async () => {
    const { replicas, one, two } = await start();
    await one.propose(publish([put('/a', '1')]));
    for (const by of [one, two, one, two, one, one]) await anotherByReads(replicas, by);
    expect(replicas.log.cutThrough).toBeGreaterThan(0);
    const names = await manifests(replicas);
    expect(names).toHaveLength(2);
    expect((await replicas.objects.names()).length).toBeLessThan(10);
    expect(textAt(await replicas.join(), 'a')).toBe('1');
    // The newest one is lost.
    await replicas.objects.remove(names[0] ?? '');
    expect(textAt(await replicas.join(), 'a')).toBe('1');
    expect(new Set(await replicas.hashes()).size).toBe(1);
    expect(replicas.fatal).toEqual([]);
  });

  test('leaves what is stored to be restored from, while nothing is written', async () => {
    const { replicas, one } = await start();
    const stored = '0000000000000000-into_it-0-what';
    await replicas.objects.put(stored, Uint8Array.of(1));
    for (let count = 0; count < 3; count += 1) await anotherByReads(replicas, one);
    expect(await manifests(replicas)).toHaveLength(2);
    expect(await replicas.objects.names()).toContain(stored);
  });

  test('is newer than another one at its position if its mark comes later, whoever has shared it', () => {
    const names = [
      '0000000000000000-restored-0-all',
      '0000000000000001-zero-95-all',
      '0000000000000001-nine-1010-all',
      '0000000000000001-nine-1010-state-0',
      '0000000000000012-many-94-all',
    ];
    expect(manifestsIn([...names].sort())).toEqual([names[4], names[2], names[1], names[0]]);
  });

  test('that the log does not reach back to is passed over', async () => {
    const { replicas, one } = await start();
    const first = await another(replicas, one);
    const bytes = await replicas.objects.get(first);
    for (let count = 0; count < 3; count += 1) await another(replicas, one);
    await replicas.objects.put('9999999999999999-stray-9-all', bytes);
    await replicas.join();
    expect(new Set(await replicas.hashes()).size).toBe(1);
  });

  test('that was torn changes nothing, and another one is taken later', async () => {
    const { replicas, one, two } = await start();
    let stored = 0;
    replicas.objects.beforePut = () => {
      stored += 1;
      return stored > 1 ? Promise.reject(new Error('torn')) : Promise.resolve();
    };
    for (let round = 0; round < 200; round += 1) await one.propose(publish([putLong(round)]));
    expect(replicas.failures.map(String)).toContain('Error: torn');
    expect(await manifests(replicas)).toEqual([]);
    const left = await replicas.objects.names();
    expect(left.length).toBeGreaterThan(0);
    replicas.objects.beforePut = () => Promise.resolve();
    replicas.log.laterMs += sharedSnapshotMsMax;
    await another(replicas, two);
    await another(replicas, one);
    const names = await replicas.objects.names();
    expect(left.filter((name) => names.includes(name))).toEqual([]);
    await replicas.join();
    expect(new Set(await replicas.hashes()).size).toBe(1);
  });

  test('that cannot be read is passed over for the one before', async () => {
    const { replicas, one } = await start();
    await another(replicas, one);
    const newest = await another(replicas, one);
    const { state } = decodeSharedSnapshot(await replicas.objects.get(newest));
    const part = replicas.objects.stored.get(state[0]?.object ?? '');
    if (part === undefined) throw new Error('it has a part');
    part[100] = (part[100] ?? 0) ^ 1;
    await replicas.join();
    expect(replicas.failures.map(String).join()).toMatch(/is not what was stored/);
    expect(new Set(await replicas.hashes()).size).toBe(1);
  });

  test('that is not what it was taken of stops whoever has begun with it', async () => {
    const { replicas, one } = await start();
    const newest = await another(replicas, one);
    const { stored } = replicas.objects;
    const shared = decodeSharedSnapshot(stored.get(newest) ?? new Uint8Array());
    stored.set(newest, encodeSharedSnapshot({ ...shared, stateHash: 'f'.repeat(32) }));
    await replicas.join();
    await expect
      .poll(() => replicas.fatal.map(String), { timeout: 60_000 })
      .toEqual([expect.stringMatching(/not what it was taken of/)]);
  });

  test('of which none can be read is missed as damage, once the log was cut', async () => {
    const { replicas, one } = await start();
    for (let count = 0; count < 3; count += 1) await another(replicas, one);
    for (const name of await manifests(replicas)) await replicas.objects.remove(name);
    await expect(replicas.join()).rejects.toThrow(/begins with entry .* no snapshot that reaches it/);
    await expect(replicas.join()).rejects.toThrow(JournalDamage);
  });

  test('whose state has another hash stops whoever has applied something else', async () => {
    const { replicas, one } = await start();
    await one.propose(publish([put('/a', '1')]));
    const common = { replica: 'forger', commands: [], living: [], formats: null, restored: null };
    const mark = { ...common, number: 1, marksSnapshot: true, taken: null };
    const sequence = replicas.log.store('mark', encodeAgreedEntry(mark, 1));
    const taken = { sequence, object: 'none', stateHash: 'f'.repeat(32), bytes: 1, storedBytes: 0 };
    replicas.log.store('taken', encodeAgreedEntry({ ...common, number: 2, marksSnapshot: false, taken }, 1));
    await replicas.caughtUp();
    for (let turns = 0; turns < 50; turns += 1) await settle();
    expect(replicas.fatal.map(String)).toEqual(
      Array.from({ length: 2 }, () => expect.stringMatching(/they have applied different things/)),
    );
  });
});

describe('giving up history', () => {
  test('frees it everywhere behind the next snapshot, and what is promised can be had by newcomers too', async () => {
    const { replicas, one, two } = await start();
    await another(replicas, one);
    const before = one.records.storedBytes;
    const compacted = one.forest.view().revision;
    await another(replicas, one, '/b');
    expect(await two.forest.compact(compacted, null)).toMatchObject({ compactedRevision: compacted });
    for (let count = 0; count < 3; count += 1) await another(replicas, one, '/c');
    await replicas.caughtUp();
    for (const { records, forest } of replicas.all) {
      expect(records.firstPosition).toBeGreaterThan(1);
      expect(records.storedBytes).toBeGreaterThan(0);
      expect(await forest.viewAt(compacted - 1)).toMatchObject({ reason: 'REVISION_COMPACTED' });
    }
    expect(before).toBeGreaterThan(0);
    const late = await replicas.join();
    expect(late.records.firstPosition).toBeGreaterThan(1);
    expect(await late.forest.viewAt(compacted - 1)).toMatchObject({ reason: 'REVISION_COMPACTED' });
    for (let count = 0; count < recentRootsMax; count += 1)
      await one.propose(publish([put('/d', String(count))]));
    // No replica has that root in memory: each makes it anew, the newcomer from what it was given.
    expect(await two.propose(publish([copy('/a', '/copied', compacted)]))).toMatchObject({
      kind: 'published',
    });
    await replicas.caughtUp();
    expect(new Set(replicas.all.map((each) => textAt(each, 'copied'))).size).toBe(1);
    expect(new Set(await replicas.hashes()).size).toBe(1);
    expect(replicas.fatal).toEqual([]);
    expect(replicas.failures).toEqual([]);
  });

  test('keeps what a copy behind the snapshot still needs', async () => {
    const { replicas, one, two } = await start();
    await one.propose(publish([put('/old', 'from before')]));
    await another(replicas, one);
    await two.propose(publish([copy('/old', '/copied', 1)]));
    const compacted = one.forest.view().revision;
    await another(replicas, one);
    await one.forest.compact(compacted, null);
    for (let count = 0; count < 2; count += 1) await another(replicas, one);
    for (let count = 0; count < recentRootsMax; count += 1)
      await one.propose(publish([put('/d', String(count))]));
    const late = await replicas.join();
    expect(await late.propose(publish([copy('/copied', '/again', compacted)]))).toMatchObject({
      kind: 'published',
    });
    await replicas.caughtUp();
    expect(replicas.all.map((each) => textAt(each, 'again'))).toEqual(
      Array.from({ length: 3 }, () => 'from before'),
    );
    expect(replicas.fatal).toEqual([]);
  });
});

function putLong(round: number): ReturnType<typeof put> {
  return put('/a', `${round} ${'x'.repeat(200)}`);
}
