/** Revisions taken back with what was derived from them, and alone; ghosts that have read it, in one of them on from another. */
import { Cascade } from '../../../src/gen/hyperloom/v1/cascade_pb.ts';
import { LockMode } from '../../../src/gen/hyperloom/v1/lock_pb.ts';
import { BasisExtent } from '../../../src/gen/hyperloom/v1/operation_pb.ts';
import { putText } from '../../support/broker.ts';
import { expectRefusal, longTtl } from '../story.ts';
import type { Chapter } from '../story.ts';

const forest = 'misled';
const read = (path: string, revision: bigint, extent: BasisExtent = BasisExtent.NODE) => ({
  path,
  revision,
  extent,
});
const target = (value: bigint) => ({ case: 'revision' as const, value });

export const cascades: Chapter = {
  name: 'cascades',
  async tell(story) {
    const { clients } = story;
    const { context } = clients;
    await clients.forests.createForest({ name: forest });
    const publish = (path: string, ...basis: ReturnType<typeof read>[]) =>
      story.publish({ forest, operations: [putText(path, 'x')], label: `writes ${path}`, basis });
    const { revision: wrong } = await publish('/s/fact');
    const { revision: claim } = await publish('/s/claim', read('/s/fact', wrong));
    await publish('/s/fact/child');
    const ghost = await story.ghost({ forest });
    const ghostId = ghost.id;
    await context.publish({
      forest,
      ghostId,
      author: 'dreamer',
      operations: [putText('/s/draft', 'x')],
      basis: [read('/s/claim', claim), read('/s', claim, BasisExtent.SUBTREE)],
    });
    const inGhost = { ...read('/s/draft', claim), ghostId, sequence: 1n };
    await context.publish({ forest, ghostId, operations: [putText('/s/end', 'x')], basis: [inGhost] });
    await context.publish({ forest, ghostId, operations: [putText('/s/own', 'x')] });
    const { lock } = await clients.locks.acquireLock({
      forest,
      targets: [{ path: '/s/claim', mode: LockMode.EXCLUSIVE }],
      owner: { case: 'ttl', value: longTtl },
    });
    const requestId = story.requestId();
    const { revision } = await context.revert({
      forest,
      target: target(wrong),
      cascade: Cascade.ALL,
      reason: 'made up',
      requestId,
      author: 'judge',
      fencingTokens: [lock?.fencingToken ?? 0n],
    });
    await expectRefusal('BASIS_REVERTED', context.commit({ forest, ghostId, requestId: story.requestId() }));
    story.ids.set('ghost misled', ghostId);
    await alone(story);
    const other = await story.ghost({ forest });
    await story.publish({ forest, ghostId: other.id, operations: [putText('/t', 'x')] });
    const basis = [read('/s/fact', revision)];
    await context.commit({ forest, ghostId: other.id, basis });
    // With a snapshot, and something behind it. The other forest gets one too: an entry keeps no empty folders.
    await clients.forests.compact({ forest });
    await publish('/s/last');
    await story.publish({ operations: [putText('/free', 'x')] });
    await clients.forests.compact({});
  },
};

/** Taken back alone; what was made from it stays. */
const alone: Chapter['tell'] = async (story) => {
  const { context } = story.clients;
  const { revision } = await story.publish({ forest, operations: [putText('/alone', 'x')] });
  await story.publish({ forest, operations: [putText('/of/it', 'x')], basis: [read('/alone', revision)] });
  await context.revert({ forest, target: target(revision), requestId: story.requestId() });
};
