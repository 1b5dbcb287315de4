/** Serializable commits that are judged by the views in which their ghosts had read: those that pass, and those that are refused. */
import { CommitIsolation } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import { BasisExtent } from '../../../src/gen/hyperloom/v1/operation_pb.ts';
import { putText } from '../../support/broker.ts';
import { expectRefusal } from '../story.ts';
import type { Chapter } from '../story.ts';

const forest = 'read';
const isolation = CommitIsolation.SERIALIZABLE;

export const reads: Chapter = {
  name: 'reads',
  async tell(story) {
    const { context, forests } = story.clients;
    await forests.createForest({ name: forest });
    await story.publish({ forest, operations: [putText('/a', '1'), putText('/dir/a', '1')] });
    // Of an inbox that is empty, and of a node without a value: by revisions alone it would be refused.
    const outer = await story.ghost({ forest });
    const first = { revision: 1n, ghostId: outer.id };
    const basis = [
      { ...first, path: '/inbox', extent: BasisExtent.SUBTREE },
      { ...first, path: '/dir', extent: BasisExtent.NODE },
    ];
    await story.publish({ forest, ghostId: outer.id, operations: [putText('/b', '1')], basis });
    // In a ghost in it, where its parent changes what was read: by revisions alone it would pass.
    const inner = await story.ghost({ forest, parentGhostId: outer.id });
    const staged = { path: '/b', revision: 1n, ghostId: inner.id, sequence: 1n };
    await story.publish({ forest, ghostId: inner.id, operations: [putText('/c', '1')], basis: [staged] });
    await story.publish({ forest, ghostId: outer.id, operations: [putText('/b', '2')] });
    const requestId = story.requestId();
    await expectRefusal('CONFLICT', context.commit({ forest, ghostId: inner.id, isolation, requestId }));
    await context.revert({ forest, target: { case: 'ghostId', value: inner.id }, reason: 'late' });
    // With a snapshot, and something behind it. The other forest gets one too: an entry keeps no empty folders.
    await forests.compact({ forest });
    await story.publish({ operations: [putText('/free', '1')] });
    await forests.compact({});
    await context.commit({ forest, ghostId: outer.id, isolation, requestId: story.requestId() });
  },
};
