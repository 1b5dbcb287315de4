/**
 * Goal: the end of a lease with its locks may be told before it is durable (`isFarewell` in src/state/reach.ts), and that costs no guarantee: a
 * crash that takes it leaves the lock with a lease that ends within its ttl, and nothing that was told because of it is lost.
 * Method: locks on the simulated disk, which is stopped before, between and after its syncs; time passes by hand.
 */
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { SimulatedFileSystem } from '../../src/journal/embedded/simulated-file-system.ts';
import type { LiveForest } from '../../src/sequencer/live-forest.ts';
import type { Command, RequestKey } from '../../src/state/command.ts';
import type { AcquireLock } from '../../src/state/locks/lock-command.ts';
import type { Outcome } from '../../src/state/outcome.ts';
import { path, publish, put } from '../support/forests.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { openForestOn } from './forest-workload.ts';
import { inCase } from './journal-workload.ts';

const ttlMs = 5_000;
const sender = { author: 'a worker', request: null };
const patient = { waitMs: Infinity, deadlineMs: undefined, onCancel: () => undefined };

function ask(name: string, leaseId = `lease of ${name}`): AcquireLock {
  const targets = [{ path: path('/plan'), mode: 'x' as const }];
  const isOwn = leaseId === `lease of ${name}`;
  const rest = { noWait: false, delayMs: 0, label: '', ...sender };
  return { kind: 'acquire_lock', lockId: name, leaseId, ttlMs: isOwn ? ttlMs : 0, targets, ...rest };
}

async function lock(forest: LiveForest, command: AcquireLock): Promise<number> {
  const { outcome } = await forest.acquireLock(command, patient);
  return outcome.kind === 'lock_granted' ? outcome.fencingToken : 0;
}

/** Two ways to say farewell. */
const farewells = {
  'a release that ends its lease': (name: string, request: RequestKey | null = null): Command => ({
    ...{ kind: 'release_lock', lockId: name, leaseId: `lease of ${name}`, endLease: true, ...sender },
    request,
  }),
  'the end of a lease': (name: string, request: RequestKey | null = null): Command => ({
    ...{ kind: 'end_lease', leaseId: `lease of ${name}`, ...sender },
    request,
  }),
} as const;
const kinds = Object.entries(farewells);

/** What was told before `submit` came back; `null`: nothing. */
function toldAtOnce(forest: LiveForest, command: Command): Outcome | null {
  let told: Outcome | null = null;
  forest.submit(command, ({ outcome }) => {
    told = outcome;
  });
  return told;
}

test.each(kinds)('%s is told at once', async (_name, farewell) => {
  const { forest } = await openForestOn(new SimulatedFileSystem({ random: seededRandom(1) }));
  expect(await lock(forest, ask('one'))).toBe(1);
  expect(toldAtOnce(forest, farewell('one'))).toMatchObject({
    kind: expect.stringMatching(/ended|released/),
  });
  expect(forest.status.durablePosition).toBe(forest.status.position - 1);
});

test.each(kinds)('lost in a crash, %s leaves a lock that goes with its lease', async (_name, farewell) => {
  const fileSystem = new SimulatedFileSystem({ random: seededRandom(2) });
  const before = await openForestOn(fileSystem);
  const token = await lock(before.forest, ask('one'));
  expect(toldAtOnce(before.forest, farewell('one'))).not.toBeNull();
  fileSystem.crash('nothing');

  const clock = new ManualClock();
  const { forest } = await openForestOn(fileSystem, clock);
  expect(forest.lockViews.lock('one')).toMatchObject({ state: 'held', fencingToken: token });
  const { outcome } = await forest.propose(publish([put('/plan/a', 'x')]));
  expect(outcome).toMatchObject({ kind: 'rejected', reason: 'LOCKED' });
  const next = lock(forest, ask('two'));
  clock.advance(ttlMs + 1_000);
  expect(await next).toBeGreaterThan(token);
  expect(forest.lockViews.lock('one')).toMatchObject({ reason: 'LOCK_NOT_FOUND' });
});

