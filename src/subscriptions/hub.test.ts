/**
 * Goal: each promise of a subscription, one at a time, where the model test (test/model/subscriptions.test.ts) proves them
 * together. Method: a real forest on a memory journal whose durability is held back by hand, and watchers that write down
 * what they are told.
 */
import { describe, expect, test } from 'vitest';
import { begin, commit, copy, publish, put, append, remove } from '../../test/support/forests.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { settle, Watcher } from '../../test/support/watcher.ts';
import type { WatcherOptions } from '../../test/support/watcher.ts';
import { seededRandom } from '../base/random.ts';
import { MemoryJournal } from '../journal/memory/journal.ts';
import { LiveForest } from '../sequencer/live-forest.ts';
import type { Command } from '../state/command.ts';
import { reject } from '../state/outcome.ts';
import { find } from '../trie/lookup.ts';

interface Scene {
  readonly forest: LiveForest;
  readonly clock: ManualClock;
  /** Submits commands and makes them durable in one batch. */
  readonly apply: (...commands: readonly Command[]) => Promise<void>;
  readonly watch: (options: WatcherOptions) => Promise<Watcher>;
  readonly makeDurable: () => void;
}

async function scene(recentEventsMax?: number): Promise<Scene> {
  const journal = new MemoryJournal({ durability: 'held' });
  const clock = new ManualClock();
  const ring = recentEventsMax === undefined ? {} : { recentEventsMax };
  const forest = await LiveForest.open({
    name: 'test',
    journal,
    clock,
    random: seededRandom(1),
    snapshotJournalBytes: Infinity,
    onWriteStop: () => undefined,
    ...ring,
  });
  const makeDurable = (): void => journal.makeDurable(journal.lastPosition);
  return {
    forest,
    clock,
    makeDurable,
    async apply(...commands) {
      for (const command of commands) forest.submit(command, () => undefined);
      makeDurable();
      await settle();
    },
    async watch(options) {
      const watcher = new Watcher(options).subscribe(forest.hub);
      await settle();
      return watcher;
    },
  };
}

function positions(watcher: Watcher): number[] {
  return watcher.deliveries.map(({ event }) => event.position);
}

test('a subtree pattern is told of the subtree, of removed ancestors, and of no neighbour whose name begins alike', async () => {
  const { apply, watch } = await scene();
  const watcher = await watch({ patterns: ['/a/b/**'] });
  await apply(publish([put('/a/bc', '1')]), publish([put('/a/bc/d', '2')]), publish([put('/a', '3')]));
  expect(watcher.told).toEqual([]);
  await apply(publish([put('/a/b', '4')]), publish([put('/a/b/c/d', '5')]), publish([remove('/a')]));
  expect(watcher.told).toEqual(['put /a/b 4', 'put /a/b/c/d 5', 'delete /a']);
});

test('nothing is told before it is durable, and a diff is told whole, with the matching changes only', async () => {
  const { forest, watch, makeDurable } = await scene();
  const watcher = await watch({ patterns: ['/a/*'] });
  forest.submit(publish([put('/a/x', '1'), put('/b', '2'), put('/a/y', '3')]), () => undefined);
  await settle();
  expect(watcher.deliveries).toEqual([]);
  makeDurable();
  expect(watcher.deliveries).toHaveLength(1);
  expect(watcher.told).toEqual(['put /a/x 1', 'put /a/y 3']);
});

test('subscribers with the same patterns share one delivery, so that its bytes are made once', async () => {
  const { apply, watch } = await scene();
  const [one, other] = [await watch({ patterns: ['/a/**'] }), await watch({ patterns: ['/a/**'] })];
  await apply(publish([put('/a/x', '1'), put('/b', '2')]), publish([put('/a/x', '1')]));
  expect(one.deliveries).toHaveLength(2);
  one.deliveries.forEach((delivery, index) => expect(other.deliveries[index]).toBe(delivery));
  let made = 0;
  for (const { deliveries } of [one, other]) expect(deliveries[0]?.memo('bytes', () => (made += 1))).toBe(1);
});

test('the nodes of a copy follow as puts behind all changes, as they are after the event', async () => {
  const { apply, watch } = await scene();
  await apply(publish([put('/a/x', 'x'), put('/a/log', 'l')]));
  const watcher = await watch({ patterns: ['/b/*'] });
  await apply(publish([copy('/a', '/b'), append('/b/log', 'm')]));
  expect(watcher.told).toEqual(['copy /b', 'append /b/log', 'put /b/log lm', 'put /b/x x']);
});

