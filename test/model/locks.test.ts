/**
 * Goal: locks, leases and fencing do exactly what their definition says, for any sequence of commands.
 * Method: seeded random commands go to the state machine and to a list that is looked through from its beginning for every
 * question (naive-locks.ts). After every command the whole table, what was granted in which order, and who is refused are
 * compared, and the invariants checked; the state goes through a snapshot, and often goes on as what came out of it. At the
 * end everything is replayed. Circles are not searched twice: what the real one aborts must be the youngest of a circle
 * that the naive one has too, and none may be left.
 */
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { lockProblems } from '../../src/state/locks/lock-invariants.ts';
import { LockRun } from './lock-run.ts';

const seeds = [11, 12, 13, 14, 15];
const commandsPerSeed = Number(process.env['MODEL_COMMANDS'] ?? 2_500);
/** How often what happened in all runs. */
const seen = new Map<string, number>();

describe.each(seeds)('with seed %i', (seed) => {
  test(`locks, leases and fences equal the naive ones over ${commandsPerSeed} commands`, () => {
    const run = new LockRun(seededRandom(seed));
    for (let index = 0; index < commandsPerSeed; index += 1) run.step();
    for (const [what, count] of run.seen) seen.set(what, (seen.get(what) ?? 0) + count);
    run.replay();
    run.endEverything();
    expect(run.state.locks.size).toBe(0);
    expect(lockProblems(run.state.locks)).toStrictEqual([]);
    const stakes = [...run.state.locks.points()].flatMap((point) => [...point.stakes()]);
    expect(stakes.filter((stake) => !stake.isEmpty)).toStrictEqual([]);
    expect(run.state.bindings.size).toBe(0);
  });
});

test('everything that is worth comparing came up', () => {
  const rare = expectedKinds.filter((kind) => (seen.get(kind) ?? 0) < commandsPerSeed / 500);
  expect(rare).toStrictEqual([]);
});

const expectedKinds = [
  'granted',
  'released',
  'withdrawn',
  'aborted',
  'delayed',
  'acquire_lock DEADLOCK',
  'acquire_lock LOCKED',
  'publish on the trunk: LOCKED',
  'publish on the trunk: STALE_FENCING_TOKEN',
  'publish on the trunk: NOT_LOCK_OWNER',
  'publish on the trunk: fine under a lock',
  'publish in a ghost: LOCKED',
  'publish in a ghost: STALE_FENCING_TOKEN',
  'publish in a ghost: fine under a lock',
  'commit into the trunk: LOCKED',
  'commit into the trunk: STALE_FENCING_TOKEN',
  'commit into the trunk: fine under a lock',
  'commit into a parent: LOCKED',
  'commit into a parent: fine under a lock',
  'revert_revision: LOCKED',
  'revert_revision: fine under a lock',
  'copy: LOCKED',
  'delete of an ancestor: LOCKED',
  'leased nodes deleted',
];
