/**
 * Goal: the life of ghosts: begin, checkpoints, rewinds, attempts, ends, nesting, limits; and that ending one costs the same
 * whatever it holds. Method: the state machine alone; cost is counted in what is touched, not in time.
 */
import { describe, expect, test } from 'vitest';
import { publish, put, remove } from '../../../test/support/forests.ts';
import { common, Machine } from '../../../test/support/machine.ts';
import {
  checkpointsPerGhostMax,
  endedGhostsKeptMax,
  ghostDepthMax,
  revertReasonsKeptMax,
} from '../../base/limits.ts';
import { Transaction } from '../../trie/transaction.ts';
import type { Operation } from '../command.ts';
import { stage } from './ghost.ts';
import type { Staged } from './ghost.ts';
import { entryOf } from '../values/value.ts';
import type { Entry } from '../values/value.ts';

function checkpoint(machine: Machine, ghostId: string, name: string): string {
  return machine.told({ kind: 'checkpoint_ghost', ghostId, name, ...common });
}

function rewind(machine: Machine, ghostId: string, name: string, reason = 'r'): ReturnType<Machine['apply']> {
  return machine.apply({ kind: 'rewind_ghost', ghostId, checkpoint: name, reason, ...common });
}

test('a ghost sees its own writes over its base; nobody else does before its commit', () => {
  const machine = new Machine();
  machine.publish([put('/a', '1')]);
  machine.begin('g');
  machine.begin('other');
  machine.publish([put('/a', '2'), put('/b', '2')], 'g');
  machine.publish([put('/c', '3')]);
  expect(
    ['', 'g', 'other'].map((id) => [machine.at('/a', id), machine.at('/b', id), machine.at('/c', id)]),
  ).toEqual([
    ['1', undefined, '3'],
    ['2', '2', undefined],
    ['1', undefined, undefined],
  ]);
  expect(machine.commit('g')).toEqual({ kind: 'committed', ghostId: 'g', revision: 3, operations: 2 });
  expect([machine.at('/a'), machine.at('/b'), machine.at('/c')]).toEqual(['2', '2', '3']);
});

test('a ghost can begin at any revision, and is refused in the future and in compacted history', () => {
  const machine = new Machine();
  for (const text of ['1', '2', '3']) machine.publish([put('/a', text)]);
  machine.begin('old', { baseRevision: 1 });
  expect(machine.at('/a', 'old')).toBe('1');
  machine.apply({ kind: 'compact', revision: 2, ...common });
  expect(machine.begin('older', { baseRevision: 1 })).toMatchObject({ reason: 'REVISION_COMPACTED' });
  expect(machine.begin('newer', { baseRevision: 9 })).toMatchObject({ reason: 'REVISION_IN_FUTURE' });
  expect([...machine.state.ghosts.keys()]).toEqual(['old']);
});

test('writes outside the scope are refused, and a child cannot have a wider scope than its parent', () => {
  const machine = new Machine();
  machine.begin('g', { scope: '/a' });
  expect(machine.publish([put('/a/b', '1')], 'g').kind).toBe('published');
  expect(machine.publish([put('/ab', '1')], 'g')).toMatchObject({
    reason: 'OUTSIDE_SCOPE',
    metadata: { scope: '/a' },
  });
  expect(machine.begin('child', { parentId: 'g', scope: '/b' })).toMatchObject({ reason: 'OUTSIDE_SCOPE' });
  expect(machine.begin('child', { parentId: 'g', scope: '/a/b' }).kind).toBe('ghost_begun');
});

