/**
 * Goal: what others do while a cascade is worked out is neither lost nor left out. Method: a forest in memory, in which others write and read
 * what is to be undone as fast as they are answered, until the cascade is.
 */
import { expect, test } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { append, begin, commit, openForest, path, publish, put } from '../../../test/support/forests.ts';
import type { Outcome } from '../../state/outcome.ts';
import { standingOf } from '../../state/values/standing.ts';
import type { LiveForest } from '../live-forest.ts';
import { turn } from '../../base/slices.ts';

const revert = { revision: 2, reason: 'wrong', author: 'judge', request: null };

async function misledForest(): Promise<LiveForest> {
  const forest = await openForest();
  const increment = (amount: bigint) => ({ kind: 'increment', path: path('/count'), amount }) as const;
  await forest.propose(publish([put('/count', '0', 'json'), put('/kept', 'x')]));
  await forest.propose(publish([put('/wrong', 'x'), increment(100n)]));
  for (let index = 0; index < 20; index += 1) {
    const basis = [{ path: path('/wrong'), revision: 2, extent: 'node' as const }];
    await forest.propose({ ...publish([put(`/derived/${index}`, 'x')]), basis });
  }
  return forest;
}

function revisionOf(outcome: Outcome): number {
  return 'revision' in outcome ? outcome.revision : 0;
}

function valueOf(forest: LiveForest, at: string): string | undefined {
  return standingOf(forest.view().root, path(at)).entry?.data;
}

test('what others add meanwhile stays, to the last one', async () => {
  const forest = await misledForest();
  const progress = { isDone: false };
  const cascade = forest.reverts.cascade(revert, null).finally(() => {
    progress.isDone = true;
  });
  let added = 0;
  while (!progress.isDone || added < 10) {
    await forest.propose(publish([{ kind: 'increment', path: path('/count'), amount: 1n }]));
    added += 1;
    // What is in memory is answered without a turn of the event loop, which the cascade waits for.
    if (added % 5 === 0) await turn(systemClock);
  }
  expect((await cascade).outcome).toMatchObject({ kind: 'revision_reverted' });
  expect(valueOf(forest, '/count')).toBe(String(added));
  expect([valueOf(forest, '/wrong'), valueOf(forest, '/derived/7'), valueOf(forest, '/kept')]).toEqual([
    undefined,
    undefined,
    'x',
  ]);
  await forest.close();
});

test('what is made from it meanwhile goes too, or the cascade is refused as overtaken', async () => {
  const forest = await misledForest();
  const progress = { isDone: false };
  const cascade = forest.reverts.cascade(revert, null).finally(() => {
    progress.isDone = true;
  });
  const made: { readonly at: string; readonly revision: number }[] = [];
  while (!progress.isDone || made.length < 3) {
    const { revision } = forest.view();
    const at = `/late/${made.length}`;
    const basis = [{ path: path('/wrong'), revision, extent: 'node' as const }];
    const { outcome } = await forest.propose({ ...publish([put(at, 'x')]), basis });
    made.push({ at, revision: revisionOf(outcome) });
    await turn(systemClock);
  }
  const { outcome, report } = await cascade;
  if (outcome.kind === 'rejected') {
    expect(outcome.reason).toBe('CONFLICT');
    expect(valueOf(forest, '/wrong')).toBe('x');
  } else {
    const end = revisionOf(outcome);
    const undone = new Set(report?.undone.map(({ revision }) => revision));
    for (const { at, revision } of made) {
      expect(undone.has(revision)).toBe(revision < end);
      expect(valueOf(forest, at)).toBe(revision < end ? undefined : 'x');
    }
  }
  await forest.close();
});

