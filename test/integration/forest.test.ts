/**
 * Goal: the sequencer keeps the promises of design.md section 3 that need no network: durable before told, the same state
 * after a restart, exactly once, history that equals what was, compaction, backups.
 * Method: real forests on memory journals whose durability is held back by hand, or on the simulated disk.
 */
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { SimulatedFileSystem } from '../../src/journal/embedded/simulated-file-system.ts';
import { DataFolder } from '../../src/journal/embedded/data-folder.ts';
import { JournalFailure } from '../../src/journal/journal.ts';
import { MemoryJournal } from '../../src/journal/memory/journal.ts';
import type { LiveForest } from '../../src/sequencer/live-forest.ts';
import { LocalForests } from '../../src/sequencer/local-forests.ts';
import { systemClock } from '../../src/base/clock.ts';
import type { Operation } from '../../src/state/command.ts';
import type { ForestEvent } from '../../src/state/event.ts';
import type { Root } from '../../src/state/ghosts/ghost.ts';
import { standingOf } from '../../src/state/values/standing.ts';
import { walk } from '../../src/trie/iterate.ts';
import { formatPath } from '../../src/trie/path.ts';
import { append, begin, commit, copy, openForest, path, publish, put, remove } from '../support/forests.ts';

function dataAt(root: Root, at: string): string | undefined {
  return standingOf(root, path(at)).entry?.data;
}

function contents(root: Root): Record<string, string> {
  const found: Record<string, string> = {};
  for (const visited of walk(root, { within: [] })) {
    const { entry } = visited.node;
    if (entry !== null)
      found[formatPath(visited.path)] = `${entry.data} ${standingOf(root, visited.path).modified}`;
  }
  return found;
}

async function eventsOf(forest: LiveForest, after = 0): Promise<ForestEvent[]> {
  const found: ForestEvent[] = [];
  for await (const events of forest.readEvents(after, Infinity)) found.push(...events);
  return found;
}

test('nothing of a publish is told or shown before it is durable', async () => {
  const journal = new MemoryJournal({ durability: 'held' });
  const forest = await openForest(journal);
  let settled = false;
  const done = forest.propose(publish([put('/a', 'x')])).then((result) => {
    settled = true;
    return result;
  });
  await Promise.resolve();
  expect(settled).toBe(false);
  expect(forest.view().revision).toBe(0);
  expect(dataAt(forest.view().root, '/a')).toBeUndefined();
  journal.makeDurable(1);
  expect((await done).outcome).toEqual({ kind: 'published', revision: 1, sequence: 0 });
  expect(dataAt(forest.view().root, '/a')).toBe('x');
});

test('a refusal that depends on what is not durable yet waits as well', async () => {
  const journal = new MemoryJournal({ durability: 'held' });
  const forest = await openForest(journal);
  void forest.propose(publish([put('/a', 'x')]));
  let refused = false;
  const absent = { kind: 'presence', path: path('/a'), present: false } as const;
  const done = forest.propose(publish([put('/a', 'y')], { preconditions: [absent] })).then(({ outcome }) => {
    refused = true;
    return outcome;
  });
  await Promise.resolve();
  expect(refused).toBe(false);
  journal.makeDurable(1);
  expect(await done).toMatchObject({ kind: 'rejected', reason: 'PRECONDITION_FAILED' });
});

test('operations in a ghost are answered without waiting for the disk', async () => {
  const journal = new MemoryJournal({ durability: 'held' });
  const forest = await openForest(journal);
  const command = begin(forest);
  await forest.propose(command);
  const { outcome } = await forest.propose(publish([put('/a', 'x')], { ghostId: command.ghostId }));
  expect(outcome).toMatchObject({ kind: 'published', revision: 0, sequence: 1 });
  expect(journal.durablePosition).toBe(0);
});

