/**
 * What came with reverts that take along what was derived: a story of its own, told like the first one in `story.ts`. Its bytes lie beside
 * this file. Never edited: what is new gets a story of its own.
 */
import type { BasisEntry, Command, Operation } from '../../state/command.ts';
import type { Value } from '../../state/values/value.ts';

const unnamed = { author: 'agent_1', request: null };
const named = (id: string) => ({ author: 'agent_2', request: { id, fingerprint: 0xdead_beef } });
const text = (data: string): Value => ({ kind: 'text', data, bytes: data.length, type: '' });
const put = (name: string): Operation => ({ kind: 'put', path: ['s', name], value: text(name) });
const read = (name: string, revision: number): BasisEntry => ({
  path: ['s', name],
  revision,
  extent: 'node',
});
const publish = (ghostId: string, name: string, basis: readonly BasisEntry[] = []): Command => ({
  kind: 'publish',
  ghostId,
  operations: [put(name)],
  preconditions: [],
  label: `writes ${name}`,
  basis,
  ...unnamed,
});
const begin = (ghostId: string, parentId = ''): Command => ({
  kind: 'begin_ghost',
  ghostId,
  scope: [],
  baseRevision: 3,
  parentId,
  ttlMs: 60_000,
  label: '',
  ...unnamed,
});
const commit = { kind: 'commit_ghost', isolation: 'writes', label: '' } as const;

export const cascadeStory: readonly Command[] = [
  publish('', 'fact'),
  publish('', 'claim', [read('fact', 1)]),
  publish('', 'other'),
  begin('misled'),
  begin('looked'),
  begin('rewound'),
  publish('misled', 'draft', [read('claim', 2)]),
  publish('looked', 'note', [{ path: ['s'], revision: 3, extent: 'subtree' }]),
  { kind: 'checkpoint_ghost', ghostId: 'rewound', name: 'before', ...unnamed },
  publish('rewound', 'guess', [read('fact', 1)]),
  begin('inside', 'misled'),
  publish('inside', 'more'),
  {
    kind: 'revert_cascade',
    revision: 1,
    operations: [
      { kind: 'delete', path: ['s', 'fact'], scope: 'node' },
      { kind: 'delete', path: ['s', 'claim'], scope: 'node' },
    ],
    preconditions: [
      { kind: 'modified_revision', path: ['s', 'fact'], revision: 1 },
      { kind: 'modified_revision', path: ['s', 'claim'], revision: 2 },
    ],
    reason: 'made up ü',
    undone: [
      { revision: 1, hops: 0, author: 'agent_1', label: 'writes fact' },
      { revision: 2, hops: 1, author: 'agent_1', label: 'writes claim' },
    ],
    notUndone: [
      { path: ['s', 'a'], revision: 1, cause: 'overwritten', overwrittenBy: 3 },
      { path: ['s', 'b'], revision: 1, cause: 'built_upon', overwrittenBy: 3 },
      { path: ['s', 'c'], revision: 1, cause: 'history_gone', overwrittenBy: 0 },
      { path: ['s', 'd'], revision: 1, cause: 'schema', overwrittenBy: 0 },
    ],
    notUndoneTotal: 5,
    ghosts: [
      { ghostId: 'misled', author: 'agent_1', reads: [{ basis: read('claim', 2), sequence: 1 }] },
      {
        ghostId: 'looked',
        author: 'agent_1',
        reads: [{ basis: { path: ['s'], revision: 3, extent: 'subtree' }, sequence: 1 }],
      },
      { ghostId: 'rewound', author: 'agent_1', reads: [{ basis: read('fact', 1), sequence: 1 }] },
    ],
    agents: [
      {
        author: 'agent_1',
        revisions: [2],
        ghostIds: ['misled', 'looked', 'rewound'],
        basis: [read('fact', 1), read('claim', 2)],
      },
    ],
    alone: false,
    ...named('request_1'),
  },
  { ...commit, ...named('request_2'), ghostId: 'misled' },
  { ...commit, ...unnamed, ghostId: 'looked', basis: [{ path: [], revision: 4, extent: 'subtree' }] },
  { kind: 'rewind_ghost', ghostId: 'rewound', checkpoint: 'before', reason: 'misled', ...unnamed },
  {
    kind: 'revert_cascade',
    revision: 3,
    operations: [{ kind: 'delete', path: ['s', 'other'], scope: 'node' }],
    preconditions: [],
    reason: '',
    undone: [{ revision: 3, hops: 0, author: '', label: '' }],
    notUndone: [],
    notUndoneTotal: 0,
    ghosts: [],
    agents: [],
    alone: true,
    ...unnamed,
  },
];
