/** Nodes of a lease that are written again, by publishes and by the commit of a ghost. */
import { create } from '@bufbuild/protobuf';
import { OperationSchema } from '../../../src/gen/hyperloom/v1/operation_pb.ts';
import type { Operation } from '../../../src/gen/hyperloom/v1/operation_pb.ts';
import { putText } from '../../support/broker.ts';
import type { Chapter } from '../story.ts';

const forest = 'binding';

function bound(path: string, leaseId: string, text: string): Operation {
  const action = { case: 'put', value: { kind: { case: 'text', value: text } } } as const;
  return create(OperationSchema, { path, leaseId, action });
}

export const bindings: Chapter = {
  name: 'bindings',
  async tell(story) {
    const { context, forests } = story.clients;
    await forests.createForest({ name: forest });
    const { id } = await story.lease({ forest, label: 'written again' });
    const both = (text: string): Operation[] => [bound('/a', id, text), bound('/b', id, text)];
    await story.publish({ forest, operations: both('1') });
    await story.publish({ forest, operations: [...both('2'), ...both('3')] });
    // With a snapshot, and something behind it. The other forest gets one too: an entry keeps no empty folders.
    await forests.compact({ forest });
    await story.publish({ operations: [putText('/free', '1')] });
    await forests.compact({});
    const ghost = await story.ghost({ forest });
    await story.publish({ forest, ghostId: ghost.id, operations: [...both('4'), bound('/c', id, '4')] });
    await context.commit({ forest, ghostId: ghost.id, requestId: story.requestId() });
    await story.publish({ forest, operations: both('5') });
  },
};