test('a failed journal stops writes, says why, and goes on being read', async () => {
  const journal = new MemoryJournal({ durability: 'held' });
  const forest = await openForest(journal);
  const first = forest.propose(publish([put('/a', 'x')]));
  journal.makeDurable(1);
  await first;
  const second = forest.propose(publish([put('/a', 'y')]));
  journal.fail(new JournalFailure('no space left on device'));
  expect((await second).outcome).toMatchObject({
    reason: 'JOURNAL_UNAVAILABLE',
    metadata: { cause: 'no space left on device' },
  });
  expect((await forest.propose(publish([put('/b', 'z')]))).outcome).toMatchObject({
    reason: 'JOURNAL_UNAVAILABLE',
  });
  expect(forest.status.writeStopReason).toBe('no space left on device');
  expect(dataAt(forest.view().root, '/a')).toBe('x');
});

test('a repeated request id gives the first outcome, before and after a restart; with another body it is refused', async () => {
  const disk = new SimulatedFileSystem({ random: seededRandom(1) });
  const open = async (): Promise<{ folder: DataFolder; forest: LiveForest }> => {
    const folder = await DataFolder.open('/data', { fileSystem: disk });
    if ((await folder.listForests()).length === 0) await folder.createForest('f');
    return { folder, forest: await openForest(await folder.openForest('f')) };
  };
  let { folder, forest } = await open();
  const increment: Operation = { kind: 'increment', path: path('/n'), amount: 1n };
  const request = { id: 'r1', fingerprint: 7 };
  const once = await forest.propose(publish([increment], { request }));
  expect(once).toEqual({ outcome: { kind: 'published', revision: 1, sequence: 0 }, repeated: false });
  expect(await forest.propose(publish([increment], { request }))).toEqual({ ...once, repeated: true });
  const wrong = publish([put('/t', 'x'), { kind: 'increment', path: path('/t'), amount: 1n }], {
    request: { id: 'r2', fingerprint: 1 },
  });
  expect((await forest.propose(wrong)).outcome).toMatchObject({ reason: 'WRONG_TYPE' });
  await forest.close();
  await folder.close();
  ({ folder, forest } = await open());
  expect(await forest.propose(publish([increment], { request }))).toEqual({ ...once, repeated: true });
  expect(await forest.propose(wrong)).toMatchObject({ outcome: { reason: 'WRONG_TYPE' }, repeated: true });
  const reused = await forest.propose(publish([put('/m', 'x')], { request: { ...request, fingerprint: 8 } }));
  expect(reused.outcome).toMatchObject({ reason: 'REQUEST_ID_REUSED' });
  expect(dataAt(forest.view().root, '/n')).toBe('1');
  await forest.close();
  await folder.close();
});

test.each([1, 2, 3])(
  'seed %i: after restarts at random places, with and without snapshots, everything is as it was',
  async (seed) => {
    const random = seededRandom(seed);
    const disk = new SimulatedFileSystem({ random });
    const views = new Map<number, Record<string, string>>();
    let folder = await DataFolder.open('/data', { fileSystem: disk });
    await folder.createForest('f');
    let forest = await openForest(await folder.openForest('f'), 1_000 + random.below(9_000));
    const live: string[] = [];
    const seen: ForestEvent[] = [];
    for (let round = 0; round < 12; round += 1) {
      for (let index = 0; index < 60; index += 1) {
        const at = `/s${random.below(4)}/n${random.below(6)}`;
        const dice = random.below(20);
        const ghostId = live[random.below(Math.max(1, live.length))];
        if (dice === 0) {
          const command = begin(forest, { baseRevision: random.below(forest.view().revision + 1) });
          if ((await forest.propose(command)).outcome.kind === 'ghost_begun') live.push(command.ghostId);
        } else if (dice === 1 && ghostId !== undefined) {
          const { outcome } = await forest.propose(commit(ghostId));
          if (outcome.kind === 'committed') live.splice(live.indexOf(ghostId), 1);
        } else if (dice < 6 && ghostId !== undefined) {
          await forest.propose(publish([put(at, `g${index}`), append('/log', 'g')], { ghostId }));
        } else if (dice === 6) {
          await forest.propose(publish([remove(at)]));
        } else if (dice === 7 && forest.view().revision > 0) {
          await forest.propose(
            publish([copy('/s0', `/copy${random.below(3)}`, 1 + random.below(forest.view().revision))]),
          );
        } else {
          await forest.propose(publish([put(at, `${round}.${index}`), append('/log', 'x')]));
        }
        views.set(forest.view().revision, contents(forest.view().root));
      }
      const before = await forest.stateHash();
      const events = await eventsOf(forest, seen.at(-1)?.position ?? 0);
      seen.push(...events);
      await forest.close();
      await folder.close();
      folder = await DataFolder.open('/data', { fileSystem: disk });
      forest = await openForest(await folder.openForest('f'), 1_000 + random.below(9_000));
      expect(await forest.stateHash(), `round ${round}`).toEqual(before);
    }
    expect(forest.status.snapshotPosition).toBeGreaterThan(0);
    // History: every revision's root can be rebuilt, and the events are those that were read at the time.
    for (const [revision, expected] of views) {
      expect(contents(await forest.rootAt(revision)), `revision ${revision}`).toEqual(expected);
    }
    expect((await eventsOf(forest)).map((event) => [event.position, event.revision])).toEqual(
      seen.map((event) => [event.position, event.revision]),
    );
    for (const event of seen) {
      if (event.revision > 0) expect(await forest.positionOf(event.revision)).toBe(event.position);
    }
    await forest.close();
    await folder.close();
  },
  120_000,
);

