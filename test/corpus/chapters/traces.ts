/** Publishes, on the trunk and in a ghost, that say which trace they belong to, and one whose trace context is none. */
import { putText } from '../../support/broker.ts';
import type { Chapter } from '../story.ts';

const forest = 'followed';
const traceOf = (span: number): string =>
  `00-0af7651916cd43dd8448eb211c80319c-${String(span).padStart(16, '0')}-01`;

export const traces: Chapter = {
  name: 'traces',
  async tell(story) {
    await story.clients.forests.createForest({ name: forest });
    await story.publish({ forest, operations: [putText('/a', '1')], traceParent: traceOf(1) });
    await story.publish({ forest, operations: [putText('/a', '2')], traceParent: 'none' });
    const { id: ghostId } = await story.ghost({ forest });
    await story.publish({ forest, ghostId, operations: [putText('/b', '3')], traceParent: traceOf(2) });
    // With a snapshot, and something behind it. The other forest gets one too: an entry keeps no empty folders.
    await story.clients.forests.compact({ forest });
    await story.publish({ operations: [putText('/free', '1')] });
    await story.clients.forests.compact({});
    await story.publish({ forest, operations: [putText('/c', '4')], traceParent: traceOf(3) });
  },
};
