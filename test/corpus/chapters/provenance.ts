/** What was read in ghosts: by their own agents and by others, in a publish, in what is staged, and in what was committed. */
import { putText } from '../../support/broker.ts';
import type { Chapter } from '../story.ts';

const forest = 'traced';

export const provenance: Chapter = {
  name: 'provenance',
  async tell(story) {
    const { clients } = story;
    await clients.forests.createForest({ name: forest });
    await story.publish({ forest, operations: [putText('/a', '1')] });
    for (const isCommitted of [true, false]) {
      const { id: ghostId } = await story.ghost({ forest });
      const own = { path: '/a', revision: 1n, ghostId };
      await story.publish({ forest, ghostId, operations: [putText('/b', '2')], basis: [own] });
      const staged = { path: '/b', revision: 1n, ghostId, sequence: 1n };
      await story.publish({ forest, ghostId, operations: [putText('/c', '3')], basis: [staged] });
      await story.publish({ forest, operations: [putText('/d', '4')], basis: [own, staged] });
      if (isCommitted) await clients.context.commit({ forest, ghostId });
      story.ids.set(isCommitted ? 'ghost committed' : 'ghost staged', ghostId);
    }
    // With a snapshot, and something behind it. The other forest gets one too: an entry keeps no empty folders.
    await clients.forests.compact({ forest });
    await story.publish({ operations: [putText('/free', '1')] });
    await clients.forests.compact({});
    const { id: ghostId } = await story.ghost({ forest });
    const late = { path: '/b', revision: 4n, ghostId };
    await story.publish({ forest, ghostId, operations: [putText('/e', '5')], basis: [late] });
  },
};