test('reverting a trunk revision restores values and subtrees, and refuses where others have built on it', async () => {
  const forest = await openForest();
  await forest.propose(publish([put('/a/x', '1'), put('/a/y', '2'), put('/n', '5', 'json')]));
  await forest.propose(
    publish([
      put('/a/x', 'bad'),
      remove('/a/y'),
      put('/b/new', 'bad'),
      { kind: 'increment', path: path('/n'), amount: 3n },
    ]),
  );
  await forest.propose(publish([{ kind: 'increment', path: path('/n'), amount: 10n }]));
  const reverted = await forest.reverts.revision(
    { revision: 2, reason: 'it was wrong', author: 'judge', request: null },
    null,
  );
  expect(reverted.outcome).toEqual({ kind: 'revision_reverted', revision: 4 });
  const { root } = forest.view();
  expect(['/a/x', '/a/y', '/b/new', '/n'].map((at) => dataAt(root, at))).toEqual(['1', '2', undefined, '15']);
  const events = await eventsOf(forest);
  expect(events.at(-1)).toMatchObject({ revertedRevision: 2, label: 'it was wrong', author: 'judge' });

  await forest.propose(publish([put('/a/x', 'built on')]));
  const refused = (
    await forest.reverts.revision({ revision: 4, reason: 'again', author: 'judge', request: null }, null)
  ).outcome;
  expect(refused).toMatchObject({ reason: 'CONFLICT' });
  expect(
    refused.kind === 'rejected' ? refused.conflicts.map((conflict) => formatPath(conflict.path)) : [],
  ).toEqual(['/a/x']);
});

test('compaction gives up history below a revision, keeps state, frees the disk, and holds across a restart', async () => {
  const journal = new MemoryJournal();
  let forest = await openForest(journal);
  for (let index = 1; index <= 50; index += 1) await forest.propose(publish([put('/a', `v${index}`)]));
  const result = await forest.compact(40, null);
  expect(result).toMatchObject({ compactedRevision: 40 });
  for (const reopened of [false, true]) {
    if (reopened) forest = await openForest(journal);
    expect(await forest.viewAt(39)).toMatchObject({
      reason: 'REVISION_COMPACTED',
      metadata: { oldest_revision: '40' },
    });
    expect(dataAt(await forest.rootAt(40), '/a')).toBe('v40');
    expect(dataAt(await forest.rootAt(45), '/a')).toBe('v45');
    expect(await forest.positionOf(39)).toMatchObject({ reason: 'REVISION_COMPACTED' });
    const after = await forest.positionOf(40);
    expect(typeof after).toBe('number');
    const events = await eventsOf(forest, Number(after));
    expect(events[0]?.revision).toBe(41);
    expect(events.filter((event) => event.revision > 0)).toHaveLength(10);
  }
});

