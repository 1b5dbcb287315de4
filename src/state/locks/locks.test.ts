/** Locks through the state machine, case by case. Whole stories with the table after each step are in test/scenario/locks. */
import { expect, test } from 'vitest';
import { apply } from '../apply.ts';
import type { Command } from '../command.ts';
import { emptyForest } from '../forest.ts';
import type { Applied, ForestState } from '../forest.ts';
import type { LockMode } from './lock.ts';

const sender = { author: 'an agent', request: null };

test('a free lock is granted at once, with the next token', () => {
  const state = emptyForest();
  expect(acquire(state, 'l1', 'a', 'x', ['s']).outcome).toStrictEqual({
    kind: 'lock_granted',
    lockId: 'a',
    leaseId: 'l1',
    fencingToken: 1,
  });
  expect(acquire(state, 'l2', 'b', 'x', ['t']).outcome).toMatchObject({ fencingToken: 2 });
});

test('a release grants the earliest that fits, and all that go with it', () => {
  const state = emptyForest();
  acquire(state, 'l1', 'a', 'x', ['s']);
  for (const [lease, lock, mode] of [
    ['l2', 'b', 's'],
    ['l3', 'c', 's'],
    ['l4', 'd', 'x'],
    ['l5', 'e', 's'],
  ] as const)
    expect(acquire(state, lease, lock, mode, ['s']).outcome.kind).toBe('lock_waiting');
  expect(changes(release(state, 'a'))).toStrictEqual(['a released', 'b granted', 'c granted']);
  expect(changes(release(state, 'b'))).toStrictEqual(['b released']);
  expect(changes(release(state, 'c'))).toStrictEqual(['c released', 'd granted']);
  expect(changes(release(state, 'd'))).toStrictEqual(['d released', 'e granted']);
});

test('a lock on several paths waits for all of them, and is granted at once', () => {
  const state = emptyForest();
  acquire(state, 'l1', 'a', 'x', ['s']);
  acquire(state, 'l2', 'b', 'x', ['t']);
  run(state, { ...request('l3', 'c'), targets: [target('x', ['s']), target('x', ['t', 'u'])] });
  expect(changes(release(state, 'a'))).toStrictEqual(['a released']);
  expect(changes(release(state, 'b'))).toStrictEqual(['b released', 'c granted']);
});

test('a refused request leaves no trace', () => {
  const state = emptyForest();
  acquire(state, 'l1', 'a', 'x', ['s']);
  const { outcome } = run(state, { ...request('l2', 'b'), targets: [target('s', ['s', 't'])], noWait: true });
  expect(outcome).toMatchObject({
    reason: 'LOCKED',
    metadata: { path: '/s', lock_id: 'a', lease_id: 'l1', holder: 'an agent', fencing_token: '1' },
  });
  expect([...state.leases.keys()]).toStrictEqual(['l1']);
  expect(state.locks.size).toBe(1);
});

test('two who each want what the other has are a deadlock, and the younger lease is refused', () => {
  const state = emptyForest();
  acquire(state, 'old', 'a', 'x', ['s']);
  acquire(state, 'young', 'b', 'x', ['t']);
  run(state, { ...request('old', 'c', 0), targets: [target('x', ['t'])] });
  const { outcome } = run(state, { ...request('young', 'd', 0), targets: [target('x', ['s'])] });
  expect(outcome).toMatchObject({ reason: 'DEADLOCK', circle: [{ lockId: 'd' }, { lockId: 'c' }] });
  expect(changes(release(state, 'b'))).toStrictEqual(['b released', 'c granted']);
});

function request(leaseId: string, lockId: string, ttlMs = 30_000) {
  return {
    kind: 'acquire_lock',
    lockId,
    leaseId,
    ttlMs,
    noWait: false,
    delayMs: 0,
    label: '',
    ...sender,
  } as const;
}

function target(mode: LockMode, path: readonly string[]) {
  return { path, mode };
}

function acquire(
  state: ForestState,
  leaseId: string,
  lockId: string,
  mode: LockMode,
  path: readonly string[],
): Applied {
  return run(state, { ...request(leaseId, lockId), targets: [target(mode, path)] });
}

function release(state: ForestState, lockId: string): Applied {
  return run(state, { kind: 'release_lock', lockId, leaseId: '', endLease: true, ...sender });
}

function run(state: ForestState, command: Command): Applied {
  const position = state.position + 1;
  return apply(state, { position, timeMs: position, command }, () => state.root);
}

function changes({ effects }: Applied): string[] {
  return effects.lockChanges.map(({ lockId, kind }) => `${lockId} ${kind}`);
}
