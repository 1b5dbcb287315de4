/**
 * Goal: a broker that has not seen yet what others wrote lets nobody do more for that. Method: two replicas of one forest; what is
 * written at the first does not reach the second before somebody with few rights has asked there what may be done with it.
 */
import { create } from '@bufbuild/protobuf';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Caller } from '../../src/access/caller.ts';
import type { Gatekeeper } from '../../src/access/gatekeeper.ts';
import { rightsOf, type Policy } from '../../src/access/policy.ts';
import { Usage } from '../../src/access/usage.ts';
import { objectionTriesMax } from '../../src/base/limits.ts';
import { systemClock } from '../../src/base/clock.ts';
import { ReviewDecision } from '../../src/gen/hyperloom/v1/review_service_pb.ts';
import { noAudit } from '../../src/rpc/access/audit-sink.ts';
import { guarded } from '../../src/rpc/access/guard.ts';
import { Refused } from '../../src/rpc/errors.ts';
import { upToDate } from '../../src/rpc/replicas/up-to-date.ts';
import { ghostMethods } from '../../src/rpc/services/ghosts.ts';
import { reviewMethods } from '../../src/rpc/services/reviews.ts';
import type { ServiceContext } from '../../src/rpc/services/service.ts';
import type { Call } from '../../src/rpc/transport.ts';
import type { Forests } from '../../src/sequencer/forest.ts';
import { editionOf } from '../../src/state/ghosts/edition.ts';
import { begin, publish, put } from '../support/forests.ts';
import { beforeEntries, done, Replicas, type Replica } from '../support/replicas.ts';

const everybody = { text: '*', matches: () => true };
const policy: Policy = {
  grants: [
    grant('alice', '/a/**', ['read', 'write', 'ghost']),
    grant('alice', '/b/**', ['read', 'ghost']),
    grant('reviewer', '/a/**', ['read', 'approve']),
    grant('drafter', '/a/**', ['ghost']),
  ],
  ...{ speakAs: [], jwt: [], certificates: null, audit: null, quotas: [], forestQuotas: [] },
};

function grant(name: string, path: string, may: Policy['grants'][number]['may']): Policy['grants'][number] {
  const principals = [{ text: name, matches: (asked: string) => asked === name }];
  return { principals, groups: [], forests: [everybody], paths: [path], may };
}

let replicas: Replicas;
let [one, two]: Replica[] = [];
beforeEach(async () => {
  replicas = await Replicas.start(2);
  [one, two] = replicas.all;
  await replicas.agreeOnFormat();
});
afterEach(async () => {
  expect(replicas.fatal).toEqual([]);
  await replicas.close();
});

/** What comes of a call at the second replica, which learns of what the first has done behind the question only. */
async function askedBehind(
  name: string,
  method: string,
  request: Record<string, unknown>,
  act: (first: Replica) => Promise<unknown>,
): Promise<string> {
  if (one === undefined || two === undefined) throw new Error('two were started');
  await replicas.caughtUp();
  two.log.set({ out: false });
  await act(one);
  const answer = call(two, name, method, request);
  for (let turn = 0; turn < 10; turn += 1) await replicas.advance(0);
  two.log.set({ out: true });
  return done(replicas, answer);
}

async function call(
  { forest }: Replica,
  name: string,
  method: string,
  request: Record<string, unknown>,
): Promise<string> {
  const forests = { get: () => forest, list: () => [forest] } as unknown as Forests;
  const context = { forests, clock: systemClock } as unknown as ServiceContext;
  const behind = (methods: Parameters<typeof upToDate>[0]): ReturnType<typeof upToDate> =>
    upToDate(methods, forests);
  const gatekeeper = {} as Gatekeeper;
  const methods = guarded([...ghostMethods(context), ...reviewMethods(context)], {
    gatekeeper,
    forests,
    clock: systemClock,
    audit: noAudit,
    behind,
  });
  const found = methods.find(({ descriptor }) => descriptor.name === method);
  if (found?.kind !== 'unary') throw new Error(`${method} is no unary method`);
  const usage = new Usage(systemClock);
  const caller: Caller = {
    ...rightsOf(policy, name, []),
    name,
    credentials: {} as never,
    usage,
    renewMs: Infinity,
  };
  const asking = { caller, metadata: new Map(), onCancel: () => undefined } as unknown as Call;
  try {
    await found.handle(create(found.descriptor.input, request), asking);
    return 'done';
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return error.rejection.reason;
  }
}

test('a revision that is new at another broker is not taken back without `write` where it was written', async () => {
  const target = { case: 'revision', value: 1n };
  const write = (path: string) => (first: Replica) => first.propose(publish([put(path, 'new')]));
  expect(await askedBehind('alice', 'Revert', { target }, write('/secret'))).toBe('PERMISSION_MISSING');
  const next = { case: 'revision', value: 2n };
  expect(await askedBehind('alice', 'Revert', { target: next }, write('/a/x'))).toBe('done');
  const future = { target: { case: 'revision', value: 9n } };
  expect(await askedBehind('alice', 'Revert', future, async () => undefined)).toBe('REVISION_IN_FUTURE');
});

test('a ghost is not committed without `write` where another broker has staged something', async () => {
  const ghostId = 'drafts';
  await one?.propose(begin(one.forest, { ghostId, author: 'alice' }));
  const stage = (first: Replica) =>
    first.propose(publish([put('/b/x', 'new')], { ghostId, author: 'alice' }));
  expect(await askedBehind('alice', 'Commit', { ghostId }, stage)).toBe('PERMISSION_MISSING');
});

