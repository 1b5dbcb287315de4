/**
 * Goal: callers who wait for locks are told what is durable, in order, and a place that nobody asks for any more is given up.
 * Method: a forest on a memory journal, whose durability is held back by hand where that matters, with a clock that the test moves.
 */
import { expect, test } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { publish, put } from '../../test/support/forests.ts';
import { leaseTtlMsMin, lockReconnectMsMax } from '../base/limits.ts';
import { seededRandom } from '../base/random.ts';
import { MemoryJournal } from '../journal/memory/journal.ts';
import type { RequestKey } from '../state/command.ts';
import type { AcquireLock } from '../state/locks/lock-command.ts';
import type { Outcome } from '../state/outcome.ts';
import { LiveForest } from './live-forest.ts';
import type { Patience } from './patience.ts';

async function open(clock: ManualClock, journal = new MemoryJournal()): Promise<LiveForest> {
  const onWriteStop = (): void => undefined;
  const random = seededRandom(1);
  return LiveForest.open({
    name: 'test',
    journal,
    clock,
    random,
    snapshotJournalBytes: Infinity,
    onWriteStop,
  });
}

function ask(lockId: string, request: RequestKey | null = null): AcquireLock {
  const targets = [{ path: ['a'], mode: 'x' as const }];
  const common = { ttlMs: 60_000, noWait: false, delayMs: 0, label: '', author: lockId };
  return { kind: 'acquire_lock', lockId, leaseId: `lease of ${lockId}`, targets, ...common, request };
}

/** A caller that can be made to go. */
class Caller implements Patience {
  readonly waitMs: number;
  readonly deadlineMs: number | undefined;
  #goes: (() => void)[] = [];
  outcome: Outcome | null = null;

  constructor(waitMs = Infinity, deadlineMs?: number) {
    this.waitMs = waitMs;
    this.deadlineMs = deadlineMs;
  }

  onCancel(callback: () => void): void {
    this.#goes.push(callback);
  }