test('what comes with a request id, and a release under a lease that lives on, wait for the disk', async () => {
  const { forest } = await openForestOn(new SimulatedFileSystem({ random: seededRandom(3) }));
  for (const [name, farewell] of kinds) {
    await lock(forest, ask(name));
    expect(toldAtOnce(forest, farewell(name, { id: name, fingerprint: 1 }))).toBeNull();
  }
  await lock(forest, ask('outer'));
  await lock(forest, ask('inner', 'lease of outer'));
  const inner = { kind: 'release_lock', lockId: 'inner', leaseId: 'lease of outer' } as const;
  expect(toldAtOnce(forest, { ...inner, endLease: true, ...sender })).toBeNull();
});

test('the end of a lease that deletes nodes or reverts ghosts waits for the disk', async () => {
  const { forest } = await openForestOn(new SimulatedFileSystem({ random: seededRandom(4) }));
  for (const name of ['of a node', 'of a ghost']) await lock(forest, { ...ask(name), targets: target(name) });
  const bound = { ...put('/presence', 'here'), leaseId: 'lease of of a node' };
  expect((await forest.propose(publish([bound]))).outcome.kind).toBe('published');
  const begin = { kind: 'begin_ghost', ghostId: 'g', scope: [], baseRevision: 0, parentId: '' } as const;
  await forest.propose({ ...begin, ttlMs: 0, label: '', leaseId: 'lease of of a ghost', ...sender });
  for (const name of ['of a node', 'of a ghost'])
    expect(toldAtOnce(forest, farewells['the end of a lease'](name))).toBeNull();
});

function target(name: string): AcquireLock['targets'] {
  return [{ path: [name], mode: 'x' }];
}

/** Locks and farewells one after the other, with writes in between, until the disk stops. */
async function work(forest: LiveForest, told: Told): Promise<void> {
  for (let round = 1; round <= 12; round += 1) {
    const name = `lock ${round}`;
    const { outcome } = await forest.acquireLock(ask(name), patient);
    if (outcome.kind !== 'lock_granted') return;
    told.holder = name;
    told.token = outcome.fencingToken;
    if (round % 3 === 0) {
      const write = { ...publish([put(`/plan/${round}`, name)]), fencingTokens: [outcome.fencingToken] };
      if ((await forest.propose(write)).outcome.kind === 'published') told.written += 1;
    }
    const farewell = kinds[round % 2]?.[1](name);
    if (farewell === undefined || (toldAtOnce(forest, farewell)?.kind ?? 'rejected') === 'rejected') return;
    told.left = name;
    if (round % 4 !== 0) continue;
    // Nobody is in the way of this one: it proves that the release came before it.
    const write = publish([put(`/plan/free ${round}`, name)]);
    if ((await forest.propose(write)).outcome.kind !== 'published') return;
    told.free = name;
    told.written += 1;
  }
}

interface Told {
  holder: string;
  token: number;
  /** Whose farewell was told last. */
  left: string;
  /** Whose farewell a later durable write has proved. */
  free: string;
  written: number;
}

test.each(['nothing', 'torn', 'everything'] as const)(
  'the machine stops at any disk operation, unsynced writes survive: %s',
  async (keeps) => {
    let [stops, back, gone] = [0, 0, 0];
    for (let at = 1; ; at += 1) {
      const fileSystem = new SimulatedFileSystem({ random: seededRandom(at) });
      const before = await openForestOn(fileSystem);
      fileSystem.failAt(at, 'crash');
      const told: Told = { holder: '', token: 0, left: '', free: '', written: 0 };
      await work(before.forest, told);
      if (!fileSystem.stopped) break;
      stops += 1;
      fileSystem.crash(keeps);
      await inCase(`stop at ${at}`, async () => {
        const clock = new ManualClock();
        const { forest } = await openForestOn(fileSystem, clock);
        const { locksHeld } = forest.status;
        expect(locksHeld).toBeLessThanOrEqual(1);
        const isHeld = !('reason' in forest.lockViews.lock(told.holder));
        // A grant that was told is there, unless its farewell was told, or is durable, as well.
        if (told.holder !== '' && told.left !== told.holder && locksHeld === 0) gone += 1;
        if (told.free === told.holder) expect(isHeld).toBe(false);
        if (told.left === told.holder && isHeld) back += 1;
        expect(forest.status.revision).toBeGreaterThanOrEqual(told.written);
        const next = lock(forest, ask('next'));
        clock.advance(ttlMs + 1_000);
        expect(await next).toBeGreaterThan(told.token);
      });
    }
    expect(stops).toBeGreaterThan(30);
    expect(gone).toBe(0);
    if (keeps === 'nothing') expect(back).toBeGreaterThan(3);
  },
);
