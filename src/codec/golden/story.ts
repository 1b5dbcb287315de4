/**
 * A forest in which everything happens once that a journal or a snapshot can hold. Its bytes lie beside this file as they
 * were when their format was released; see `golden.test.ts`. Never edited: what is new gets a story of its own.
 */
import type { Command } from '../../state/command.ts';
import type { Value } from '../../state/values/value.ts';

const unnamed = { author: 'agent_1', request: null };
const named = (id: string) => ({ author: 'agent_2', request: { id, fingerprint: 0xdead_beef } });
const trunk = { kind: 'publish', ghostId: '', preconditions: [], label: '', basis: [] } as const;
const bytes: Value = { kind: 'bytes', data: '\u0000\u007f\u0080\u00ff', bytes: 4, type: '' };
const message: Value = { kind: 'message', data: '\u0008\u0001', bytes: 2, type: 'type.example.com/a.B' };
const begin = { kind: 'begin_ghost', parentId: '', ttlMs: 60_000, label: '', ...unnamed } as const;

export const story: readonly Command[] = [
  {
    ...trunk,
    ...named('request_1'),
    label: 'the first one',
    operations: [
      { kind: 'put', path: ['s', 'json'], value: json('{"a":"ü"}', 10) },
      { kind: 'put', path: ['s', 'text'], value: text('Grüße 🧠', 12) },
      { kind: 'put', path: ['s', 'bytes'], value: bytes },
      { kind: 'put', path: ['s', 'message'], value: message },
      { kind: 'append', path: ['s', 'list'], addition: { kind: 'items', data: '1,2', bytes: 3, type: '' } },
      { kind: 'increment', path: ['s', 'count'], amount: 9_007_199_254_740_993n },
    ],
    basis: [
      { path: ['s'], revision: 0, extent: 'subtree' },
      { path: ['s', 'json'], revision: 0, extent: 'absent' },
      { path: [], revision: 0, extent: 'node' },
    ],
  },
  {
    ...trunk,
    ...unnamed,
    operations: [
      { kind: 'append', path: ['s', 'text'], addition: text('!', 1) },
      { kind: 'append', path: ['s', 'bytes'], addition: bytes },
      { kind: 'merge', path: ['s', 'json'], patch: '{"b":null,"c":[]}', patchBytes: 17 },
      { kind: 'increment', path: ['s', 'count'], amount: -1n },
      { kind: 'increment', path: ['s', 'mean'], amount: 0.5 },
      { kind: 'copy', path: ['t'], source: ['s'], sourceRevision: 1 },
      { kind: 'delete', path: ['t', 'json'], scope: 'node' },
      { kind: 'delete', path: ['t', 'text'], scope: 'subtree' },
    ],
    preconditions: [
      { kind: 'presence', path: ['s', 'json'], present: true },
      { kind: 'presence', path: ['t'], present: false },
      { kind: 'modified_revision', path: ['s', 'json'], revision: 1 },
      { kind: 'version', path: ['s', 'json'], version: 1 },
      { kind: 'subtree_unchanged_since', path: ['s'], revision: 1 },
    ],
  },
  { ...begin, ghostId: 'old', scope: [], baseRevision: 1, label: 'on an old revision' },
  { ...begin, ghostId: 'outer', scope: ['s'], baseRevision: 2 },
  {
    ...trunk,
    ...unnamed,
    ghostId: 'outer',
    operations: [{ kind: 'put', path: ['s', 'draft'], value: text('one', 3) }],
  },
  { kind: 'checkpoint_ghost', ghostId: 'outer', name: 'good', ...unnamed },
  {
    ...trunk,
    ...unnamed,
    ghostId: 'outer',
    operations: [{ kind: 'put', path: ['s', 'draft'], value: text('bad', 3) }],
  },
  { kind: 'rewind_ghost', ghostId: 'outer', checkpoint: '', reason: 'it was bad', ...named('request_2') },
  { ...begin, ghostId: 'inner', scope: ['s'], baseRevision: 2, parentId: 'outer' },
  {
    ...trunk,
    ...named('request_3'),
    ghostId: 'inner',
    label: 'inside',
    operations: [
      { kind: 'copy', path: ['s', 'past'], source: ['s', 'text'], sourceRevision: 1 },
      { kind: 'increment', path: ['s', 'count'], amount: 5n },
    ],
    basis: [{ path: ['s', 'draft'], revision: 2, extent: 'node' }],
  },
  { kind: 'commit_ghost', ghostId: 'inner', isolation: 'writes', label: 'into the outer one', ...unnamed },
  { ...begin, ghostId: 'brief', scope: [], baseRevision: 2 },
  { ...trunk, ...unnamed, ghostId: 'brief', operations: [{ kind: 'put', path: ['u'], value: text('u', 1) }] },
  { kind: 'commit_ghost', ghostId: 'brief', isolation: 'serializable', label: '', ...unnamed },
  { ...begin, ghostId: 'dropped', scope: [], baseRevision: 3 },
  { kind: 'checkpoint_ghost', ghostId: 'dropped', name: 'start', ...unnamed },
  { kind: 'revert_ghost', ghostId: 'dropped', reason: 'not needed', ...unnamed },
  { ...begin, ghostId: 'left', scope: [], baseRevision: 3 },
  { kind: 'expire_ghost', ghostId: 'left', ...unnamed },
  {
    kind: 'revert_revision',
    revision: 3,
    operations: [{ kind: 'delete', path: ['u'], scope: 'node' }],
    preconditions: [{ kind: 'modified_revision', path: ['u'], revision: 3 }],
    reason: 'it was wrong',
    ...unnamed,
  },
  { kind: 'compact', revision: 2, ...unnamed },
  { kind: 'revert_ghost', ghostId: 'nobody', reason: '', ...named('request_4') },
];

function json(data: string, size: number): Value {
  return { kind: 'json', data, bytes: size, type: '' };
}

function text(data: string, size: number): Value {
  return { kind: 'text', data, bytes: size, type: '' };
}