test('a copy that is read back from the journal is told with the same nodes', async () => {
  const { apply, watch } = await scene(0);
  await apply(publish([put('/a/x', 'x')]), publish([copy('/a', '/b')]), publish([put('/a/x', 'later')]));
  const watcher = await watch({ patterns: ['/b/**'], start: { kind: 'after_position', position: 1 } });
  expect(watcher.told).toEqual(['copy /b', 'put /b/x x']);
});

test('one that asks for nodes before and after is told them of what happened before it came, and while it was slow', async () => {
  const { apply, watch } = await scene();
  const valuesOf = ({ deliveries }: Watcher): unknown[] =>
    deliveries.map(({ event: { roots } }) =>
      [roots?.before, roots?.after].map((root) => root && find(root, ['a'])?.entry?.data),
    );
  await apply(publish([put('/a', '1')]), publish([put('/a', '2')]));
  const late = await watch({
    patterns: ['/a'],
    needsRoots: true,
    start: { kind: 'after_position', position: 0 },
    takesMore: ({ deliveries }) => deliveries.length !== 3,
  });
  expect(valuesOf(late)).toEqual([
    [undefined, '1'],
    ['1', '2'],
  ]);
  await apply(publish([put('/a', '3')]));
  await apply(publish([put('/a', '4')]), publish([put('/a', '5')]));
  expect(late.deliveries).toHaveLength(3);
  late.drained();
  await settle();
  expect(valuesOf(late).slice(2)).toEqual([
    ['2', '3'],
    ['3', '4'],
    ['4', '5'],
  ]);
});

describe('a slow subscriber', () => {
  test('gets nothing while it is full, holds nobody up, and then everything it missed, once', async () => {
    const { apply, watch } = await scene(2);
    const slow = await watch({ patterns: ['/**'], takesMore: ({ deliveries }) => deliveries.length === 0 });
    const quick = await watch({ patterns: ['/**'] });
    for (let index = 0; index < 20; index += 1) await apply(publish([put('/a', String(index))]));
    expect(positions(quick)).toHaveLength(20);
    expect(positions(slow)).toEqual([1]);
    for (let round = 0; round < 60 && slow.deliveries.length < 20; round += 1) {
      slow.drained();
      await settle();
    }
    expect(positions(slow)).toEqual(positions(quick));
    expect(slow.complaints).toEqual([]);
  });

  test('that has room again while a batch is being told misses nothing of that batch', async () => {
    const { apply, watch } = await scene();
    const others: Watcher[] = [];
    let room = true;
    await watch({
      patterns: ['/wake'],
      takesMore: () => {
        room = true;
        others.forEach((other) => other.drained());
        return true;
      },
    });
    const slow = await watch({ patterns: ['/**'], takesMore: () => room });
    others.push(slow);
    room = false;
    await apply(publish([put('/a', '1')]));
    await apply(
      publish([put('/a', '2')]),
      publish([put('/wake', '')]),
      publish([put('/a', '3')]),
      publish([put('/a', '4')]),
    );
    expect(positions(slow)).toEqual([1, 2, 3, 4, 5]);
  });

  test('that has room again in any later microtask goes on', async () => {
    const { apply, watch } = await scene(0);
    for (let index = 0; index < 4; index += 1) await apply(publish([put('/a', String(index))]));
    for (let delay = 0; delay < 20; delay += 1) {
      const watcher = await watch({
        patterns: ['/**'],
        start: { kind: 'after_position', position: 0 },
        takesMore: (slow) => {
          if (slow.deliveries.length !== 2) return true;
          void afterMicrotasks(delay).then(() => slow.drained());
          return false;
        },
      });
      await settle();
      expect([delay, ...positions(watcher)]).toEqual([delay, 1, 2, 3, 4]);
    }
  });

  test('is ended with the oldest revision where history was given up meanwhile', async () => {
    const { apply, watch, forest } = await scene(0);
    const slow = await watch({ patterns: ['/**'], takesMore: () => false });
    slow.drained();
    for (let index = 1; index <= 9; index += 1) await apply(publish([put('/a', String(index))]));
    const compacted = forest.compact(8, null);
    await apply();
    await compacted;
    slow.drained();
    await settle();
    expect(slow.ended).toMatchObject({ reason: 'REVISION_COMPACTED', metadata: { oldest_revision: '8' } });
  });
});