describe('checkpoints', () => {
  test('are gone back to by name or to the newest, as often as wanted, and later ones are forgotten', () => {
    const machine = new Machine();
    machine.begin('g');
    for (const name of ['one', 'two', 'three']) {
      machine.publish([put('/a', name)], 'g');
      expect(checkpoint(machine, 'g', name)).toBe('checkpointed');
    }
    machine.publish([put('/a', 'wrong')], 'g');
    const told = (name: string): unknown[] => {
      const outcome = rewind(machine, 'g', name);
      if (outcome.kind !== 'ghost_reverted')
        return [outcome.kind === 'rejected' ? outcome.reason : outcome.kind];
      return [machine.at('/a', 'g'), outcome.checkpoint?.name, outcome.droppedOperations];
    };
    expect([told(''), told(''), told('one'), told('two'), told('one')]).toEqual([
      ['three', 'three', 1],
      ['three', 'three', 0],
      ['one', 'one', 2],
      ['CHECKPOINT_NOT_FOUND'],
      ['one', 'one', 0],
    ]);
    expect(checkpoint(machine, 'g', 'one')).toBe('CHECKPOINT_EXISTS');
    expect(checkpoint(machine, 'g', 'two')).toBe('checkpointed');
  });

  test('without any, a rewind goes to the beginning', () => {
    const machine = new Machine();
    machine.begin('g');
    machine.publish([put('/a', '1'), put('/b', '1')], 'g');
    expect(rewind(machine, 'g', '')).toMatchObject({ checkpoint: null, droppedOperations: 2 });
    expect(machine.commit('g')).toMatchObject({ kind: 'committed', revision: 0, operations: 0 });
  });

  test('are limited, and so are the reasons that are kept', () => {
    const machine = new Machine();
    machine.begin('g');
    for (let index = 0; index < checkpointsPerGhostMax; index += 1) checkpoint(machine, 'g', `c${index}`);
    expect(checkpoint(machine, 'g', 'more')).toBe('QUOTA_EXCEEDED');
    for (let index = 0; index < revertReasonsKeptMax + 3; index += 1)
      rewind(machine, 'g', '', `reason ${index}`);
    const reasons = machine.state.ghosts.get('g')?.attempts.map(({ reason }) => reason);
    expect(reasons).toHaveLength(revertReasonsKeptMax);
    expect(reasons?.at(-1)).toBe(`reason ${revertReasonsKeptMax + 2}`);
  });
});

test('the retry can read why earlier attempts were reverted, and a ghost that is over says so', () => {
  const machine = new Machine();
  machine.begin('g');
  machine.publish([put('/a', '1')], 'g');
  checkpoint(machine, 'g', 'c');
  rewind(machine, 'g', '', 'the claim has no source');
  const reverted = machine.revert('g', 'given up');
  const attempts = reverted.kind === 'ghost_reverted' ? reverted.attempts.map(({ reason }) => reason) : [];
  expect(attempts).toEqual(['the claim has no source', 'given up']);
  for (const outcome of [machine.publish([put('/a', '1')], 'g'), machine.commit('g'), machine.revert('g')]) {
    expect(outcome).toMatchObject({ reason: 'GHOST_OVER', metadata: { state: 'reverted' } });
  }
  expect(machine.commit('nobody')).toMatchObject({ reason: 'GHOST_NOT_FOUND' });
});

test('of ghosts that are over the newest are remembered', () => {
  const machine = new Machine();
  for (let index = 0; index < endedGhostsKeptMax + 5; index += 1) {
    machine.begin(`g${index}`);
    machine.revert(`g${index}`);
  }
  expect(machine.state.ended.size).toBe(endedGhostsKeptMax);
  expect(machine.revert('g4')).toMatchObject({ reason: 'GHOST_NOT_FOUND' });
  expect(machine.revert('g5')).toMatchObject({ reason: 'GHOST_OVER' });
});

