/**
 * Goal: brokers of two versions that share a log agree, whatever is written to any of them; what only the newer one knows is not written before no
 * older one is there, and an older one that comes too late stops instead of going on with something else. Method: replicas in one process, some of
 * which know a format that is not there yet, in which history can be given up.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { path, publish, put } from '../../../test/support/forests.ts';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { Replicas } from '../../../test/support/replicas.ts';
import type { Replica } from '../../../test/support/replicas.ts';
import { settle } from '../../../test/support/watcher.ts';
import { formatAskMs, formatSilenceMs, nodesPerLeaseMax } from '../../base/limits.ts';
import { decodeAgreedEntry } from '../../codec/agreed-entry.ts';
import { agreedFormat, boundsFormat, NewerFormat } from '../../codec/agreed-format.ts';
import type { Formats, FormatWord } from '../../codec/agreed-format.ts';
import { decodeSharedSnapshot } from '../../codec/shared-snapshot.ts';
import type { Command } from '../../state/command.ts';
import type { Outcome } from '../../state/outcome.ts';
import { FormatTurns } from './format-turns.ts';
import { LogFormat } from './log-format.ts';
import { manifestsIn } from './snapshot-sharing.ts';

const next = agreedFormat + 1;
const newer: Formats = { known: next, of: ({ kind }) => (kind === 'compact' ? next : agreedFormat) };
const snapshotBytes = 8 * 1024;

const open: Replicas[] = [];
afterEach(async () => {
  for (const replicas of open.splice(0)) await replicas.close();
});

/** Replicas of this version, and behind them ones of the next. */
async function start(old: number, ahead: number): Promise<Replicas> {
  const replicas = await Replicas.start(old, snapshotBytes);
  open.push(replicas);
  await replicas.agreeOnFormat();
  for (let index = 0; index < ahead; index += 1) await replicas.join(newer);
  await turns();
  return replicas;
}

async function turns(): Promise<void> {
  for (let count = 0; count < 20; count += 1) await settle();
}

async function pass(replicas: Replicas, byMs: number): Promise<void> {
  await replicas.advance(byMs);
  await turns();
}

function at({ all }: Replicas, index: number): Replica {
  const replica = all[index];
  if (replica === undefined) throw new Error('it was not started');
  return replica;
}

/** What a log's entries say of formats. */
function words({ log }: Replicas): FormatWord[] {
  return log.entries.flatMap(({ payload }) => decodeAgreedEntry(payload, next).formats ?? []);
}

const giveUp: Command = { kind: 'compact', revision: 1, author: '', request: null };

function told(outcome: Outcome): string {
  return outcome.kind === 'rejected' ? outcome.reason : outcome.kind;
}

/** The question that a replica has asked at its start was not answered for long enough. */
async function raise(replicas: Replicas): Promise<void> {
  await pass(replicas, formatAskMs);
  await pass(replicas, formatSilenceMs);
  await replicas.caughtUp();
}

