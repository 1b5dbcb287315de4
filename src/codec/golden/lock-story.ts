/**
 * What came with leases, locks and fencing: a story of its own, told like the first one in `story.ts`. Its bytes lie beside
 * this file. Never edited: what is new gets a story of its own.
 */
import type { Command } from '../../state/command.ts';
import type { Value } from '../../state/values/value.ts';

const unnamed = { author: 'agent_1', request: null };
const named = (id: string) => ({ author: 'agent_2', request: { id, fingerprint: 0xdead_beef } });
const trunk = { kind: 'publish', ghostId: '', preconditions: [], label: '', basis: [], ...unnamed } as const;
const here: Value = { kind: 'text', data: 'hier 🧠', bytes: 9, type: '' };
const ask = { kind: 'acquire_lock', ttlMs: 0, noWait: false, delayMs: 0, label: '' } as const;

export const lockStory: readonly Command[] = [
  { kind: 'grant_lease', leaseId: 'lease_1', ttlMs: 30_000, label: 'presence', ...named('request_1') },
  { ...trunk, operations: [{ kind: 'put', path: ['s', 'agents', 'ü'], value: here, leaseId: 'lease_1' }] },
  {
    ...ask,
    ...named('request_2'),
    lockId: 'lock_1',
    leaseId: 'lease_2',
    ttlMs: 60_000,
    targets: [
      { path: ['s', 'plan'], mode: 'x' },
      { path: ['s', 'notes'], mode: 's' },
      { path: ['t'], mode: 'six' },
    ],
    delayMs: 5_000,
    label: 'writes the plan',
  },
  { ...trunk, fencingTokens: [1], operations: [{ kind: 'put', path: ['s', 'plan'], value: here }] },
  { ...ask, ...named('request_3'), lockId: 'lock_2', leaseId: 'lease_1', targets: [{ path: [], mode: 'x' }] },
  { ...ask, ...unnamed, lockId: 'lock_3', leaseId: 'lease_1', targets: [{ path: ['u'], mode: 'ix' }] },
  {
    ...ask,
    ...named('request_4'),
    lockId: 'lock_4',
    leaseId: 'lease_1',
    targets: [{ path: ['t'], mode: 'is' }],
    noWait: true,
  },
  {
    kind: 'begin_ghost',
    ghostId: 'ghost_1',
    scope: [],
    baseRevision: 2,
    parentId: '',
    ttlMs: 60_000,
    label: '',
    ...unnamed,
  },
  {
    ...trunk,
    ghostId: 'ghost_1',
    fencingTokens: [1],
    operations: [{ kind: 'put', path: ['s', 'plan'], value: here, leaseId: 'lease_2' }],
  },
  {
    kind: 'commit_ghost',
    ghostId: 'ghost_1',
    isolation: 'writes',
    label: '',
    fencingTokens: [1],
    ...unnamed,
  },
  {
    kind: 'revert_revision',
    revision: 2,
    operations: [{ kind: 'delete', path: ['s', 'plan'], scope: 'node' }],
    preconditions: [],
    reason: 'it was wrong',
    fencingTokens: [1],
    ...unnamed,
  },
  { kind: 'release_lock', lockId: 'lock_3', leaseId: 'lease_1', endLease: false, ...unnamed },
  { kind: 'expire_lease', leaseId: 'lease_2', ...unnamed },
  {
    ...ask,
    ...unnamed,
    lockId: 'lock_5',
    leaseId: 'lease_3',
    ttlMs: 1_000,
    targets: [{ path: ['s', 'plan'], mode: 's' }],
  },
  { kind: 'end_lock_delay', lockId: 'lock_1', ...unnamed },
  {
    ...ask,
    ...unnamed,
    lockId: 'lock_6',
    leaseId: 'lease_4',
    ttlMs: 1_000,
    targets: [{ path: ['v'], mode: 's' }],
    delayMs: 100,
  },
  { kind: 'release_lock', lockId: 'lock_2', leaseId: '', endLease: false, ...unnamed },
  { kind: 'expire_lease', leaseId: 'lease_4', ...unnamed },
  { kind: 'end_lease', leaseId: 'lease_1', ...named('request_5') },
  { kind: 'grant_lease', leaseId: 'lease_5', ttlMs: 1_000, label: '', ...unnamed },
  { ...trunk, operations: [{ kind: 'put', path: ['agents', 'b'], value: here, leaseId: 'lease_5' }] },
  { ...ask, ...unnamed, lockId: 'lock_7', leaseId: 'lease_5', targets: [{ path: ['v'], mode: 'x' }] },
];
