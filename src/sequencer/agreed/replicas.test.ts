/**
 * Goal: brokers that share a log are one forest: the same state everywhere, each request once, no acknowledged write lost, whichever of them is asked
 * and whatever of the log's answers is lost. Method: replicas in one process on a log in memory whose ways are closed and opened by hand.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { begin, commit, copy, publish, put } from '../../../test/support/forests.ts';
import { Replicas } from '../../../test/support/replicas.ts';
import type { Replica } from '../../../test/support/replicas.ts';
import { settle, Watcher } from '../../../test/support/watcher.ts';
import {
  agreedLookMs,
  agreementGraceMs,
  agreementMsMax,
  leaseTtlMsMin,
  lockReconnectMsMax,
  recentRootsMax,
} from '../../base/limits.ts';
import { seededRandom } from '../../base/random.ts';
import { RandomForest } from '../../codec/random-forest.ts';
import type { Command } from '../../state/command.ts';
import type { Applied } from '../../state/forest.ts';
import type { AcquireLock } from '../../state/locks/lock-command.ts';
import type { Outcome } from '../../state/outcome.ts';
import { find } from '../../trie/lookup.ts';
import { lookEveryMs } from '../timekeeper.ts';
import type { Patience } from '../patience.ts';

const open: Replicas[] = [];
afterEach(async () => {
  for (const replicas of open.splice(0)) {
    expect(replicas.fatal).toEqual([]);
    await replicas.close();
  }
});

async function start(count: number): Promise<Replicas> {
  const replicas = await Replicas.start(count);
  open.push(replicas);
  return replicas;
}

async function three(): Promise<{ replicas: Replicas; one: Replica; two: Replica; last: Replica }> {
  const replicas = await start(3);
  const [one, two, last] = replicas.all;
  if (one === undefined || two === undefined || last === undefined) throw new Error('three were started');
  return { replicas, one, two, last };
}

const patient: Patience = { waitMs: Infinity, deadlineMs: undefined, onCancel: () => undefined };

function lockOn(path: readonly string[], lockId: string, ttlMs = 60_000): AcquireLock {
  const common = { noWait: false, delayMs: 0, label: '', author: lockId, request: null };
  return {
    kind: 'acquire_lock',
    lockId,
    leaseId: `lease_${lockId}`,
    ttlMs,
    targets: [{ path, mode: 'x' }],
    ...common,
  };
}

function told(outcome: Outcome): string {
  return outcome.kind === 'rejected' ? outcome.reason : outcome.kind;
}

function textAt({ forest }: Replica, ...path: string[]): string | undefined {
  return find(forest.view().root, path)?.entry?.data;
}

/** The commands of a random story, made by the state machine itself. */
class Story extends RandomForest {
  readonly commands: Command[] = [];

  override apply(command: Command): Applied {
    this.commands.push(command);
    return super.apply(command);
  }
}