describe('brokers of two versions on one log', () => {
  test('agree, and what only one knows is refused for as long as the other is there', async () => {
    const replicas = await start(2, 1);
    for (let round = 0; round < 5; round += 1) {
      for (const replica of replicas.all)
        expect(told(await replica.propose(publish([put('/a', `${round}`)])))).toBe('published');
      expect(told(await at(replicas, 2).propose(giveUp))).toBe('JOURNAL_UNAVAILABLE');
      await raise(replicas);
    }
    const said = words(replicas);
    expect(said.filter(({ asks }) => asks === next).length).toBeGreaterThanOrEqual(5);
    expect(said.filter(({ knows }) => knows === agreedFormat).length).toBeGreaterThanOrEqual(5);
    expect(said.filter(({ raises }) => raises === next)).toEqual([]);
    expect(new Set(await replicas.hashes()).size).toBe(1);
    expect(replicas.fatal).toEqual([]);
    // What was never written is nothing to an older one.
    await replicas.join();
  });

  test('go on to the newer version when the older one is gone, and let it in no more', async () => {
    const replicas = await start(1, 2);
    await at(replicas, 0).propose(publish([put('/a', '1')]));
    await at(replicas, 0).propose(publish([put('/a', '2')]));
    await at(replicas, 0).forest.close();
    await raise(replicas);
    expect(told(await at(replicas, 1).propose(giveUp))).toBe('compacted');
    expect(words(replicas).filter(({ raises }) => raises === next).length).toBeGreaterThanOrEqual(1);
    await expect(replicas.join()).rejects.toThrow(NewerFormat);
    await expect(replicas.join()).rejects.toThrow(
      new RegExp(`format ${next}.*knows ${agreedFormat}.*Bring it up`),
    );
    const late = await replicas.join(newer);
    expect(told(await late.propose(publish([put('/a', '3')])))).toBe('published');
    const [, one, two] = await Promise.all(replicas.all.map(({ forest }) => forest.stateHash()));
    expect(one).toEqual(two);
    expect(await late.forest.stateHash()).toEqual(one);
  });

  test('stop one that stood still while the others went on, before it has applied anything of them', async () => {
    const replicas = await start(1, 1);
    const [still, ahead] = [at(replicas, 0), at(replicas, 1)];
    still.log.set({ in: false, out: false });
    expect(told(await ahead.propose(giveUp))).toBe('JOURNAL_UNAVAILABLE');
    await pass(replicas, formatAskMs);
    await pass(replicas, formatSilenceMs);
    await ahead.propose(publish([put('/a', '1')]));
    expect(told(await ahead.propose(giveUp))).toBe('compacted');
    still.log.set({ in: true, out: true });
    await turns();
    expect(replicas.fatal).toEqual([expect.any(NewerFormat)]);
    expect(still.forest.appliedPosition).toBe(0);
  });

  test('ask again until there is no objection, each time by whoever is there', async () => {
    const replicas = await start(1, 2);
    // Whoever has asked first ends in the middle.
    await at(replicas, 1).forest.close();
    await at(replicas, 0).forest.close();
    await raise(replicas);
    expect(told(await at(replicas, 2).propose(publish([put('/a', '1')])))).toBe('published');
    expect(told(await at(replicas, 2).propose(giveUp))).toBe('compacted');
  });

  test('share snapshots that the older one can begin with, until the format is raised', async () => {
    const replicas = await start(1, 1);
    const newest = async (): Promise<number> => {
      const [name = ''] = manifestsIn(await replicas.objects.names());
      return name === ''
        ? 0
        : decodeSharedSnapshot(await replicas.objects.get(name), next).table.format.format;
    };
    const writeUntil = async (format: number): Promise<void> => {
      for (let round = 0; round < 400 && (await newest()) !== format; round += 1) {
        await at(replicas, 1).propose(publish([put('/a', `${round} ${'x'.repeat(200)}`)]));
        await turns();
      }
    };
    await writeUntil(agreedFormat);
    expect(await newest()).toBe(agreedFormat);
    const old = await replicas.join();
    expect(new Set(await replicas.hashes()).size).toBe(1);
    await old.forest.close();
    await at(replicas, 0).forest.close();
    await raise(replicas);
    await writeUntil(next);
    expect(await newest()).toBe(next);
    await expect(replicas.join()).rejects.toThrow(NewerFormat);
    const late = await replicas.join(newer);
    expect(await late.forest.stateHash()).toEqual(await at(replicas, 1).forest.stateHash());
  });
});

test('what a ghost has read is judged by revisions alone until all know how to judge it by views', async () => {
  const replicas = await Replicas.start(1);
  open.push(replicas);
  const older: Formats = { known: boundsFormat, of: () => 1 };
  await replicas.join(older);
  await turns();
  await raise(replicas);
  const commit = async (ghostId: string): Promise<string> => {
    const { forest } = at(replicas, 0);
    const common = { author: '', request: null, label: '' };
    const ghost = { ghostId, scope: [], parentId: '', ttlMs: 600_000, baseRevision: forest.view().revision };
    await forest.propose({ kind: 'begin_ghost', ...ghost, ...common });
    const read = { path: path('/inbox'), revision: ghost.baseRevision, extent: 'subtree', ghostId } as const;
    await forest.propose({ ...publish([put(`/${ghostId}`, '1')], { ghostId }), basis: [read] });
    const asked = { kind: 'commit_ghost', ghostId, isolation: 'serializable', ...common } as const;
    return new Promise((resolve) => {
      forest.commit(asked, null, ({ outcome }) => resolve(told(outcome)));
    });
  };
  expect(await commit('before')).toBe('CONFLICT');
  expect(new Set(await replicas.hashes()).size).toBe(1);
  await at(replicas, 1).forest.close();
  for (let asked = 0; asked < 3; asked += 1) await raise(replicas);
  expect(await commit('behind')).toBe('committed');
  const late = await replicas.join();
  expect(await late.forest.stateHash()).toEqual(await at(replicas, 0).forest.stateHash());
});

