/**
 * Goal: what forests and authors may have is given out to the last piece and not beyond, whichever brokers are asked for it at the same time, and all of
 * them come to the same, whenever they began. Method: replicas in one process that race for the last places, with refused writes among the others.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { begin, commit, publish, put, remove } from '../../../test/support/forests.ts';
import { Replicas } from '../../../test/support/replicas.ts';
import type { Replica } from '../../../test/support/replicas.ts';
import { settle } from '../../../test/support/watcher.ts';
import type { Command } from '../../state/command.ts';
import { editionOf } from '../../state/ghosts/edition.ts';
import type { AcquireLock } from '../../state/locks/lock-command.ts';
import type { Outcome } from '../../state/outcome.ts';
import { find } from '../../trie/lookup.ts';
import type { ForestBounds } from '../forest-quota.ts';

const open: Replicas[] = [];
afterEach(async () => {
  for (const replicas of open.splice(0)) {
    expect(replicas.fatal).toEqual([]);
    await replicas.close();
  }
});

const unbounded: ForestBounds = { nodes: Infinity, bytes: Infinity };

/** Three of them. `bounds` may be changed. */
async function three(
  bounds: Partial<ForestBounds> = {},
  snapshotBytes = Infinity,
): Promise<{ replicas: Replicas; all: readonly Replica[]; one: Replica; bounds: { current: ForestBounds } }> {
  const told = { current: { ...unbounded, ...bounds } };
  const replicas = await Replicas.start(3, snapshotBytes, { bounds: () => told.current });
  open.push(replicas);
  await replicas.agreeOnFormat();
  const [one] = replicas.all;
  if (one === undefined) throw new Error('three were started');
  return { replicas, all: [...replicas.all], one, bounds: told };
}

/** What comes of commands, each of which goes to the next replica, all at once. */
async function race(all: readonly Replica[], commands: readonly Command[]): Promise<Record<string, number>> {
  const outcomes = await Promise.all(
    commands.map((command, index) => (all[index % all.length] ?? never()).propose(command)),
  );
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) counts[told(outcome)] = (counts[told(outcome)] ?? 0) + 1;
  return counts;
}

function told(outcome: Outcome): string {
  return outcome.kind === 'rejected' ? outcome.reason : outcome.kind;
}

function never(): never {
  throw new Error('there are replicas');
}

/** How many states there are of it; one more replica looks, which begins with what is shared. */
async function statesOf(replicas: Replicas): Promise<number> {
  await replicas.join();
  return new Set(await replicas.hashes()).size;
}

function lock(index: number): AcquireLock {
  const common = { noWait: false, delayMs: 0, label: '', author: 'ann', request: null };
  const targets = [{ path: [`${index}`], mode: 'x' as const }];
  return {
    ...{ kind: 'acquire_lock', lockId: `lock${index}`, leaseId: `lease${index}`, ttlMs: 60_000, targets },
    ...common,
    authorLocksMax: 7,
  };
}