describe('replicas of a forest', () => {
  test.each([1, 2, 3])('reach the same state by random commands to any of them (seed %i)', async (seed) => {
    const { replicas } = await three();
    const story = new Story(seed);
    story.run(1_500);
    const random = seededRandom(seed);
    const answers: Promise<Outcome>[] = [];
    for (const command of story.commands) {
      const replica = replicas.all[random.below(3)];
      if (replica !== undefined) answers.push(replica.propose(command));
      if (random.below(8) === 0) await settle();
    }
    const outcomes = await Promise.all(answers);
    expect(outcomes.filter(({ kind }) => kind === 'published').length).toBeGreaterThan(100);
    // Who comes last begins with nothing but the log.
    await replicas.join();
    const hashes = await replicas.hashes();
    expect(new Set(hashes).size, hashes.join(', ')).toBe(1);
    expect(hashes[0]).not.toMatch(/ at 0$/);
  });

  test('show what any of them has acknowledged, once they have caught up', async () => {
    const { one, two } = await three();
    expect(await one.propose(publish([put('/a', '1')]))).toMatchObject({ kind: 'published', revision: 1 });
    expect(await two.forest.upToDate(Infinity)).toBeNull();
    expect(textAt(two, 'a')).toBe('1');
  });

  test('know a request that another one has answered', async () => {
    const { one, two } = await three();
    const command = publish([put('/a', '1')], { request: { id: 'r', fingerprint: 7 } });
    expect(await one.forest.propose(command)).toMatchObject({ outcome: { revision: 1 }, repeated: false });
    expect(await two.forest.propose(command)).toMatchObject({ outcome: { revision: 1 }, repeated: true });
    expect(await two.propose({ ...command, request: { id: 'r', fingerprint: 8 } })).toMatchObject({
      reason: 'REQUEST_ID_REUSED',
    });
  });

  test('give each subscriber every event once and in order, whoever wrote it', async () => {
    const { replicas, one, two, last } = await three();
    const watchers = replicas.all.map(({ forest }) =>
      new Watcher({ patterns: ['/**'] }).subscribe(forest.hub),
    );
    for (let round = 0; round < 20; round += 1)
      await Promise.all(
        [one, two, last].map((each, index) => each.propose(publish([put(`/${index}`, `${round}`)]))),
      );
    await replicas.caughtUp();
    await settle();
    for (const { deliveries, complaints } of watchers) {
      expect(complaints).toEqual([]);
      expect(deliveries.map(({ event }) => event.revision)).toEqual(
        Array.from({ length: 60 }, (_, index) => index + 1),
      );
    }
  });

  test('work in the same ghost', async () => {
    const { replicas, one, two, last } = await three();
    expect(told(await one.propose(begin(one.forest, { ghostId: 'g' })))).toBe('ghost_begun');
    expect(told(await two.propose(publish([put('/a', 'staged')], { ghostId: 'g' })))).toBe('published');
    expect(textAt(two, 'a')).toBeUndefined();
    expect(told(await last.propose(commit('g')))).toBe('committed');
    await replicas.caughtUp();
    expect(replicas.all.map((replica) => textAt(replica, 'a'))).toEqual(['staged', 'staged', 'staged']);
  });

  test('find revisions that are in no memory any more, each by itself', async () => {
    const { replicas, one, two } = await three();
    const writes = Array.from({ length: recentRootsMax + 100 }, (_, index) =>
      one.propose(publish([put('/a', String(index + 1))])),
    );
    await Promise.all(writes);
    expect(told(await two.propose(publish([copy('/a', '/b', 10)])))).toBe('published');
    await replicas.caughtUp();
    expect(replicas.all.map((replica) => textAt(replica, 'b'))).toEqual(['10', '10', '10']);
    expect(new Set(await replicas.hashes()).size).toBe(1);
  });
});

