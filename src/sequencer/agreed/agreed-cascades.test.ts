/**
 * Goal: a revision is taken back with all that was derived from it, whichever brokers are asked for it and whatever others write and read meanwhile: nothing
 * that others add is lost or counted twice, nothing derived stays, and all brokers come to the same. Method: replicas in one process; what others do is
 * done while a cascade is worked out, and between the last look and the command's place.
 */
import { afterEach, expect, test } from 'vitest';
import { path, publish, put } from '../../../test/support/forests.ts';
import { beforeEntries, done, Replicas } from '../../../test/support/replicas.ts';
import type { Replica } from '../../../test/support/replicas.ts';
import { settle } from '../../../test/support/watcher.ts';
import type { Command, Operation } from '../../state/command.ts';
import { standingOf } from '../../state/values/standing.ts';
import type { RevisionRevert } from '../settled.ts';

const open: Replicas[] = [];
afterEach(async () => {
  for (const replicas of open.splice(0)) {
    expect(replicas.fatal).toEqual([]);
    await replicas.close();
  }
});

const revert: RevisionRevert = {
  revision: 2,
  reason: 'wrong',
  author: 'judge',
  request: { id: 'cascade', fingerprint: 1 },
};

function increment(amount: bigint): Operation {
  return { kind: 'increment', path: path('/count'), amount };
}

/** By somebody who had read what is wrong, as it was at a revision. */
function derived(at: string, revision: number): Command {
  const basis = [{ path: path('/wrong'), revision, extent: 'node' as const }];
  return { ...publish([put(at, 'x')]), basis };
}

/** Three, with something wrong in revision 2 and what was made from it. */
async function misled(): Promise<{ replicas: Replicas; one: Replica; two: Replica }> {
  const replicas = await Replicas.start(3);
  open.push(replicas);
  await replicas.agreeOnFormat();
  const [one, two] = replicas.all;
  if (one === undefined || two === undefined) throw new Error('three were started');
  await one.propose(publish([put('/count', '0', 'json'), put('/kept', 'x')]));
  await one.propose(publish([put('/wrong', 'x'), increment(100n)]));
  for (let index = 0; index < 5; index += 1) await two.propose(derived(`/derived/${index}`, 2));
  await replicas.caughtUp();
  return { replicas, one, two };
}

/** What all of them show at some paths; each joins anew too. */
async function values(replicas: Replicas, ...paths: readonly string[]): Promise<unknown> {
  await replicas.join();
  expect(new Set(await replicas.hashes()).size).toBe(1);
  const found = replicas.all.map(({ forest }) => {
    const { root } = forest.view();
    return paths.map((at) => standingOf(root, path(at)).entry?.data ?? null);
  });
  for (const each of found) expect(each).toEqual(found[0]);
  return found[0];
}

test('what was derived goes, what others add meanwhile stays, to the last one', async () => {
  const { replicas, one, two } = await misled();
  let added = 0;
  const add = (replica: Replica): void => {
    void replica.propose(publish([increment(1n)]));
    added += 1;
  };
  const settled = await done(replicas, one.forest.reverts.cascade(revert, null), (turn) => {
    add(one);
    if (turn % 3 === 0) add(two);
  });
  expect(settled.outcome).toMatchObject({ kind: 'revision_reverted' });
  expect(settled.report?.undone).toHaveLength(6);
  expect(await values(replicas, '/wrong', '/derived/4', '/kept', '/count')).toEqual([
    null,
    null,
    'x',
    `${added}`,
  ]);
});

test('what comes between the last look and its place is taken in, and it is tried again', async () => {
  const { replicas, one, two } = await misled();
  const tries = beforeEntries(one, 'revert_cascade', (count) =>
    count <= 5 ? two.propose(publish([increment(1n), put(`/else/${count}`, 'x')])) : Promise.resolve(),
  );
  const { outcome } = await done(replicas, one.forest.reverts.cascade(revert, null));
  expect(outcome).toMatchObject({ kind: 'revision_reverted' });
  expect(tries()).toBe(6);
  expect(await values(replicas, '/wrong', '/count', '/else/5')).toEqual([null, '5', 'x']);
});