describe('ghosts in ghosts, 100 deep', () => {
  const depth = 100;

  function nested(): Machine {
    const machine = new Machine();
    machine.publish([put('/base', 'b')]);
    for (let index = 0; index < depth; index += 1) {
      machine.begin(`g${index}`, { parentId: index === 0 ? '' : `g${index - 1}` });
      machine.publish([put(`/level/${index}`, String(index)), put('/top', String(index))], `g${index}`);
    }
    return machine;
  }

  test('are committed all the way up, as one revision at the end', () => {
    const machine = nested();
    expect(machine.at('/top', 'g99')).toBe('99');
    expect(machine.commit('g0')).toMatchObject({
      reason: 'GHOST_HAS_CHILDREN',
      metadata: { children: 'g1' },
    });
    for (let index = depth - 1; index > 0; index -= 1) {
      expect(machine.commit(`g${index}`)).toMatchObject({ kind: 'committed', revision: 0 });
      expect(machine.state.revision).toBe(1);
    }
    expect(machine.commit('g0')).toEqual({
      kind: 'committed',
      ghostId: 'g0',
      revision: 2,
      operations: 2 * depth,
    });
    expect(machine.at('/top')).toBe('99');
    expect(machine.state.root.count).toBe(depth + 2);
    expect(machine.state.ghosts.size).toBe(0);
  });

  test('end with the one around them, innermost first', () => {
    const machine = nested();
    const { effects } = machine.applied({ kind: 'revert_ghost', ghostId: 'g40', reason: 'wrong', ...common });
    const inner = Array.from({ length: 59 }, (_, index) => `g${99 - index}`);
    expect(effects.endedGhostIds).toEqual(inner);
    expect(machine.state.ghosts.size).toBe(40);
    expect(machine.commit('g39').kind).toBe('committed');
  });

  test('end with a rewind only if they were begun after the checkpoint', () => {
    const machine = new Machine();
    machine.begin('g');
    machine.begin('before', { parentId: 'g' });
    checkpoint(machine, 'g', 'c');
    machine.publish([put('/a', '1')], 'g');
    machine.begin('after', { parentId: 'g' });
    rewind(machine, 'g', 'c');
    expect([...machine.state.ghosts.keys()]).toEqual(['g', 'before']);
    expect(machine.publish([put('/a', '1')], 'after')).toMatchObject({ reason: 'GHOST_OVER' });
  });

  test('are refused beyond the greatest depth', () => {
    const machine = new Machine();
    for (let index = 0; index < ghostDepthMax; index += 1) {
      machine.begin(`g${index}`, { parentId: index === 0 ? '' : `g${index - 1}` });
    }
    expect(machine.begin('more', { parentId: `g${ghostDepthMax - 1}` })).toMatchObject({
      reason: 'QUOTA_EXCEEDED',
      metadata: { limit: 'ghostDepthMax' },
    });
  });
});

test('reverting a ghost, rewinding it and reading its standing walk over nothing of a million staged nodes', () => {
  const machine = new Machine();
  machine.begin('g');
  const ghost = machine.state.ghosts.get('g');
  if (ghost === undefined) throw new Error('no ghost');
  checkpoint(machine, 'g', 'c');
  const count = 1_000_000;
  const transaction = new Transaction<Entry>(ghost.root, -1);
  const entry = entryOf(
    { kind: 'text', data: 'x', bytes: 1, type: '' },
    { created: -1, modified: -1, assigned: -1, version: 1 },
    'a',
  );
  for (let index = 0; index < count; index += 1)
    transaction.set([`s${index >> 10}`, `n${index & 1023}`], entry);
  const real = transaction.commit();
  expect(real.count).toBe(count);
  const touched: string[] = [];
  // Whoever looks into the tree or at an older diff is noted; what is needed is the number kept at the end of the list.
  const watched = <T extends object>(name: string, target: T, allowed: readonly string[] = []): T =>
    new Proxy(target, {
      get(object, key) {
        if (!allowed.includes(String(key))) touched.push(`${name}.${String(key)}`);
        return Reflect.get(object, key);
      },
    });
  const operations: Operation[] = [put('/s0/n0', 'x')];
  const diff = {
    sequence: 1,
    timeMs: 0,
    author: 'a',
    label: '',
    operations,
    preconditions: [],
    basis: [],
    sums: [],
  };
  const older = watched<Staged>('staged', stage(null, diff, 8));
  const newest = watched<Staged>('staged', { diff, previous: older, diffs: 2, operations: count, bytes: 8 }, [
    'operations',
    'bytes',
  ]);
  const fill = (): void => {
    ghost.root = watched('root', real);
    ghost.staged = newest;
    ghost.sequence = 2;
  };
  fill();
  expect(rewind(machine, 'g', 'c')).toMatchObject({ kind: 'ghost_reverted', droppedOperations: count });
  expect(machine.at('/s0/n0', 'g')).toBeUndefined();
  fill();
  expect(machine.revert('g')).toMatchObject({ kind: 'ghost_reverted', droppedOperations: count });
  expect(touched).toEqual([]);
  expect(machine.state.ghosts.size).toBe(0);
  expect(machine.state.root.count).toBe(0);
});

test('a subtree that a ghost removed is gone in its view only', () => {
  const machine = new Machine();
  machine.publish([put('/a/x', '1'), put('/a/y', '1')]);
  machine.begin('g');
  machine.apply(publish([remove('/a')], { ghostId: 'g' }));
  expect([machine.at('/a/x', 'g'), machine.at('/a/x')]).toEqual([undefined, '1']);
});
