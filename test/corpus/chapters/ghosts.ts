/** Ghosts of every kind, over and live, in one another, on old revisions, with checkpoints and attempts. */
import { CommitIsolation } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import { BasisExtent, Presence } from '../../../src/gen/hyperloom/v1/operation_pb.ts';
import { appendText, copy, increment, putText, remove } from '../../support/broker.ts';
import { expectRefusal, shortTtl, until } from '../story.ts';
import type { Chapter, Story } from '../story.ts';

/** One more than the broker keeps the reasons of. */
const attempts = 33;

export const ghosts: Chapter = {
  name: 'ghosts',
  async tell(story) {
    await story.publish({
      operations: [
        putText('/work', 'has a value'),
        putText('/work/plan', 'v1'),
        increment('/work/steps', 1n),
      ],
    });
    await commitOne(story);
    await conflictAndRevert(story);
    await commitIntoParent(story);
    await expire(story);
    await leaveLiveOnes(story);
  },
};

async function commitOne(story: Story): Promise<void> {
  const { context } = story.clients;
  const begun = await story.ghost({ label: 'a good one', requestId: story.requestId() });
  const { id: ghostId, edition } = begun;
  const basis = [{ path: '/work', revision: begun.baseRevision, extent: BasisExtent.SUBTREE }];
  const first = await story.publish({
    ghostId,
    edition,
    basis,
    label: 'staged',
    author: 'somebody else',
    preconditions: [{ path: '/work/plan', condition: { case: 'presence', value: Presence.PRESENT } }],
    operations: [putText('/work/plan', 'v2'), increment('/work/steps', 41n)],
  });
  const { edition: checked } = await context.checkpoint({
    ghostId,
    name: 'half',
    edition: first.edition,
    requestId: story.requestId(),
    author: 'ghostwriter',
  });
  const second = await story.publish({ ghostId, edition: checked, operations: [remove('/work/plan')] });
  const target = { case: 'rewind', value: { ghostId, checkpoint: 'half' } } as const;
  const rewound = await context.revert({
    target,
    reason: 'the plan is needed',
    requestId: story.requestId(),
  });
  if (second.edition === rewound.edition) throw new Error('a return to a checkpoint is a new edition');
  await story.publish({ ghostId, edition: rewound.edition, operations: [increment('/work/steps', 1n)] });
  await context.commit({
    ghostId,
    label: 'the plan',
    isolation: CommitIsolation.SERIALIZABLE,
    requestId: story.requestId(),
    author: 'ghostwriter',
  });
  await expectRefusal('GHOST_OVER', context.commit({ ghostId, requestId: story.requestId() }));
}

async function conflictAndRevert(story: Story): Promise<void> {
  const { context } = story.clients;
  const { id: ghostId, edition } = await story.ghost({ scope: '/work' });
  const staged = await story.publish({ ghostId, edition, operations: [putText('/work/plan', 'mine')] });
  await context.checkpoint({ ghostId, name: 'kept', edition: staged.edition });
  await expectRefusal(
    'CHECKPOINT_EXISTS',
    context.checkpoint({ ghostId, name: 'kept', requestId: story.requestId() }),
  );
  await story.refuse('OUTSIDE_SCOPE', { ghostId, operations: [putText('/elsewhere', 'x')] });
  await story.publish({ operations: [putText('/work/plan', 'theirs')] });
  await expectRefusal(
    'CONFLICT',
    context.commit({ ghostId, edition: staged.edition, requestId: story.requestId() }),
  );
  const { id: child } = await story.ghost({ parentGhostId: ghostId });
  await expectRefusal('GHOST_HAS_CHILDREN', context.commit({ ghostId, requestId: story.requestId() }));
  await story.publish({ ghostId: child, operations: [putText('/work/child', 'goes with its parent')] });
  await context.revert({
    target: { case: 'ghostId', value: ghostId },
    reason: 'theirs is better',
    requestId: story.requestId(),
    author: 'ghostwriter',
  });
}

async function commitIntoParent(story: Story): Promise<void> {
  const { context } = story.clients;
  const parent = await story.ghost({ label: 'parent' });
  const child = await story.ghost({
    parentGhostId: parent.id,
    parentEdition: parent.edition,
    label: 'child',
  });
  await story.publish({
    ghostId: child.id,
    operations: [appendText('/work/log', 'from the child\n'), increment('/work/steps', 5n)],
  });
  await context.commit({ ghostId: child.id, requestId: story.requestId() });
  await context.commit({ ghostId: parent.id });
  const empty = await story.ghost();
  await context.commit({ ghostId: empty.id });
}

async function expire(story: Story): Promise<void> {
  const { id: ghostId } = await story.ghost({ ttl: shortTtl, label: 'left behind' });
  await story.publish({ ghostId, operations: [putText('/work/left', 'behind')] });
  const { context } = story.clients;
  await until('the ghost expires', async () => {
    const { ghost } = await context.getGhost({ ghostId });
    return (ghost?.state ?? 0) !== 1;
  });
}

/** What a snapshot has to describe: bases that differ from the trunk, views that its diffs alone do not give, forgotten attempts. */
async function leaveLiveOnes(story: Story): Promise<void> {
  const { context } = story.clients;
  const old = await story.ghost({ baseRevision: 3n, label: 'on an old revision' });
  await story.publish({
    ghostId: old.id,
    operations: [copy('/work/past', '/values', 2n), putText('/work/old', 'x'), remove('/large/first')],
  });
  await context.checkpoint({ ghostId: old.id, name: 'copied' });
  await story.publish({ ghostId: old.id, operations: [copy('/work/past_text', '/values/text', 1n)] });
  const inner = await story.ghost({ parentGhostId: old.id, label: 'inner', scope: '/work' });
  await story.publish({
    ghostId: inner.id,
    operations: [putText('/work/inner', 'y')],
  });
  const innermost = await story.ghost({ parentGhostId: inner.id, label: 'innermost' });
  const persistent = await story.ghost({ label: 'tried often' });
  const target = { case: 'rewind', value: { ghostId: persistent.id } } as const;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    await story.publish({ ghostId: persistent.id, operations: [putText('/work/try', `${attempt}`)] });
    await context.revert({ target, reason: `attempt ${attempt}` });
  }
  const finished = await story.ghost({ label: 'staged and left' });
  await story.publish({
    ghostId: finished.id,
    label: 'all that a staged diff can hold',
    basis: [{ path: '/work', revision: 1n, extent: BasisExtent.NODE }],
    preconditions: [{ path: '/work/never', condition: { case: 'presence', value: Presence.ABSENT } }],
    operations: [increment('/work/steps', 100n), appendText('/work/log', 'staged\n')],
  });
  for (const [name, ghost] of Object.entries({ old, inner, innermost, persistent, finished })) {
    story.ids.set(`ghost ${name}`, ghost.id);
  }
}
