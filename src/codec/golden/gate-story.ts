/**
 * What came with gates, reviews and races: a story of its own, told like the first one in `story.ts`. Its bytes lie beside
 * this file. Never edited: what is new gets a story of its own.
 */
import type { Command } from '../../state/command.ts';
import type { Value } from '../../state/values/value.ts';

const unnamed = { author: 'agent_1', request: null };
const named = (id: string) => ({ author: 'agent_2', request: { id, fingerprint: 0xdead_beef } });
const draft: Value = { kind: 'text', data: 'Entwurf 🧠', bytes: 12, type: '' };
const begin = {
  kind: 'begin_ghost',
  scope: [],
  baseRevision: 0,
  parentId: '',
  ttlMs: 60_000,
  label: '',
} as const;
const commit = { kind: 'commit_ghost', isolation: 'writes', label: '' } as const;
const review = { kind: 'review_ghost', reason: '', approved: true, ...unnamed } as const;
const stage = (ghostId: string, path: string): Command => ({
  kind: 'publish',
  ghostId,
  operations: [{ kind: 'put', path: ['s', path], value: draft }],
  preconditions: [],
  label: '',
  basis: [],
  ...unnamed,
});

export const gateStory: readonly Command[] = [
  { kind: 'grant_lease', leaseId: 'lease_1', ttlMs: 30_000, label: '', ...unnamed },
  {
    ...begin,
    ...unnamed,
    ghostId: 'gated',
    gates: [
      {
        kind: 'limit',
        patterns: [{ segments: ['s', '**'] }, { segments: [] }],
        operationsMax: 5,
        bytesMax: 900,
      },
      { kind: 'review', reviewer: 'ada' },
      { kind: 'review', reviewer: 'bob' },
    ],
    leaseId: 'lease_1',
  },
  stage('gated', 'a'),
  { ...commit, ...named('request_1'), ghostId: 'gated', label: 'the draft' },
  { ...review, ghostId: 'gated', reviewer: 'ada', edition: 2, reason: 'gelesen' },
  { ...review, ghostId: 'gated', reviewer: 'eve', edition: 2, ...named('request_2') },
  { ...review, ghostId: 'gated', reviewer: 'bob', edition: 2, approved: false, reason: 'no source' },
  stage('gated', 'b'),
  { ...commit, ...named('request_3'), ghostId: 'gated', isolation: 'serializable' },
  { ...review, ghostId: 'gated', reviewer: 'bob', edition: 4, author: 'bob himself' },
  { ...begin, ...unnamed, ghostId: 'done', gates: [{ kind: 'review', reviewer: 'ada' }] },
  stage('done', 'c'),
  { ...commit, ...unnamed, ghostId: 'done' },
  { ...review, ghostId: 'done', reviewer: 'ada', edition: 2 },
  { ...commit, ...unnamed, ghostId: 'done', approvedEdition: 2 },
  { ...begin, ...unnamed, ghostId: 'one', baseRevision: 1, raceId: 'race_1', attemptsMax: 3 },
  { ...begin, ...unnamed, ghostId: 'other', baseRevision: 1, raceId: 'race_1' },
  stage('one', 'd'),
  { ...commit, ...unnamed, ghostId: 'one' },
  { ...begin, ...unnamed, ghostId: 'runner', baseRevision: 2, raceId: 'race_2' },
  { ...begin, ...named('request_4'), ghostId: 'late', baseRevision: 2, raceId: 'race_1' },
];
