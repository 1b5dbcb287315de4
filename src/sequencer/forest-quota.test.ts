/** Goal: what counts against a quota is counted by what there is, after a restart as before it. Method: a forest that is opened again on its journal. */
import { expect, test } from 'vitest';
import { begin, commit, copy, openForest, publish, put, remove } from '../../test/support/forests.ts';
import { MemoryJournal } from '../journal/memory/journal.ts';
import type { ForestBounds } from './forest-quota.ts';

test('nodes are bounded over restarts, ghosts are counted by author, and a repetition is answered', async () => {
  const journal = new MemoryJournal();
  let current: ForestBounds = { nodes: 3, bytes: Infinity };
  const bounds = (): ForestBounds => current;
  const first = await openForest(journal, Infinity, 1, { bounds });
  const known = publish([put('/a', 'x'), put('/b', 'x'), put('/c', 'x')], {
    request: { id: 'known', fingerprint: 1 },
  });
  expect((await first.propose(known)).outcome.kind).toBe('published');
  for (const author of ['ann', 'ann', 'bob']) await first.propose(begin(first, { author }));
  await journal.flush();

  const again = await openForest(journal, Infinity, 2, { bounds });
  expect(['ann', 'bob', 'cid'].map((author) => again.ghostsOf(author))).toEqual([2, 1, 0]);
  const beyond = { reason: 'QUOTA_EXCEEDED', metadata: { limit: 'nodes', maximum: '3', actual: '3' } };
  expect((await again.propose(publish([put('/d', 'x')]))).outcome).toMatchObject(beyond);
  expect(await again.propose(known)).toMatchObject({ outcome: { revision: 1 }, repeated: true });
  expect((await again.propose(publish([put('/a', 'y')]))).outcome.kind).toBe('published');

  const ghost = begin(again, { author: 'cid' });
  await again.propose(ghost);
  expect((await again.propose(publish([put('/d', 'x')], { ghostId: ghost.ghostId }))).outcome.kind).toBe(
    'published',
  );
  expect((await again.propose(commit(ghost.ghostId))).outcome).toMatchObject(beyond);
  await again.propose(publish([remove('/b')]));
  expect((await again.propose(commit(ghost.ghostId))).outcome.kind).toBe('committed');
  expect((await again.propose(publish([copy('/a', '/e')]))).outcome).toMatchObject(beyond);

  current = { nodes: Infinity, bytes: 1 };
  expect((await again.propose(publish([put('/a', 'z')]))).outcome).toMatchObject({
    reason: 'QUOTA_EXCEEDED',
    metadata: { limit: 'bytes', maximum: '1' },
  });
  expect((await again.propose(publish([remove('/a')]))).outcome.kind).toBe('published');
});