describe('locks', () => {
  test('exclude one another wherever they are asked for, and are granted in order', async () => {
    const { one, two } = await three();
    const first = await one.forest.acquireLock(lockOn(['a'], 'first'), patient);
    expect(told(first.outcome)).toBe('lock_granted');
    const second = two.forest.acquireLock(lockOn(['a'], 'second'), patient);
    const blocked = await two.propose(publish([put('/a/x', '1')]));
    expect(told(blocked)).toBe('LOCKED');
    const released = one.propose({
      kind: 'release_lock',
      lockId: 'first',
      leaseId: 'lease_first',
      endLease: true,
      author: '',
      request: null,
    });
    expect(told(await released)).toBe('lock_released');
    expect(told((await second).outcome)).toBe('lock_granted');
  });

  test('let a write of another replica wait, that came before the lock was there', async () => {
    const { replicas, one, two } = await three();
    // The write sees no lock when it is submitted; its place is behind one.
    two.log.set({ in: false });
    const written = new Promise<Outcome>((resolve) => {
      two.forest.write(publish([put('/a/x', 'late')]), patient, ({ outcome }) => resolve(outcome));
    });
    await settle();
    expect(told((await one.forest.acquireLock(lockOn(['a'], 'first'), patient)).outcome)).toBe(
      'lock_granted',
    );
    two.log.set({ in: true });
    await settle();
    await settle();
    expect(textAt(two, 'a', 'x')).toBeUndefined();
    await one.propose({ kind: 'end_lease', leaseId: 'lease_first', author: '', request: null });
    expect(told(await written)).toBe('published');
    await replicas.caughtUp();
    expect(textAt(one, 'a', 'x')).toBe('late');
  });

  test('that are granted while their wait ends elsewhere are not told, and go back', async () => {
    const { replicas, one, two, last } = await three();
    await one.forest.acquireLock(lockOn(['a'], 'first'), patient);
    const second = two.forest.acquireLock(lockOn(['a'], 'second'), { ...patient, waitMs: 100 });
    await replicas.caughtUp();
    // Two has waited for long enough, but what says so gets its place behind the grant.
    two.log.set({ in: false });
    two.clock.advance(101);
    await settle();
    await one.propose({ kind: 'end_lease', leaseId: 'lease_first', author: '', request: null });
    await settle();
    two.log.set({ in: true });
    expect(told((await second).outcome)).toBe('LOCKED');
    const third = await last.forest.acquireLock(lockOn(['a'], 'third'), patient);
    expect(told(third.outcome)).toBe('lock_granted');
  });

  test('stay with a caller who lost one replica and came back to another', async () => {
    const { replicas, one, two, last } = await three();
    await one.forest.acquireLock(lockOn(['a'], 'first'), patient);
    const asked: AcquireLock = { ...lockOn(['a'], 'second'), request: { id: 'r', fingerprint: 7 } };
    let cutOff = (): void => undefined;
    const onCancel = (listener: () => void): void => {
      cutOff = listener;
    };
    void two.forest.acquireLock(asked, { ...patient, onCancel });
    await replicas.caughtUp();
    cutOff();
    const again = last.forest.acquireLock({ ...asked, lockId: 'other', leaseId: 'lease_other' }, patient);
    await replicas.caughtUp();
    await one.propose({ kind: 'end_lease', leaseId: 'lease_first', author: '', request: null });
    expect((await again).outcome).toMatchObject({ kind: 'lock_granted', lockId: 'second' });
    await replicas.advance(lockReconnectMsMax + 1);
    await replicas.caughtUp();
    expect(told(await one.propose(publish([put('/a/x', '1')])))).toBe('LOCKED');
  });

  test('live as long as their owner is heard of by any replica', async () => {
    const { replicas, one, two } = await three();
    await one.forest.acquireLock(lockOn(['a'], 'first', leaseTtlMsMin), patient);
    for (let round = 0; round < 6; round += 1) {
      await replicas.advance(leaseTtlMsMin / 2);
      await replicas.caughtUp();
      expect(two.forest.keepLeaseAlive('lease_first'), `round ${round}`).toBe(true);
      await replicas.caughtUp();
    }
    await replicas.advance(leaseTtlMsMin + 2 * lookEveryMs);
    await replicas.caughtUp();
    expect(replicas.all.map(({ forest }) => forest.status.leases)).toEqual([0, 0, 0]);
  });

  test('live on when a sign of life has its place before their end', async () => {
    const { replicas, one, two } = await three();
    await one.forest.acquireLock(lockOn(['a'], 'first', leaseTtlMsMin), patient);
    await replicas.caughtUp();
    // Two finds the lease over while the sign of life is on its way.
    two.log.set({ in: false });
    two.clock.advance(leaseTtlMsMin + 2 * lookEveryMs);
    await settle();
    expect(one.forest.keepLeaseAlive('lease_first')).toBe(true);
    await one.forest.upToDate(Infinity);
    two.log.set({ in: true });
    await replicas.caughtUp();
    expect(replicas.all.map(({ forest }) => forest.status.leases)).toEqual([1, 1, 1]);
  });

  test('are waited for over other replicas for as long as the call lasts', async () => {
    const { replicas, one, two } = await three();
    await one.forest.acquireLock(lockOn(['a'], 'first'), patient);
    const second = two.forest.acquireLock(lockOn(['a'], 'second', leaseTtlMsMin), patient);
    for (let round = 0; round < 12; round += 1) {
      await replicas.advance(leaseTtlMsMin / 4);
      await replicas.caughtUp();
      one.forest.keepLeaseAlive('lease_first');
    }
    await one.propose({ kind: 'end_lease', leaseId: 'lease_first', author: '', request: null });
    expect(told((await second).outcome)).toBe('lock_granted');
  });
});