test('what is made from it in that moment goes too', async () => {
  const { replicas, one, two } = await misled();
  const tries = beforeEntries(one, 'revert_cascade', (count) =>
    count === 1 ? two.propose(derived('/late', two.forest.view().revision)) : Promise.resolve(),
  );
  const settled = await done(replicas, one.forest.reverts.cascade(revert, null));
  expect(settled.report?.undone).toHaveLength(7);
  expect(tries()).toBe(2);
  expect(await values(replicas, '/wrong', '/late')).toEqual([null, null]);
});

test('who reads it in a ghost in that moment is told of', async () => {
  const { replicas, one, two } = await misled();
  const ghostId = two.forest.newGhostId();
  const { revision } = two.forest.view();
  const begin = {
    baseRevision: revision,
    parentId: '',
    ttlMs: 60_000,
    label: '',
    author: 'two',
    request: null,
  };
  await two.propose({ kind: 'begin_ghost', ghostId, scope: [], ...begin });
  beforeEntries(one, 'revert_cascade', (count) =>
    count === 1 ? two.propose({ ...derived('/staged', revision), ghostId } as Command) : Promise.resolve(),
  );
  const settled = await done(replicas, one.forest.reverts.cascade(revert, null));
  expect(settled.report?.ghosts).toMatchObject([{ ghostId }]);
  expect(new Set(await replicas.hashes()).size).toBe(1);
});

test('two brokers that are asked for the same do it once', async () => {
  const { replicas, one, two } = await misled();
  const both = Promise.all([one, two].map(({ forest }) => forest.reverts.cascade(revert, null)));
  const settled = await done(replicas, both);
  expect(settled.map(({ outcome }) => outcome.kind)).toEqual(['revision_reverted', 'revision_reverted']);
  expect(settled.filter(({ repeated }) => repeated)).toHaveLength(1);
  for (const { report } of settled) expect(report?.undone).toHaveLength(6);
  expect(await values(replicas, '/wrong', '/count')).toEqual([null, '0']);
});

test('it waits for locks of others, and takes in what comes meanwhile', async () => {
  const { replicas, one, two } = await misled();
  const [lockId, leaseId] = ['lock', 'lease'];
  const common = { ttlMs: 60_000, noWait: false, delayMs: 0, label: '', author: 'two', request: null };
  const targets = [{ path: path('/wrong'), mode: 'x' as const }];
  await two.propose({ kind: 'acquire_lock', lockId, leaseId, targets, ...common });
  await replicas.caughtUp();
  const patience = { waitMs: Infinity, deadlineMs: undefined, onCancel: () => undefined };
  const settled = await done(replicas, one.forest.reverts.cascade(revert, patience), (turn) => {
    if (turn === 3) void two.propose(derived('/late', two.forest.view().revision));
    if (turn === 5) void two.propose(publish([increment(1n)]));
    if (turn === 9)
      void two.propose({
        kind: 'release_lock',
        ...{ lockId, leaseId, endLease: true, author: 'two', request: null },
      });
  });
  expect(settled.outcome).toMatchObject({ kind: 'revision_reverted' });
  expect(settled.report?.undone).toHaveLength(7);
  expect(await values(replicas, '/wrong', '/late', '/count')).toEqual([null, null, '1']);
});

test('one that ends half-way leaves nothing, and is repeated at another broker', async () => {
  const { replicas, one, two } = await misled();
  one.log.set({ in: false, out: false });
  const cut = await done(replicas, one.forest.reverts.cascade(revert, null), () => one.clock.advance(1_000));
  expect(cut.outcome).toMatchObject({ reason: 'JOURNAL_UNAVAILABLE' });
  const again = await done(replicas, two.forest.reverts.cascade(revert, null));
  expect(again.outcome).toMatchObject({ kind: 'revision_reverted' });
  one.log.set({ in: true, out: true });
  for (let turn = 0; turn < 20; turn += 1) {
    await replicas.advance(100);
    await settle();
  }
  const known = await done(replicas, one.forest.reverts.cascade(revert, null));
  expect(known).toMatchObject({ repeated: true, outcome: again.outcome });
  expect(await values(replicas, '/wrong', '/count')).toEqual([null, '0']);
});