test.each(['Checkpoint', 'Revert'])(
  "another's ghost that is new at another broker is not worked on (%s)",
  async (method) => {
    const ghostId = 'theirs';
    const request =
      method === 'Revert' ? { target: { case: 'ghostId', value: ghostId } } : { ghostId, name: 'x' };
    const start = (first: Replica) => first.propose(begin(first.forest, { ghostId, author: 'bob' }));
    expect(await askedBehind('alice', method, request, start)).toBe('PERMISSION_MISSING');
  },
);

test('whoever may not do it anywhere is told so at once, and no broker looks into the log for that', async () => {
  if (two === undefined) throw new Error('two were started');
  await replicas.caughtUp();
  const before = replicas.log.entries.length;
  expect(await call(two, 'nobody', 'Commit', { ghostId: 'theirs' })).toBe('PERMISSION_MISSING');
  expect(await call(two, 'drafter', 'Revert', { target: { case: 'revision', value: 1n } })).toBe(
    'PERMISSION_MISSING',
  );
  await replicas.advance(0);
  expect(replicas.log.entries.length).toBe(before);
});

test('what needs `ghost` only is done without `write`: a commit into the ghost around it', async () => {
  const [parentId, ghostId] = ['around', 'within'];
  const start = async (first: Replica): Promise<void> => {
    await first.propose(begin(first.forest, { ghostId: parentId, author: 'drafter' }));
    await first.propose(begin(first.forest, { ghostId, parentId, author: 'drafter' }));
    await first.propose(publish([put('/a/x', 'new')], { ghostId, author: 'drafter' }));
  };
  expect(await askedBehind('drafter', 'Commit', { ghostId }, start)).toBe('done');
});

/** A ghost of alice's with something at `/a`, and its commit at the second replica; `act` comes before each of its places in the log. */
async function commitBehind(
  act: (first: Replica, count: number) => Promise<unknown>,
  isExact = false,
): Promise<string> {
  if (one === undefined || two === undefined) throw new Error('two were started');
  const [first, ghostId] = [one, 'drafts'];
  await first.propose(begin(first.forest, { ghostId, author: 'alice' }));
  await first.propose(publish([put('/a/x', 'new')], { ghostId, author: 'alice' }));
  const looked = first.forest.ghost(ghostId);
  const exactEdition = isExact && 'root' in looked ? BigInt(editionOf(looked)) : 0n;
  const tries = beforeEntries(two, 'commit_ghost', (count) => act(first, count));
  const came = await done(replicas, call(two, 'alice', 'Commit', { ghostId, exactEdition }));
  return `${came} (${tries()})`;
}

test('nor where another broker stages something while the commit is on its way', async () => {
  const stage = (first: Replica): Promise<unknown> =>
    first.propose(publish([put('/b/x', 'new')], { ghostId: 'drafts', author: 'alice' }));
  expect(await commitBehind(stage)).toBe('PERMISSION_MISSING (1)');
  expect(one?.forest.view().revision).toBe(0);
});

test('nor anything but the edition that it names', async () => {
  const stage = (first: Replica): Promise<unknown> =>
    first.propose(publish([put('/a/y', 'new')], { ghostId: 'drafts', author: 'alice' }));
  expect(await commitBehind(stage, true)).toBe('REVIEW_OUTDATED (1)');
  expect(one?.forest.view().revision).toBe(0);
});

test('what others write elsewhere meanwhile only makes the commit go once more', async () => {
  const write = async (first: Replica, count: number): Promise<void> => {
    if (count < 3) await first.propose(publish([put('/elsewhere', `${count}`)]));
  };
  expect(await commitBehind(write)).toBe('done (3)');
});

test('where others never stop, it is refused in the end', async () => {
  const write = (first: Replica, count: number): Promise<unknown> =>
    first.propose(publish([put('/elsewhere', `${count}`)]));
  expect(await commitBehind(write)).toBe(`CONFLICT (${objectionTriesMax})`);
});

test('nobody approves of what is staged while the decision is on its way', async () => {
  if (one === undefined || two === undefined) throw new Error('two were started');
  const [first, ghostId] = [one, 'drafts'];
  const gates = [{ kind: 'review', reviewer: 'reviewer' }] as const;
  await first.propose(begin(first.forest, { ghostId, author: 'alice', gates }));
  await first.propose(publish([put('/a/x', 'new')], { ghostId, author: 'alice' }));
  await replicas.caughtUp();
  const ghost = first.forest.ghost(ghostId);
  if ('reason' in ghost) throw new Error('it was begun');
  const next = BigInt(editionOf(ghost) + 1);
  beforeEntries(two, 'review_ghost', () =>
    first.propose(publish([put('/b/x', 'new')], { ghostId, author: 'alice' })),
  );
  const decision = { ghostId, reviewer: 'reviewer', edition: next, decision: ReviewDecision.APPROVE };
  expect(await done(replicas, call(two, 'reviewer', 'Review', decision))).toBe('REVIEW_OUTDATED');
  const seen = { ...decision, edition: next - 1n };
  expect(await done(replicas, call(two, 'reviewer', 'Review', seen))).toBe('REVIEW_OUTDATED');
});
