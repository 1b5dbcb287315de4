/** Goal: a lease has room for so many nodes, however often they are written; what older records say is judged as it was. Method: commands in, outcomes out. */
import { expect, test } from 'vitest';
import { path, publish, value } from '../../../test/support/forests.ts';
import { common, Machine } from '../../../test/support/machine.ts';
import { nodesPerLeaseMax } from '../../base/limits.ts';
import type { Operation, Publish } from '../command.ts';

const newest = { bindingsByPath: true } as const;

function leased(from: number, to: number, leaseId = 'l'): Operation[] {
  return Array.from({ length: to - from }, (_, index) => {
    return { kind: 'put' as const, path: path(`/s/${from + index}`), value: value('text', 'x'), leaseId };
  });
}

function write(operations: readonly Operation[], more: Partial<Publish> = newest): Publish {
  return { ...publish(operations), ...more };
}

/** With a lease that as many nodes are bound to. */
function machine(nodes: number): Machine {
  const made = new Machine();
  for (const leaseId of ['l', 'other'])
    made.apply({ kind: 'grant_lease', leaseId, ttlMs: 60_000, label: '', ...common });
  expect(made.told(write(leased(0, nodes)))).toBe('published');
  return made;
}

function boundTo(made: Machine, leaseId: string): number | undefined {
  return made.state.leases.get(leaseId)?.nodes.size;
}

test('a full lease can write its own nodes again, and bind no other', () => {
  const made = machine(nodesPerLeaseMax);
  expect(made.told(write(leased(7, 8)))).toBe('published');
  expect(made.told(write(leased(0, nodesPerLeaseMax)))).toBe('published');
  expect(made.apply(write(leased(7, nodesPerLeaseMax + 1)))).toMatchObject({
    reason: 'QUOTA_EXCEEDED',
    message: `lease l has no room for /s/${nodesPerLeaseMax}: it can have ${nodesPerLeaseMax} nodes; take another one`,
  });
  expect(boundTo(made, 'l')).toBe(nodesPerLeaseMax);
});

test('a path that is put twice takes room once, and one that is bound to another lease takes room', () => {
  const made = machine(nodesPerLeaseMax - 1);
  const last = leased(nodesPerLeaseMax, nodesPerLeaseMax + 1);
  expect(made.told(write([...last, ...last]))).toBe('published');
  expect(made.told(write(leased(20_000, 20_001, 'other')))).toBe('published');
  expect(made.told(write(leased(20_000, 20_001)))).toBe('QUOTA_EXCEEDED');
  expect(made.told(write(leased(0, 1, 'other')))).toBe('published');
  expect(made.told(write(leased(20_000, 20_001)))).toBe('published');
  expect([boundTo(made, 'l'), boundTo(made, 'other')]).toEqual([nodesPerLeaseMax, 1]);
});

test('a ghost can write them again too, and bind no more than there is room for', () => {
  const made = machine(6_000);
  const commit = { kind: 'commit_ghost', isolation: 'writes', label: '', ...newest, ...common } as const;
  for (const [ghostId, to, outcome] of [
    ['again', 6_000, 'committed'],
    ['more', 10_001, 'CONFLICT'],
  ] as const) {
    made.begin(ghostId);
    for (let from = 0; from < to; from += 1_000)
      made.apply(write(leased(from, Math.min(from + 1_000, to)), { ghostId, ...newest }));
    expect(made.told({ ...commit, ghostId })).toBe(outcome);
  }
});

test('where a record is older every put takes room, and its refusal is remembered in the same words', () => {
  const made = machine(6_000);
  const request = { id: 'r', fingerprint: 1 };
  const refused = {
    reason: 'QUOTA_EXCEEDED',
    message: `lease l has ${nodesPerLeaseMax} nodes bound to it already; take another one`,
  };
  expect(made.apply(write(leased(0, 5_000), { request }))).toMatchObject(refused);
  expect(made.state.requests.find('r')?.outcome).toMatchObject(refused);
  made.begin('g');
  for (let from = 0; from < 5_000; from += 1_000)
    expect(made.told(write(leased(from, from + 1_000), { ghostId: 'g' }))).toBe('published');
  expect(made.commit('g')).toMatchObject({ reason: 'CONFLICT' });
});
