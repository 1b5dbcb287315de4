/** What goes on in ghosts of an earlier run of the broker, and a snapshot of all that lives. */
import { putText } from '../../support/broker.ts';
import { expectRefusal } from '../story.ts';
import type { Chapter } from '../story.ts';

export const afterCrash: Chapter = {
  name: 'after a crash',
  async tell(story) {
    const { context, forests } = story.clients;
    const ghostId = story.id('ghost finished');
    const change = { ghostId, operations: [putText('/work/later', 'in another run')] };
    await story.refuse('GHOST_INTERRUPTED', change);
    const { ghost } = await context.getGhost({ ghostId });
    await story.publish({ ...change, edition: ghost?.edition ?? 0n });
    await story.publish({ operations: [putText('/work/plan', 'after the crash')] });
    // A compaction writes a snapshot; this one gives up nothing but what came before revision 2.
    await forests.compact({ revision: 2n, requestId: story.requestId() });
    await expectRefusal(
      'REVISION_COMPACTED',
      story.publish({
        requestId: story.requestId(),
        operations: [
          { path: '/none', action: { case: 'copy', value: { sourcePath: '/values', sourceRevision: 1n } } },
        ],
      }),
    );
    await story.publish({ operations: [putText('/work/last', 'behind the snapshot')] });
  },
};
