/**
 * What came with schemas and their gates: a story of its own, told like the first one in `story.ts`. Its bytes lie beside this
 * file. Never edited: what is new gets a story of its own.
 */
import type { Command } from '../../state/command.ts';
import { recordedJudge } from '../../state/schemas/judge.ts';
import type { Judge } from '../../state/schemas/judge.ts';
import { reject } from '../../state/outcome.ts';
import type { Rejection } from '../../state/outcome.ts';
import { find } from '../../trie/lookup.ts';

const unnamed = { author: 'agent_1', request: null };
const named = (id: string) => ({ author: 'agent_2', request: { id, fingerprint: 0xdead_beef } });
const begin = {
  kind: 'begin_ghost',
  scope: [],
  baseRevision: 0,
  parentId: '',
  ttlMs: 60_000,
  label: '',
  ...unnamed,
} as const;
const commit = { kind: 'commit_ghost', isolation: 'writes', label: '', ...unnamed } as const;
const stage = (ghostId: string, note: string, data: string): Command => ({
  kind: 'publish',
  ghostId,
  operations: [
    { kind: 'put', path: ['s', note], value: { kind: 'text', data, bytes: data.length, type: '' } },
  ],
  preconditions: [],
  label: '',
  basis: [],
  ...unnamed,
});

const refusal: Rejection = reject(
  'SCHEMA_VIOLATION',
  '/s/x does not fit',
  { path: '/s/x', schema: 'notes', version: 1, violations: 1 },
  { violations: [{ field: '/s/x#claim', description: 'rule: zu kurz 🧠', rule: 'rule' }] },
);

/** Refuses what says "bad", always in the same words. */
export const storyJudge: Judge = {
  ...recordedJudge(null),
  values: ({ after, operations }) => {
    for (const { path } of operations) if (find(after, path)?.entry?.data === 'bad') return refusal;
    return null;
  },
};

export const schemaStory: readonly Command[] = [
  {
    kind: 'register_schema',
    name: 'notes',
    format: 'protobuf',
    definition: '\u0000\u00ff set',
    bindings: [{ template: { segments: ['{session}', '{note}'] }, messageType: 'acme.v1.Note' }],
    ...unnamed,
  },
  {
    kind: 'register_schema',
    name: 'plans',
    format: 'json_schema',
    definition: '{}',
    bindings: [{ template: { segments: ['{session}', 'plans', '{plan}'] }, messageType: '' }],
    expectedVersion: 7,
    ...named('request_1'),
  },
  { kind: 'set_unbound_paths', refused: true, ...unnamed },
  { kind: 'set_unbound_paths', refused: false, ...named('request_2') },
  stage('', 'trunk', 'good'),
  { ...stage('', 'trunk', 'bad'), ...named('request_3') },
  { ...begin, ghostId: 'reverted', gates: [{ kind: 'schema', onViolation: 'revert' }] },
  stage('reverted', 'a', 'good'),
  { kind: 'checkpoint_ghost', ghostId: 'reverted', name: 'kept', ...unnamed },
  stage('reverted', 'b', 'good'),
  { ...begin, ghostId: 'inside', parentId: 'reverted' },
  stage('reverted', 'c', 'bad'),
  { ...stage('reverted', 'd', 'bad'), ...named('request_4') },
  {
    ...begin,
    ghostId: 'collected',
    gates: [
      { kind: 'schema', onViolation: 'collect' },
      { kind: 'review', reviewer: 'ada' },
    ],
  },
  stage('collected', 'e', 'bad'),
  { ...commit, ghostId: 'collected', ...named('request_5') },
  stage('collected', 'e', 'good'),
  { ...commit, ghostId: 'collected', ...named('request_6') },
];
