/** Other forests: compacted, restored, deleted; and history that is taken back. */
import { putText, remove } from '../../support/broker.ts';
import { expectRefusal } from '../story.ts';
import type { Chapter, Story } from '../story.ts';

/** Some of these fill the first segments, which compaction then frees. */
const large = 'The second one cites the first. '.repeat(10_000);

export const forests: Chapter = {
  name: 'forests',
  async tell(story) {
    await takeBack(story);
    await compactAnother(story);
    await comeAndGo(story);
  },
};

async function takeBack(story: Story): Promise<void> {
  const { context } = story.clients;
  const { revision } = await story.publish({
    operations: [putText('/taken/back', 'x'), putText('/taken/too', 'y')],
  });
  const target = { case: 'revision', value: revision } as const;
  await context.revert({ target, reason: 'a mistake', requestId: story.requestId(), author: 'author' });
  const again = await story.publish({ operations: [putText('/taken/back', 'x')] });
  await story.publish({ operations: [putText('/taken/back', 'built on it')] });
  const built = { case: 'revision', value: again.revision } as const;
  await expectRefusal('CONFLICT', context.revert({ target: built, requestId: story.requestId() }));
}

async function compactAnother(story: Story): Promise<void> {
  const { forests } = story.clients;
  const forest = 'team-2';
  await forests.createForest({ name: forest, requestId: story.requestId() });
  for (let index = 0; index < 8; index += 1) {
    await story.publish({ forest, operations: [putText(`/large/${index % 2}`, `${index} ${large}`)] });
  }
  await story.publish({ forest, operations: [putText('/small', 'after'), remove('/large/1')] });
  await forests.compact({ forest, requestId: story.requestId() });
  await expectRefusal(
    'REVISION_IN_FUTURE',
    forests.compact({ forest, revision: 99n, requestId: story.requestId() }),
  );
  await story.publish({ forest, operations: [putText('/small', 'behind the compaction')] });
  // Segments go with the second: the first one's snapshot is of a later position than the oldest revision's.
  await forests.compact({ forest });
  await story.publish({ forest, operations: [putText('/small', 'behind that one as well')] });
}

async function comeAndGo(story: Story): Promise<void> {
  const { forests } = story.clients;
  await forests.createForest({ name: 'gone', requestId: story.requestId() });
  await forests.deleteForest({ name: 'gone', requestId: story.requestId() });
  await expectRefusal(
    'FOREST_NOT_FOUND',
    forests.deleteForest({ name: 'gone', requestId: story.requestId() }),
  );
  await expectRefusal(
    'FOREST_EXISTS',
    forests.createForest({ name: 'team-2', requestId: story.requestId() }),
  );
  const chunks: Uint8Array[] = [];
  for await (const { chunk } of forests.backup({ forest: 'team-2' })) chunks.push(chunk);
  const requestId = story.requestId();
  async function* upload(): AsyncGenerator<{ forest?: string; requestId?: string; chunk?: Uint8Array }> {
    yield { forest: 'restored', requestId };
    for (const chunk of chunks) yield { chunk };
  }
  await forests.restore(upload());
  await story.publish({ forest: 'restored', operations: [putText('/small', 'restored, and written to')] });
}
