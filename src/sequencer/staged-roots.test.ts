/**
 * Goal: who reads of a live ghost in the journal is told what who watched it was. Method: a forest that keeps no events in memory, one watcher from the
 * beginning, and others that come later, after checkpoints, ways back and what a ghost inside brought.
 */
import { expect, test } from 'vitest';
import { begin, commit, copy, path, publish, put } from '../../test/support/forests.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { settle, Watcher } from '../../test/support/watcher.ts';
import { seededRandom } from '../base/random.ts';
import { MemoryJournal } from '../journal/memory/journal.ts';
import type { Command } from '../state/command.ts';
import { locate } from '../trie/lookup.ts';
import { LiveForest } from './live-forest.ts';

const checkpoint = (ghostId: string): Command => ({
  kind: 'checkpoint_ghost',
  ghostId,
  name: 'here',
  author: 'agent',
  request: null,
});
const rewind = (ghostId: string): Command => ({
  kind: 'rewind_ghost',
  ghostId,
  checkpoint: 'here',
  reason: 'wrong',
  author: 'agent',
  request: null,
});

test('copied nodes, and nodes before and after, are told again as long as what was staged stands', async () => {
  const journal = new MemoryJournal({ durability: 'automatic' });
  const clock = new ManualClock();
  const open = (): Promise<LiveForest> =>
    LiveForest.open({
      name: 'test',
      journal,
      clock,
      random: seededRandom(1),
      snapshotJournalBytes: Infinity,
      onWriteStop: () => undefined,
      recentEventsMax: 0,
    });
  const forest = await open();
  const submit = async (...commands: Command[]): Promise<void> => {
    for (const command of commands) forest.submit(command, () => undefined);
    await settle();
  };
  await submit(publish([put('/src/a', '1')]), publish([put('/src/a', '2')]));
  const ghost = begin(forest);
  const { ghostId } = ghost;
  await submit(ghost);
  const start = { kind: 'after_position', position: forest.view().position } as const;
  const watch = (from: LiveForest): Watcher =>
    new Watcher({
      patterns: ['/dst/a'],
      start,
      needsRoots: true,
      scope: { kind: 'ghost', ghostId },
    }).subscribe(from.hub);
  const live = watch(forest);
  await settle();
  await submit(
    publish([copy('/src', '/dst')], { ghostId }),
    publish([put('/dst/a', '3')], { ghostId }),
    checkpoint(ghostId),
    publish([put('/dst/a', 'dropped')], { ghostId }),
    rewind(ghostId),
    publish([copy('/src', '/dst', 1)], { ghostId }),
  );
  const inside = begin(forest, { parentId: ghostId });
  await submit(
    inside,
    publish([copy('/src', '/dst')], { ghostId: inside.ghostId }),
    publish([put('/dst/a', '4')], { ghostId: inside.ghostId }),
    commit(inside.ghostId),
  );
  const expected = told(live).filter(([what]) => what !== 'put /dst/a dropped');
  expect(expected.map(([what]) => what)).toContain('copy /dst');
  for (const from of [forest, forest, await open()]) {
    const late = watch(from);
    await settle();
    expect(told(late).filter(([what]) => what !== 'put /dst/a dropped')).toEqual(expected);
  }
});

/** Of each change what it was, and the values before and after its event. */
function told({ deliveries }: Watcher): (string | undefined)[][] {
  return deliveries.flatMap(({ changes, event: { roots } }) =>
    changes.map(({ operation }) => {
      const value = operation.kind === 'put' ? ` ${operation.value.data}` : '';
      const sides = [roots?.before, roots?.after].map((root) =>
        root === undefined ? 'unknown' : String(locate(root, path('/dst/a'))?.node.entry?.data),
      );
      return [
        `${operation.kind} ${operation.path.map((segment) => `/${segment}`).join('')}${value}`,
        ...sides,
      ];
    }),
  );
}