test.each([0, 30, 60, 90, 120])(
  'what was taken back before stays so, where what is derived comes %i steps later',
  async (steps) => {
    const forest = await openForest();
    await forest.propose(publish([put('/text', 'a')]));
    await forest.propose(publish([put('/wrong', 'x')]));
    await forest.propose(publish([append('/text', 'b')]));
    await forest.reverts.cascade({ ...revert, revision: 1 }, null);
    expect(valueOf(forest, '/text')).toBe('b');

    const cascade = forest.reverts.cascade(revert, null);
    for (let count = 0; count < steps; count += 1) await Promise.resolve();
    const basis = [{ path: path('/wrong'), revision: 2, extent: 'node' as const }];
    const { outcome } = await forest.propose({ ...publish([append('/text', 'c')]), basis });
    const { report } = await cascade;
    const isUndone = report?.undone.some(({ revision }) => revision === revisionOf(outcome));
    expect(valueOf(forest, '/text')).toBe(isUndone === true ? 'b' : 'bc');
    await forest.close();
  },
);

test('a ghost has to look again at all that was taken back, also at what was made of the first of it', async () => {
  const forest = await openForest();
  const node = (at: string, revision: number) => ({ path: path(at), revision, extent: 'node' as const });
  await forest.propose(publish([put('/kept', 'x')]));
  await forest.propose(publish([put('/wrong', 'x')]));
  await forest.propose({ ...publish([put('/derived', 'x')]), basis: [node('/wrong', 2)] });
  const begun = begin(forest);
  const { ghostId } = begun;
  await forest.propose(begun);
  const staged = publish([put('/mine', 'x')], { ghostId });
  await forest.propose({ ...staged, basis: [node('/wrong', 3), node('/derived', 3)] });
  await forest.reverts.cascade(revert, null);

  const again = publish([put('/mine', 'y')], { ghostId });
  await forest.propose({ ...again, basis: [{ ...node('/wrong', 4), extent: 'absent' }] });
  const { outcome } = await forest.propose(commit(ghostId));
  expect(outcome).toMatchObject({ reason: 'BASIS_REVERTED', metadata: { path: '/derived' } });
  await forest.propose({ ...again, basis: [{ ...node('/derived', 4), extent: 'absent' }] });
  expect((await forest.propose(commit(ghostId))).outcome).toMatchObject({ kind: 'committed' });
  await forest.close();
});

test('two at a time are done one after the other', async () => {
  const forest = await misledForest();
  const [one, other] = await Promise.all([
    forest.reverts.cascade(revert, null),
    forest.reverts.cascade(revert, null),
  ]);
  expect([one.outcome.kind, other.outcome.kind]).toEqual(['revision_reverted', 'revision_reverted']);
  expect(one.report?.operations).toHaveLength(22);
  expect(other.report?.operations).toEqual([]);
  await forest.close();
});

test('more than may wait are refused', async () => {
  const forest = await misledForest();
  const all = await Promise.all(Array.from({ length: 102 }, () => forest.reverts.report(2)));
  const refused = all.filter(({ outcome }) => outcome.kind === 'rejected').map(({ outcome }) => outcome);
  expect(refused).toMatchObject([{ reason: 'QUOTA_EXCEEDED' }, { reason: 'QUOTA_EXCEEDED' }]);
  await forest.close();
});

test('what came before something that may matter counts once', async () => {
  const forest = await misledForest();
  // Long enough that it is gone through in several turns.
  for (let index = 0; index < 2_000; index += 1) await forest.propose(publish([put('/else', `${index}`)]));
  const progress = { isDone: false };
  const cascade = forest.reverts.cascade(revert, null).finally(() => {
    progress.isDone = true;
  });
  let added = 0;
  // Schemas decide what fits, so all is looked at again where one has come.
  for (let round = 0; !progress.isDone; round += 1) {
    const adds = [forest.propose(publish([{ kind: 'increment', path: path('/count'), amount: 1n }]))];
    added += 1;
    if (round % 20 === 19) {
      const definition = `{"maximum":${round}}`;
      const schema = { name: 'late', format: 'json_schema', bindings: [], definition } as const;
      adds.push(forest.propose({ kind: 'register_schema', ...schema, author: 'a', request: null }));
    }
    await (round % 5 === 4 ? turn(systemClock) : Promise.all(adds));
  }
  expect((await cascade).outcome).toMatchObject({ kind: 'revision_reverted' });
  expect(added).toBeGreaterThan(1);
  expect(valueOf(forest, '/count')).toBe(String(added));
  await forest.close();
});
