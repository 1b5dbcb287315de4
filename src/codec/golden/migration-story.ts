/**
 * What came with ghosts that bring versions of schemas: a story of its own, told like the first one in `story.ts`. Its bytes lie
 * beside this file. Never edited: what is new gets a story of its own.
 */
import type { Command } from '../../state/command.ts';
import { recordedJudge } from '../../state/schemas/judge.ts';
import type { Judge } from '../../state/schemas/judge.ts';
import { reject } from '../../state/outcome.ts';
import type { Rejection } from '../../state/outcome.ts';
import type { Migration } from '../../state/schemas/schema.ts';

const unnamed = { author: 'agent_1', request: null };
const named = (id: string) => ({ author: 'agent_2', request: { id, fingerprint: 0xdead_beef } });
const begin = {
  kind: 'begin_ghost',
  scope: [],
  baseRevision: 2,
  parentId: '',
  ttlMs: 60_000,
  label: '',
  ...unnamed,
} as const;
const commit = { kind: 'commit_ghost', isolation: 'writes', label: '' } as const;
const stage = (ghostId: string, note: string, data: string): Command => ({
  kind: 'publish',
  ghostId,
  operations: [
    { kind: 'put', path: ['s', note], value: { kind: 'json', data, bytes: data.length, type: '' } },
  ],
  preconditions: [],
  label: '',
  basis: [],
  ...unnamed,
});
const migration = (definition: string): Migration => ({
  name: 'notes',
  format: 'json_schema',
  definition,
  bindings: [{ template: { segments: ['{session}', '{note}'] }, messageType: '' }],
});

const refusal: Rejection = reject(
  'SCHEMA_BREAKING',
  '/s/a is as it was',
  { schema: 'notes', version: 1, violations: 1 },
  { violations: [{ field: '/s/a', description: 'rule: wie zuvor 🧠', rule: 'rule' }] },
);

/** Refuses to bring what is called "bad", always in the same words. */
export const migrationJudge: Judge = {
  ...recordedJudge(null),
  schema: ({ source }) => (source.definition === 'bad' ? refusal : null),
};

export const migrationStory: readonly Command[] = [
  { kind: 'register_schema', ...migration('{}'), ...unnamed },
  stage('', 'a', '1'),
  { ...begin, ghostId: 'bad', migration: migration('bad') },
  stage('bad', 'a', '2'),
  { ...commit, ghostId: 'bad', ...named('request_1') },
  { ...begin, ghostId: 'good', migration: { ...migration('{"ü":1}\u0000'), expectedVersion: 1 } },
  stage('good', 'a', '3'),
  { ...commit, ghostId: 'good', ...named('request_2') },
  {
    ...begin,
    ghostId: 'gated',
    migration: { ...migration('[]'), format: 'protobuf' },
    gates: [{ kind: 'review', reviewer: 'ada' }],
  },
  { ...begin, ghostId: 'inside', parentId: 'gated', baseRevision: 0 },
  stage('inside', 'b', '4'),
  { ...commit, ghostId: 'inside', ...unnamed },
  { ...commit, ghostId: 'gated', ...named('request_3') },
  { ...begin, ghostId: 'late', migration: { ...migration('{"late":1}'), expectedVersion: 1 } },
  { ...commit, ghostId: 'late', ...named('request_4') },
  { ...begin, ghostId: 'same', migration: migration('{"ü":1}\u0000') },
  { ...commit, ghostId: 'same', ...named('request_5') },
];