test('what a lease has bound already takes room again until all know how to count each node once', async () => {
  const replicas = await Replicas.start(1);
  open.push(replicas);
  await replicas.join({ known: boundsFormat, of: () => 1 });
  await turns();
  await raise(replicas);
  const propose = (command: Command): Promise<Outcome> => at(replicas, 0).propose(command);
  const common = { author: '', request: null, label: '' };
  await propose({ kind: 'grant_lease', leaseId: 'l', ttlMs: 600_000, ...common });
  const all = Array.from({ length: nodesPerLeaseMax }, (_, index) => ({
    ...put(`/s/${index}`, 'x'),
    leaseId: 'l',
  }));
  const write = async (id: string): Promise<string> =>
    told(await propose({ ...publish(all.slice(0, 2)), request: { id, fingerprint: 1 } }));
  expect(told(await propose(publish(all)))).toBe('published');
  expect(await write('before')).toBe('QUOTA_EXCEEDED');
  expect(new Set(await replicas.hashes()).size).toBe(1);
  await at(replicas, 1).forest.close();
  for (let asked = 0; asked < 3; asked += 1) await raise(replicas);
  expect(await write('behind')).toBe('published');
  expect(await write('before')).toBe('QUOTA_EXCEEDED');
  const late = await replicas.join();
  expect(await late.forest.stateHash()).toEqual(await at(replicas, 0).forest.stateHash());
});

describe('the format in force', () => {
  const silent: FormatWord = { asks: 0, knows: 0, raises: 0, question: 0 };
  const asks = { ...silent, asks: 2 };
  const objects = { ...silent, knows: 1 };
  const raises = { ...silent, raises: 2, question: 1 };

  test.each<[string, readonly (FormatWord | null)[], number, number]>([
    ['is 1 at first', [], 1, 0],
    ['stays where somebody only asks', [asks], 1, 1],
    ['is raised where nobody objects', [asks, null, raises], 2, 0],
    ['stays where somebody objects before it is raised', [asks, objects, raises], 1, 0],
    ['is raised once where two ask and raise', [asks, asks, raises, raises], 2, 0],
    ['does not hear an objection that comes too late', [asks, raises, objects], 2, 0],
    ['is not raised by what answers another question', [asks, objects, asks, raises], 1, 3],
    [
      'is not raised by more than one',
      [
        { ...silent, asks: 3 },
        { ...raises, raises: 3 },
      ],
      1,
      0,
    ],
  ])('%s', (_what, entries, format, question) => {
    const log = new LogFormat();
    for (const [index, word] of entries.entries()) log.onEntry(word, index + 1);
    expect(log.inForce).toEqual({ format, question });
  });
});

describe('in the log of a forest that was opened behind a format which all brokers know', () => {
  const format = new LogFormat();
  const clock = new ManualClock(0);
  const turns = new FormatTurns({ format, known: 2, knownByAll: 2, clock, schedule: () => undefined });
  const silent: FormatWord = { asks: 0, knows: 0, raises: 0, question: 0 };
  const hear = (word: Partial<FormatWord>, sequence: number): FormatWord | null => {
    format.onEntry({ ...silent, ...word }, sequence);
    turns.onEntry();
    return turns.takeNews();
  };

  test('it is raised as soon as it was asked for, and behind an objection it is waited', () => {
    turns.start();
    expect(turns.takeNews()).toEqual({ ...silent, asks: 2 });
    expect(hear({ asks: 2 }, 1)).toEqual({ ...silent, raises: 2, question: 1 });
    expect(hear({ knows: 1 }, 2)).toBeNull();
    clock.advance(formatAskMs - 1);
    expect(turns.takeNews()).toBeNull();
    clock.advance(1);
    expect(turns.takeNews()).toEqual({ ...silent, asks: 2 });
    expect(hear({ asks: 2 }, 3)).toEqual({ ...silent, raises: 2, question: 3 });
    expect(hear({ raises: 2, question: 3 }, 4)).toBeNull();
    expect(format.inForce.format).toBe(2);
    turns.close();
  });
});