describe('replicas of a forest', () => {
  test('give out its nodes to the last one, to whoever comes first', async () => {
    const { replicas, all, one } = await three({ nodes: 20 });
    const nodes = Array.from({ length: 90 }, (_, index) => publish([put(`/n${index}`, 'x')]));
    expect(await race(all, nodes)).toEqual({ published: 20, QUOTA_EXCEEDED: 70 });
    // What is there may be changed, and what goes makes room, once.
    await replicas.caughtUp();
    const there = nodes.findIndex((_, index) => find(one.forest.view().root, [`n${index}`]) !== null);
    expect(told(await one.propose(publish([remove(`/n${there}`)])))).toBe('published');
    const again = Array.from({ length: 9 }, (_, index) => publish([put(`/m${index}`, 'x')]));
    expect(await race(all, again)).toEqual({ published: 1, QUOTA_EXCEEDED: 8 });
    expect(await statesOf(replicas)).toBe(1);
    expect(replicas.all.map(({ forest }) => forest.status.nodes)).toEqual([20, 20, 20, 20]);
  });

  test('count what ghosts bring when they are committed', async () => {
    const { replicas, all } = await three({ nodes: 4 });
    const ghosts = await Promise.all(
      all.map(async (replica, index) => {
        const ghost = begin(replica.forest, { ghostId: `g${index}` });
        await replica.propose(ghost);
        await replica.propose(
          publish([put(`/${index}a`, 'x'), put(`/${index}b`, 'x')], { ghostId: ghost.ghostId }),
        );
        return ghost.ghostId;
      }),
    );
    await replicas.caughtUp();
    expect(
      await race(
        all,
        ghosts.map((id) => commit(id)),
      ),
    ).toEqual({ committed: 2, QUOTA_EXCEEDED: 1 });
    expect(await statesOf(replicas)).toBe(1);
  });

  test('try an approved commit that found no room again until it does', async () => {
    const { replicas, all, one } = await three({ nodes: 1 });
    const [, two = never()] = all;
    await one.propose(publish([put('/full', 'x')]));
    const gates = [{ kind: 'review' as const, reviewer: 'ada' }];
    await one.propose(begin(one.forest, { ghostId: 'g', gates }));
    await one.propose(publish([put('/a', 'x')], { ghostId: 'g' }));
    expect(told(await one.propose(commit('g')))).toBe('commit_pending');
    await replicas.caughtUp();
    const ghost = two.forest.ghost('g');
    if ('reason' in ghost) throw new Error(ghost.message);
    const decision = { reviewer: 'ada', edition: editionOf(ghost), approved: true, reason: '' };
    await two.propose({ kind: 'review_ghost', ghostId: 'g', ...decision, author: '', request: null });
    const standing = async (): Promise<unknown> => {
      for (let turns = 0; turns < 20; turns += 1) await settle();
      await replicas.caughtUp();
      return all.map(({ forest }) => Reflect.get(forest.ghost('g'), 'state'));
    };
    for (let round = 0; round < 3; round += 1) {
      await replicas.advance(1_000);
      expect(await standing()).not.toContain('committed');
    }
    await two.propose(publish([remove('/full')]));
    await replicas.advance(1_000);
    expect(await standing()).toEqual(['committed', 'committed', 'committed']);
    expect(one.forest.status.nodes).toBe(1);
    expect(await statesOf(replicas)).toBe(1);
  });

  test('give an author so many ghosts and locks as it may have, and another one when one ends', async () => {
    const { replicas, all, one } = await three();
    const ghosts = Array.from({ length: 60 }, (_, index) => ({
      ...begin(one.forest, { author: 'ann', ghostId: `g${index}` }),
      authorGhostsMax: 20,
    }));
    expect(await race(all, ghosts)).toEqual({ ghost_begun: 20, QUOTA_EXCEEDED: 40 });
    await replicas.caughtUp();
    expect(one.forest.ghostsOf('ann')).toBe(20);
    const locks = Array.from({ length: 30 }, (_, index) => lock(index));
    expect(await race(all, locks)).toEqual({ lock_granted: 7, QUOTA_EXCEEDED: 23 });
    await replicas.caughtUp();
    expect(one.forest.locksOf('ann')).toBe(7);

    const [oldest] = one.forest.ghosts().slice(-1);
    await one.propose({
      ...{ kind: 'revert_ghost', ghostId: oldest?.id ?? '', reason: '', author: 'ann', request: null },
    });
    const more = Array.from({ length: 6 }, (_, index) => ({
      ...begin(one.forest, { author: 'ann', ghostId: `h${index}` }),
      authorGhostsMax: 20,
    }));
    expect(await race(all, more)).toEqual({ ghost_begun: 1, QUOTA_EXCEEDED: 5 });
    expect(await statesOf(replicas)).toBe(1);
  });

  test('remember nothing of a refusal, and answer again what was answered', async () => {
    const { replicas, all, one, bounds } = await three({ nodes: 1 });
    const request = { id: 'first', fingerprint: 1 };
    const command = publish([put('/a', 'x')], { request });
    expect(told(await one.propose(command))).toBe('published');
    const late = publish([put('/b', 'x')], { request: { id: 'late', fingerprint: 2 } });
    expect(await race(all, [late, late, late])).toEqual({ QUOTA_EXCEEDED: 3 });
    for (const { forest } of all)
      expect(await forest.propose(command)).toMatchObject({ outcome: { revision: 1 }, repeated: true });
    bounds.current = unbounded;
    expect(await race(all, [late, late, late])).toEqual({ published: 3 });
    expect(one.forest.view().revision).toBe(2);
    expect(await statesOf(replicas)).toBe(1);
  });

  test('decide by what the broker that was asked has been told, each the same, while an operator changes it', async () => {
    const { replicas, all, bounds } = await three({ nodes: 5 });
    for (let round = 0; round < 30; round += 1) {
      bounds.current = { ...unbounded, nodes: 5 + ((round * 7) % 11) };
      await race(
        all,
        all.map((_, index) => publish([put(`/n${round}x${index}`, 'x')])),
      );
      if (round % 5 === 0) await race(all, [publish([remove(`/n${round}x0`)])]);
    }
    expect(await statesOf(replicas)).toBe(1);
  });

  test('hold the bytes of a forest through snapshots, and newcomers count the same', async () => {
    const bytes = 60_000;
    const { replicas, all, one } = await three({ bytes }, 8 * 1024);
    let published = 0;
    for (let round = 0; round < 200; round += 1) {
      const value = `${round} ${'x'.repeat(300)}`;
      const writes = all.map((_, index) => publish([put(`/w${round % 4}x${index}`, value)]));
      published += (await race(all, writes))['published'] ?? 0;
      for (let turns = 0; turns < 4; turns += 1) await settle();
      if (round === 60) await replicas.join();
    }
    expect(published).toBeGreaterThan(20);
    expect(published).toBeLessThan(600);
    expect(
      await race(
        replicas.all,
        replicas.all.map(() => publish([put('/more', 'x')])),
      ),
    ).toEqual({
      QUOTA_EXCEEDED: replicas.all.length,
    });
    // Deletes and giving up history have their place, and make some behind the next snapshots.
    expect(told(await one.propose(publish([remove('/w1x1')])))).toBe('published');
    expect(await statesOf(replicas)).toBe(1);
  });
});
