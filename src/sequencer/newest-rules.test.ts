/**
 * Goal: whoever proposes something has it judged by the newest rules, and a replay judges it by the same. Method: forests on a memory journal with a
 * lease that many nodes are bound to, which are opened once more.
 */
import { expect, test } from 'vitest';
import { begin, commit, openForest, publish, put } from '../../test/support/forests.ts';
import { nodesPerLeaseMax } from '../base/limits.ts';
import { MemoryJournal } from '../journal/memory/journal.ts';
import type { Command, Operation } from '../state/command.ts';
import type { LiveForest } from './live-forest.ts';

const patience = { waitMs: 1_000, deadlineMs: Infinity, onCancel: () => undefined };

function leased(count: number): Operation[] {
  return Array.from(
    { length: count },
    (_, index) => ({ ...put(`/s/${index}`, 'x'), leaseId: 'l' }) as Operation,
  );
}

async function full(journal: MemoryJournal): Promise<LiveForest> {
  const forest = await openForest(journal);
  const lease = { leaseId: 'l', ttlMs: 60_000, label: '', author: '', request: null };
  await forest.propose({ kind: 'grant_lease', ...lease });
  expect(await told(forest, publish(leased(nodesPerLeaseMax)))).toBe('published');
  return forest;
}

async function told(forest: LiveForest, command: Command): Promise<string> {
  const { outcome } = await forest.propose(command);
  return outcome.kind === 'rejected' ? outcome.reason : outcome.kind;
}

test('a full lease writes its own nodes again by all ways, and so it is when the journal is replayed', async () => {
  const journal = new MemoryJournal();
  const forest = await full(journal);
  expect(await told(forest, publish(leased(3)))).toBe('published');
  const request = { id: 'r', fingerprint: 1 };
  expect(await told(forest, publish(leased(nodesPerLeaseMax + 1), { request }))).toBe('QUOTA_EXCEEDED');
  const waiting = new Promise((resolve) => {
    forest.write(publish(leased(3)), patience, ({ outcome }) => resolve(outcome.kind));
  });
  expect(await waiting).toBe('published');
  await told(forest, begin(forest, { ghostId: 'g' }));
  expect(await told(forest, publish(leased(3), { ghostId: 'g' }))).toBe('published');
  const committing = new Promise((resolve) => {
    forest.commit(commit('g'), null, ({ outcome }) => resolve(outcome.kind));
  });
  expect(await committing).toBe('committed');
  const before = await forest.stateHash();
  expect(await (await openForest(journal)).stateHash()).toEqual(before);
});