test('one that is cancelled inside the call of another gets nothing of the event that both wait for', async () => {
  const { apply, watch, forest } = await scene();
  const watchers: Watcher[] = [];
  const cancelOthers = (self: Watcher): boolean => {
    if (self.deliveries.length > 0)
      watchers.filter((other) => other !== self).forEach((other) => other.cancel());
    return true;
  };
  for (let index = 0; index < 3; index += 1)
    watchers.push(await watch({ patterns: ['/a'], takesMore: cancelOthers }));
  await apply(publish([put('/a', '1')]));
  expect(watchers.map(({ deliveries }) => deliveries.length)).toEqual([1, 0, 0]);
  expect(watchers.flatMap(({ complaints }) => complaints)).toEqual([]);
  expect(forest.hub.subscriptions).toBe(1);
});

describe('starts', () => {
  test('after what is compacted or in the future are refused, each with its reason', async () => {
    const { apply, watch, forest } = await scene(0);
    for (let index = 1; index <= 5; index += 1) await apply(publish([put('/a', String(index))]));
    const compacted = forest.compact(3, null);
    await apply();
    await compacted;
    const reasons: unknown[] = [];
    for (const start of [
      { kind: 'after_revision', revision: 2 },
      { kind: 'after_position', position: 1 },
      { kind: 'after_revision', revision: 99 },
      { kind: 'after_position', position: 99 },
    ] as const) {
      const { ended } = await watch({ patterns: ['/**'], start });
      reasons.push(ended?.reason);
    }
    expect(reasons).toEqual([
      'REVISION_COMPACTED',
      'REVISION_COMPACTED',
      'REVISION_IN_FUTURE',
      'REVISION_IN_FUTURE',
    ]);
    const watcher = await watch({ patterns: ['/**'], start: { kind: 'after_revision', revision: 3 } });
    expect(watcher.told).toEqual(['put /a 4', 'put /a 5']);
    expect(watcher.ended).toBeUndefined();
  });

  test('with a snapshot tell the matching nodes, a bookmark, and then every change', async () => {
    const { apply, watch } = await scene();
    await apply(publish([put('/a/x', '1'), put('/b', '2')]));
    const watcher = await watch({ patterns: ['/a/**'], start: { kind: 'snapshot' } });
    await apply(publish([put('/a/x', '3')]));
    expect(watcher.nodes.map(({ path: at, node }) => [at.join('/'), node.entry?.data])).toEqual([
      ['a', undefined],
      ['a/x', '1'],
    ]);
    expect(watcher.bookmarks).toEqual([{ revision: 1, position: 1, received: 0 }]);
    expect(watcher.told).toEqual(['put /a/x 3']);
  });
});