test('a backup taken while writes go on restores to the state at its revision', async () => {
  const disk = new SimulatedFileSystem({ random: seededRandom(1) });
  const store = await DataFolder.open('/data', { fileSystem: disk });
  const stopped: string[] = [];
  const forests = await LocalForests.open({
    store,
    clock: systemClock,
    random: seededRandom(2),
    snapshotJournalBytes: Infinity,
    onWriteStop: (name) => stopped.push(name),
  });
  const forest = forests.get('default');
  if ('reason' in forest) throw new Error(forest.message);
  for (let index = 0; index < 100; index += 1)
    await forest.propose(publish([put(`/a/n${index}`, `v${index}`)]));
  const expected = contents(forest.view().root);
  const backup = await forest.backup();
  if ('reason' in backup) throw new Error(backup.message);
  const { revision, chunks } = backup;
  const collected: Uint8Array[] = [];
  for await (const chunk of chunks) {
    collected.push(chunk.slice());
    await forest.propose(publish([put('/later', 'x')]));
  }
  expect(revision).toBe(100);
  async function* upload(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
    yield* parts;
  }
  const settled = await forests.restore('copy', upload(collected), null);
  expect(settled).toEqual({ outcome: { kind: 'forest_restored', forest: 'copy' }, repeated: false });
  const restored = forests.get('copy');
  if ('reason' in restored) throw new Error(restored.message);
  expect(contents(restored.view().root)).toEqual(expected);
  expect((await restored.propose(publish([put('/more', 'y')]))).outcome).toMatchObject({ revision: 101 });
  const reasonOf = async (name: string, chunks: readonly Uint8Array[]): Promise<string> => {
    const { outcome } = await forests.restore(name, upload(chunks), null);
    return 'reason' in outcome ? outcome.reason : outcome.kind;
  };
  expect(await reasonOf('copy', collected)).toBe('FOREST_EXISTS');
  const cut = collected.map((chunk) => chunk.subarray(0, chunk.length - 1));
  expect(await reasonOf('cut', cut)).toBe('BACKUP_DAMAGED');
  await forests.close();

  const again = await LocalForests.open({
    store: await DataFolder.open('/data', { fileSystem: disk }),
    clock: systemClock,
    random: seededRandom(3),
    snapshotJournalBytes: Infinity,
    onWriteStop: () => undefined,
  });
  expect(again.list().map(({ name }) => name)).toEqual(['copy', 'default']);
  const reopened = again.get('copy');
  if ('reason' in reopened) throw new Error(reopened.message);
  expect(reopened.view().revision).toBe(101);
  expect(dataAt(reopened.view().root, '/a/n7')).toBe('v7');
  await again.close();
  expect(stopped).toEqual([]);
});

test('a ghost whose owner gives no sign of life is reverted by a journaled expiry', async () => {
  const timers: { at: number; callback: () => void }[] = [];
  let now = 0;
  const clock = {
    nowMs: () => 1_000 + now,
    monotonicMs: () => now,
    setTimer(delayMs: number, callback: () => void) {
      const timer = { at: now + delayMs, callback };
      timers.push(timer);
      return { cancel: () => void timers.splice(timers.indexOf(timer), 1) };
    },
  };
  const advance = (ms: number): void => {
    const end = now + ms;
    for (;;) {
      const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      timers.splice(timers.indexOf(next), 1);
      now = Math.max(now, next.at);
      next.callback();
    }
    now = end;
  };
  const { LiveForest: Forest } = await import('../../src/sequencer/live-forest.ts');
  const forest = await Forest.open({
    name: 'f',
    journal: new MemoryJournal(),
    clock,
    random: seededRandom(1),
    snapshotJournalBytes: Infinity,
    onWriteStop: () => undefined,
  });
  const [kept, left] = [begin(forest, { ttlMs: 5_000 }), begin(forest, { ttlMs: 5_000 })];
  await forest.propose(kept);
  await forest.propose(left);
  advance(4_000);
  expect(forest.keepAlive(kept.ghostId)).toBe(true);
  advance(1_500);
  expect(forest.ghost(left.ghostId)).toMatchObject({ state: 'expired' });
  expect('root' in forest.ghost(kept.ghostId)).toBe(true);
  expect(forest.keepAlive(left.ghostId)).toBe(false);
  advance(10_000);
  expect(forest.ghost(kept.ghostId)).toMatchObject({ state: 'expired' });
});
