/**
 * Goal: a replay believes what the journal says of values and schemas: it never asks whether something fits, so that another
 * version of a validator cannot make a journal fail or change what it means. Method: forests whose judge refuses by a
 * rule of its own write journals, which are then read by forests with other judges, up to one that refuses everything.
 */
import { describe, expect, test } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { seededRandom } from '../base/random.ts';
import { MemoryJournal } from '../journal/memory/journal.ts';
import type { Journal } from '../journal/journal.ts';
import type { LiveJudge } from '../state/schemas/judge.ts';
import { reject } from '../state/outcome.ts';
import type { Rejection } from '../state/outcome.ts';
import { parseTemplate } from '../state/schemas/path-template.ts';
import type { RegisterSchema } from '../state/schemas/schema.ts';
import { find } from '../trie/lookup.ts';
import { begin, commit, copy, publish, put } from '../../test/support/forests.ts';
import { LiveForest } from './live-forest.ts';

/** Refuses values that begin with "bad", or whatever `refuses` says. */
class TestJudge implements LiveJudge {
  asked = 0;
  readonly #refuses: (data: string) => boolean;

  constructor(refuses: (data: string) => boolean) {
    this.#refuses = refuses;
  }

  values({ after, operations }: Parameters<LiveJudge['values']>[0]): Rejection | null {
    this.asked += 1;
    for (const { path } of operations) {
      const data = find(after, path)?.entry?.data;
      if (data !== undefined && this.#refuses(data))
        return reject('SCHEMA_VIOLATION', `${data} is bad`, { path: path.join() });
    }
    return null;
  }

  schema({ source }: Parameters<LiveJudge['schema']>[0]): Rejection | null {
    this.asked += 1;
    return this.#refuses(source.definition) ? reject('INVALID_SCHEMA', 'a bad schema') : null;
  }

  strictness(): Rejection | null {
    this.asked += 1;
    return this.#refuses('strict') ? reject('SCHEMA_STORED', 'not strict') : null;
  }

  *examine(): Generator<void, void> {
    yield;
  }

  *examineStrictness(): Generator<void, void> {
    yield;
  }

  *staged(): Generator<void, []> {
    yield;
    return [];
  }

  *restored(): Generator<void, Rejection | null> {
    yield;
    return null;
  }
}

function open(journal: Journal, judge: LiveJudge): Promise<LiveForest> {
  return LiveForest.open({
    name: 'test',
    journal,
    clock: systemClock,
    random: seededRandom(1),
    snapshotJournalBytes: Infinity,
    onWriteStop: () => undefined,
    judge,
  });
}

const template = parseTemplate('/notes/{note}');
if ('problem' in template) throw new Error(template.problem);
const bindings = [{ template, messageType: '' }];

function register(definition: string, id = ''): RegisterSchema {
  const request = id === '' ? null : { id, fingerprint: 1 };
  const format = 'json_schema';
  return { kind: 'register_schema', name: 'notes', format, definition, bindings, author: 'owner', request };
}

const key = (id: string) => ({ id, fingerprint: 1 });

/** Writes of every kind, good and bad; what came of those with a request id. */
async function story(forest: LiveForest): Promise<void> {
  await forest.propose(register('good'));
  await forest.propose(register('bad', 'schema'));
  await forest.propose(publish([put('/notes/a', 'good')]));
  await forest.propose(publish([put('/notes/b', 'bad'), put('/free', 'x')], { request: key('trunk') }));
  await forest.propose(publish([put('/notes/c', 'bad')]));
  const ghost = begin(forest);
  await forest.propose(ghost);
  const { ghostId } = ghost;
  await forest.propose(publish([put('/notes/d', 'bad')], { ghostId, request: key('staged') }));
  await forest.propose(publish([put('/notes/d', 'good'), copy('/notes/a', '/notes/e')], { ghostId }));
  await forest.propose({ ...commit(ghostId), request: key('commit') });
  await forest.propose({ kind: 'set_unbound_paths', refused: true, author: '', request: key('strict') });
  await forest.propose(register('good 2'));
  await gatedStory(forest);
}

/** Ghosts that say what is to become of what does not fit: the verdict decides what they are afterwards. */
async function gatedStory(forest: LiveForest): Promise<void> {
  const reverted = begin(forest, { gates: [{ kind: 'schema', onViolation: 'revert' }] });
  await forest.propose(reverted);
  const inReverted = { ghostId: reverted.ghostId };
  await forest.propose(publish([put('/notes/f', 'good')], inReverted));
  await forest.propose(publish([put('/notes/g', 'bad')], { ...inReverted, request: key('reverted') }));
  await forest.propose(publish([put('/notes/g', 'bad')], inReverted));
  await forest.propose(publish([put('/notes/g', 'good')], inReverted));
  const collected = begin(forest, { gates: [{ kind: 'schema', onViolation: 'collect' }] });
  await forest.propose(collected);
  const inCollected = { ghostId: collected.ghostId };
  await forest.propose(publish([put('/notes/h', 'bad')], inCollected));
  await forest.propose({ ...commit(collected.ghostId), request: key('collected') });
  await forest.propose(publish([put('/notes/h', 'good')], inCollected));
  await forest.propose(commit(collected.ghostId));
}

async function retold(forest: LiveForest): Promise<unknown[]> {
  const repeated = [
    forest.propose(register('bad', 'schema')),
    forest.propose(publish([put('/x', 'x')], { request: key('trunk') })),
    forest.propose(publish([put('/x', 'x')], { ghostId: 'g', request: key('staged') })),
    forest.propose({ ...commit('g'), request: key('commit') }),
    forest.propose({ kind: 'set_unbound_paths', refused: true, author: '', request: key('strict') }),
    forest.propose(publish([put('/x', 'x')], { ghostId: 'g', request: key('reverted') })),
    forest.propose({ ...commit('g'), request: key('collected') }),
  ];
  return (await Promise.all(repeated)).map(({ outcome, repeated }) => ({ outcome, repeated }));
}

const judges: readonly (readonly [string, (data: string) => boolean])[] = [
  ['the same rule', (data) => data.startsWith('bad')],
  ['a judge that refuses everything', () => true],
  ['a judge that lets everything pass', () => false],
];

describe('a journal that was written under one judge', () => {
  test.each(judges)('reaches the same state under %s, which is asked nothing', async (_, refuses) => {
    const journal = new MemoryJournal();
    const first = await open(journal, new TestJudge((data) => data.startsWith('bad')));
    await story(first);
    const [before, told] = [await first.stateHash(), await retold(first)];
    expect(told.map((each) => (each as { outcome: { kind: string } }).outcome.kind)).toEqual([
      'rejected',
      'rejected',
      'rejected',
      'committed',
      'unbound_paths_set',
      'rejected',
      'rejected',
    ]);
    const [ghost] = first.ghosts().filter((each) => 'root' in each);
    expect(ghost).toMatchObject({ attemptsMade: 2, gates: [{ gate: { onViolation: 'revert' } }] });
    const judge = new TestJudge(refuses);
    const second = await open(journal, judge);
    expect(judge.asked).toBe(0);
    expect(await second.stateHash()).toEqual(before);
    expect(await retold(second)).toEqual(told);
    expect(judge.asked).toBe(0);
    await second.compact(0, null);
    const third = await open(journal, new TestJudge(() => true));
    expect(await third.stateHash()).toEqual(await second.stateHash());
    expect(third.schemas.newest('notes')).toMatchObject({ version: 2, definition: 'good 2' });
    expect(third.schemas.isStrict).toBe(true);
  });
});

test('a refused request without an id leaves nothing behind', async () => {
  const journal = new MemoryJournal();
  const forest = await open(journal, new TestJudge((data) => data.startsWith('bad')));
  await forest.propose(register('good'));
  const { position } = forest.status;
  const hash = await forest.stateHash();
  expect((await forest.propose(publish([put('/notes/a', 'bad')]))).outcome.kind).toBe('rejected');
  expect((await forest.propose(register('bad'))).outcome.kind).toBe('rejected');
  expect(forest.status.position).toBe(position);
  expect(await forest.stateHash()).toEqual(hash);
});