describe('a ghost that is watched', () => {
  test('ends its subscription in an orderly way with its end event, whatever the patterns', async () => {
    const { apply, watch, forest } = await scene();
    for (const [index, end] of (['commit', 'revert'] as const).entries()) {
      const begun = begin(forest);
      const { ghostId } = begun;
      await apply(begun, publish([put('/a', String(index))], { ghostId }));
      const watchers = [
        await watch({ patterns: ['/a'], scope: { kind: 'ghost', ghostId } }),
        await watch({ patterns: ['/elsewhere'], scope: { kind: 'ghost', ghostId } }),
        await watch({ patterns: ['/elsewhere'], scope: { kind: 'everything' } }),
      ];
      const revert = { kind: 'revert_ghost', ghostId, reason: 'r', author: '', request: null } as const;
      await apply(end === 'commit' ? commit(ghostId) : revert);
      expect(watchers.map(({ ended }) => ended)).toEqual([null, null, undefined]);
      const kinds = watchers.map(({ deliveries }) => deliveries.map(({ event }) => event.transition?.kind));
      const last = [end === 'commit' ? 'committed' : 'reverted'];
      expect(kinds).toEqual([last, last, last]);
      expect(watchers.map(({ told }) => told.length)).toEqual([end === 'commit' ? 1 : 0, 0, 0]);
    }
  });

  test('is told once to those who watch everything, and its commit to those who watch the trunk', async () => {
    const { apply, watch, forest } = await scene();
    const everything = await watch({ patterns: ['/**'], scope: { kind: 'everything' } });
    const trunk = await watch({ patterns: ['/**'] });
    const begun = begin(forest);
    await apply(begun, publish([put('/a', '1')], { ghostId: begun.ghostId }), commit(begun.ghostId));
    expect(everything.deliveries.map(({ event }) => event.transition?.kind)).toEqual([
      'begun',
      'staged',
      'committed',
    ]);
    expect(trunk.deliveries.map(({ event }) => event.transition?.kind)).toEqual(['committed']);
  });

  test('with a migration and nothing staged is told to those who watch ghosts, live and later, and not to those of the trunk', async () => {
    const { forest, apply, watch } = await scene(0);
    const migration = { name: 's', format: 'json_schema', definition: '{}', bindings: [] } as const;
    const start = { kind: 'after_position', position: 0 } as const;
    const watchers = async (): Promise<Watcher[]> => [
      await watch({ patterns: ['/**'], start }),
      await watch({ patterns: ['/**'], start, scope: { kind: 'everything' } }),
      await watch({ patterns: ['/**'], start, scope: { kind: 'ghost', ghostId: 'g' } }),
    ];
    await apply(begin(forest, { ghostId: 'g', migration }));
    const live = await watchers();
    await apply(commit('g'), publish([put('/a', '1')]));
    const late = await watchers();
    expect(forest.view().revision).toBe(2);
    const seen = [[3], [1, 2, 3], [1, 2]];
    expect([live, late].map((each) => each.map(positions))).toEqual([seen, seen]);
  });

  test('and is over or unknown refuses the subscription', async () => {
    const { apply, watch, forest } = await scene();
    const begun = begin(forest);
    await apply(begun, commit(begun.ghostId));
    const { position } = forest.view();
    const over = { kind: 'ghost', ghostId: begun.ghostId } as const;
    const ends = [
      await watch({ patterns: ['/**'], scope: over, start: { kind: 'snapshot' } }),
      await watch({ patterns: ['/**'], scope: over, start: { kind: 'after_position', position } }),
      await watch({ patterns: ['/**'], scope: { kind: 'ghost', ghostId: 'nobody' } }),
      await watch({ patterns: ['/**'], scope: over, start: { kind: 'after_position', position: 0 } }),
    ].map(({ ended }) => ended?.reason ?? ended);
    expect(ends).toEqual(['GHOST_OVER', 'GHOST_OVER', 'GHOST_NOT_FOUND', null]);
  });

  test('and was over before the subscription went live ends it even while other writes wait for the disk', async () => {
    const { apply, watch, forest, clock, makeDurable } = await scene();
    const begun = begin(forest);
    await apply(begun, commit(begun.ghostId));
    const { position } = forest.view();
    forest.submit(publish([put('/a', '1')]), () => undefined);
    const scope = { kind: 'ghost', ghostId: begun.ghostId } as const;
    const watcher = await watch({ patterns: ['/**'], scope, start: { kind: 'after_position', position } });
    expect(watcher.ended).toBeUndefined();
    makeDurable();
    clock.advance(1_000);
    expect(watcher.ended).toMatchObject({ reason: 'GHOST_OVER' });
  });
});

test('bookmarks come in their interval while nothing else does, and claim what was told', async () => {
  const { apply, watch, clock } = await scene();
  const watcher = await watch({ patterns: ['/a'] });
  await apply(publish([put('/a', '1')]), publish([put('/b', '2')]));
  clock.advance(3_000);
  const claim = { revision: 2, position: 2, received: 1 };
  expect(watcher.bookmarks.slice(-3)).toEqual([claim, claim, claim]);
});

test('draining ends all with a last bookmark and the reason; the hub is empty then', async () => {
  const { apply, watch, forest } = await scene();
  const watchers = [
    await watch({ patterns: ['/a'] }),
    await watch({ patterns: ['/**'], scope: { kind: 'everything' } }),
  ];
  await apply(publish([put('/a', '1')]));
  forest.hub.drainAll(reject('NOT_SERVING', 'the broker stops'));
  await apply(publish([put('/a', '2')]));
  for (const watcher of watchers) {
    expect(watcher.ended).toMatchObject({ reason: 'NOT_SERVING' });
    expect(watcher.bookmarks.at(-1)).toEqual({ revision: 1, position: 1, received: 1 });
    expect(watcher.complaints).toEqual([]);
  }
  expect(forest.hub.subscriptions).toBe(0);
});

test('a write that the journal does not take any more is refused, and its caller is told', async () => {
  const { forest, apply } = await scene();
  await apply(publish([put('/a', '1')]));
  await forest.close();
  const { outcome } = await forest.propose(publish([put('/a', '2')]));
  expect(outcome).toMatchObject({ reason: 'JOURNAL_UNAVAILABLE' });
  expect(forest.view().root.count).toBe(1);
});

async function afterMicrotasks(count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) await Promise.resolve();
}