describe('where the log does not answer', () => {
  const patienceMs = agreementMsMax + agreementGraceMs + 1;

  test('a view says how old it may be, and has that looked at where nobody else asks', async () => {
    const { replicas, one } = await three();
    await replicas.caughtUp();
    await replicas.advance(agreedLookMs);
    expect(one.forest.ageMs()).toBe(agreedLookMs);
    one.log.set({ in: false });
    await replicas.advance(1);
    expect(one.forest.ageMs()).toBe(agreedLookMs + 1);
    await replicas.advance(patienceMs + 60_000);
    expect(one.forest.ageMs()).toBe(agreedLookMs + 1 + patienceMs + 60_000);
    one.log.set({ in: true });
    await settle();
    // What came back was sent a minute ago; a look behind it is newer.
    one.forest.ageMs();
    await settle();
    expect(one.forest.ageMs()).toBe(0);
  });

  test('writes and reads are told so within a second, and it takes them again by itself', async () => {
    const { replicas, one, two } = await three();
    one.log.set({ in: false });
    const [write, read] = [one.propose(publish([put('/a', '1')])), one.forest.upToDate(Infinity)];
    await settle();
    expect(patienceMs).toBeLessThan(1_000);
    one.clock.advance(patienceMs);
    expect(told(await write)).toBe('JOURNAL_UNAVAILABLE');
    expect(await read).toMatchObject({ reason: 'JOURNAL_UNAVAILABLE' });
    // The next ones are told at once.
    expect(told(await one.propose(publish([put('/b', '1')])))).toBe('JOURNAL_UNAVAILABLE');
    expect(told(await two.propose(publish([put('/c', '1')])))).toBe('published');
    one.log.set({ in: true });
    await settle();
    expect(told(await one.propose(publish([put('/d', '1')])))).toBe('published');
    await replicas.caughtUp();
    // The one on its way was stored in the end; what was refused at once was not.
    expect(replicas.all.map((replica) => ['a', 'b', 'c', 'd'].map((path) => textAt(replica, path)))).toEqual(
      Array.from({ length: 3 }, () => ['1', undefined, '1', '1']),
    );
  });

  test('a write whose answer was lost is there once, and its request knows', async () => {
    const { replicas, one, two } = await three();
    one.log.set({ answers: false, out: false });
    const command = publish([put('/a', '1')], { request: { id: 'r', fingerprint: 7 } });
    const lost = one.propose(command);
    await settle();
    one.clock.advance(patienceMs);
    expect(told(await lost)).toBe('JOURNAL_UNAVAILABLE');
    expect(await two.forest.propose(command)).toMatchObject({ outcome: { revision: 1 }, repeated: true });
    one.log.set({ answers: true, out: true });
    await replicas.caughtUp();
    expect(await one.forest.propose(command)).toMatchObject({ outcome: { revision: 1 }, repeated: true });
    expect(one.forest.view().revision).toBe(1);
  });

  test('an entry that was stored twice counts once', async () => {
    const { replicas, one } = await three();
    await one.propose(publish([put('/a', '1')]));
    await one.propose(publish([put('/a', '2')]));
    const [first] = replicas.log.entries.filter(({ payload }) => Buffer.from(payload).includes('/a'));
    if (first === undefined) throw new Error('the write is in the log');
    replicas.log.store('another id', first.payload);
    await replicas.caughtUp();
    expect(replicas.all.map((replica) => textAt(replica, 'a'))).toEqual(['2', '2', '2']);
    expect(one.forest.view().revision).toBe(2);
  });

  test('nobody ends who could not give a sign of life meanwhile', async () => {
    const replicas = await start(1);
    const [one] = replicas.all;
    if (one === undefined) throw new Error('one was started');
    await one.forest.acquireLock(lockOn(['a'], 'first', leaseTtlMsMin), patient);
    one.log.set({ in: false, out: false });
    void one.propose(publish([put('/b', '1')]));
    await settle();
    await replicas.advance(10 * leaseTtlMsMin);
    one.log.set({ in: true, out: true });
    await settle();
    await replicas.caughtUp();
    expect(one.forest.status.leases).toBe(1);
    await replicas.advance(leaseTtlMsMin + 2 * lookEveryMs);
    await replicas.caughtUp();
    expect(one.forest.status.leases).toBe(0);
  });
});