  go(): void {
    for (const callback of this.#goes) callback();
  }

  ask(forest: LiveForest, command: AcquireLock): this {
    void forest.acquireLock(command, this).then(({ outcome }) => {
      this.outcome = outcome;
    });
    return this;
  }

  get told(): string {
    if (this.outcome === null) return 'nothing';
    return this.outcome.kind === 'rejected' ? this.outcome.reason : this.outcome.kind;
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

async function standings(forest: LiveForest): Promise<string[]> {
  const query = { path: null, leaseId: '', afterPosition: 0, count: 100, isVisible: () => true };
  const page = await forest.lockViews.locks(query, 10, ({ lock }) => `${lock.author} ${lock.state}`);
  return 'reason' in page ? [page.reason] : [...page.items];
}

function release(lockId: string) {
  const leaseId = `lease of ${lockId}`;
  return { kind: 'release_lock', lockId, leaseId, endLease: true, author: '', request: null } as const;
}

const key = (id: string): RequestKey => ({ id, fingerprint: 1 });

test('a grant, a refusal and a list are told only when they are durable', async () => {
  const journal = new MemoryJournal({ durability: 'held' });
  const forest = await open(new ManualClock(), journal);
  const first = new Caller().ask(forest, ask('first'));
  const second = new Caller().ask(forest, { ...ask('second'), noWait: true });
  let listed: string[] | null = null;
  void standings(forest).then((list) => (listed = list));
  await settled();
  expect([first.told, second.told, listed]).toEqual(['nothing', 'nothing', null]);
  journal.makeDurable(1);
  await settled();
  expect([first.told, second.told, listed]).toEqual(['lock_granted', 'LOCKED', ['first held']]);
  const third = new Caller().ask(forest, ask('third'));
  void forest.propose(release('first'));
  journal.makeDurable(2);
  await settled();
  expect(third.told).toBe('nothing');
  journal.makeDurable(3);
  await settled();
  expect(third.told).toBe('lock_granted');
});

test('a place whose caller was lost is kept for a repetition, and given up when none comes', async () => {
  const clock = new ManualClock();
  const forest = await open(clock);
  new Caller().ask(forest, ask('holder'));
  const lost = new Caller().ask(forest, ask('lost', key('r')));
  await settled();
  lost.go();
  clock.advance(lockReconnectMsMax - 1);
  expect(await standings(forest)).toEqual(['holder held', 'lost waiting']);
  const again = new Caller().ask(forest, ask('another id', key('r')));
  clock.advance(lockReconnectMsMax * 2);
  expect(await standings(forest)).toEqual(['holder held', 'lost waiting']);
  again.go();
  clock.advance(lockReconnectMsMax);
  expect(await standings(forest)).toEqual(['holder held']);
  const late = new Caller().ask(forest, ask('yet another id', key('r')));
  await settled();
  expect(late.told).toBe('LEASE_NOT_FOUND');
});

test('a lock that is granted to a lost caller is given back when nobody comes for it', async () => {
  const clock = new ManualClock();
  const forest = await open(clock);
  new Caller().ask(forest, ask('holder'));
  const lost = new Caller().ask(forest, ask('lost', key('r')));
  await settled();
  lost.go();
  await forest.propose(release('holder'));
  expect(await standings(forest)).toEqual(['lost held']);
  clock.advance(lockReconnectMsMax);
  expect(await standings(forest)).toEqual([]);
  expect(forest.status.leases).toBe(0);
});

test('who has gone without a request id, or waited to the deadline, gives up the place at once', async () => {
  const clock = new ManualClock();
  const forest = await open(clock);
  new Caller().ask(forest, ask('holder'));
  const gone = new Caller().ask(forest, ask('gone'));
  const late = new Caller(Infinity, 1_000).ask(forest, ask('late', key('r')));
  await settled();
  gone.go();
  expect(await standings(forest)).toEqual(['holder held', 'late waiting']);
  clock.advance(1_000);
  late.go();
  expect(await standings(forest)).toEqual(['holder held']);
  expect(forest.status.leases).toBe(1);
});

test('a bound on the wait ends it with who is in the way and how long it was', async () => {
  const clock = new ManualClock();
  const forest = await open(clock);
  new Caller().ask(forest, ask('holder'));
  const bounded = new Caller(700).ask(forest, ask('bounded'));
  const patient = new Caller().ask(forest, ask('patient'));
  await settled();
  clock.advance(699);
  await settled();
  expect(bounded.told).toBe('nothing');
  clock.advance(1);
  await settled();
  expect(bounded.outcome).toMatchObject({ reason: 'LOCKED', metadata: { holder: 'holder', wait_ms: '700' } });
  expect(await standings(forest)).toEqual(['holder held', 'patient waiting']);
  await forest.propose(release('holder'));
  await settled();
  expect(patient.told).toBe('lock_granted');
});

test('a write whose lease ends while it waits is refused, and its place is nobody’s', async () => {
  const clock = new ManualClock();
  const forest = await open(clock);
  new Caller().ask(forest, ask('holder'));
  const own = new Caller().ask(forest, { ...ask('own'), targets: [{ path: ['b'], mode: 'x' }] });
  await settled();
  const fencingTokens = own.outcome?.kind === 'lock_granted' ? [own.outcome.fencingToken] : [];
  let outcome: Outcome | null = null;
  forest.write({ ...publish([put('/a/x', 'y')]), fencingTokens }, new Caller(), (result) => {
    outcome = result.outcome;
  });
  await settled();
  expect(forest.status.locksWaiting).toBe(1);
  await forest.propose({ kind: 'end_lease', leaseId: 'lease of own', author: '', request: null });
  await settled();
  expect(outcome).toMatchObject({ reason: 'STALE_FENCING_TOKEN' });
  expect(forest.status.locksWaiting).toBe(0);
  expect(await standings(forest)).toEqual(['holder held']);
});

test('a place in the queue of a write that waited when the broker crashed is nobody’s soon after', async () => {
  const clock = new ManualClock();
  const journal = new MemoryJournal();
  const forest = await open(clock, journal);
  new Caller().ask(forest, ask('holder'));
  await settled();
  forest.write(publish([put('/a/x', 'y')]), new Caller(), () => undefined);
  await settled();
  expect(await standings(forest)).toEqual(['holder held', 'agent waiting']);
  // The same journal in another process: nobody waits there any more.
  const restarted = await open(clock, await copyOf(journal));
  expect(await standings(restarted)).toEqual(['holder held', 'agent waiting']);
  clock.advance(leaseTtlMsMin + 1_000);
  expect(await standings(restarted)).toEqual(['holder held']);
  // Where somebody waits, it stays for as long as it takes.
  clock.advance(20_000);
  expect(await standings(forest)).toEqual(['holder held', 'agent waiting']);
});

async function copyOf(journal: MemoryJournal): Promise<MemoryJournal> {
  const copy = new MemoryJournal();
  for await (const batch of journal.read(1, journal.lastPosition))
    for (const { payload } of batch) copy.append(payload.slice(), 'sync');
  await copy.flush();
  return copy;
}
