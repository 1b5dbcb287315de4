/** Gates, reviews and races, decided and open. */
import { ReviewDecision } from '../../../src/gen/hyperloom/v1/review_service_pb.ts';
import { putText } from '../../support/broker.ts';
import { expectRefusal, until } from '../story.ts';
import type { Chapter, Story } from '../story.ts';

const review = (reviewer: string) => ({ kind: { case: 'review', value: { reviewer } } }) as const;
const limit = {
  kind: { case: 'limit' as const, value: { patterns: ['/gated/**'], operationsMax: 2n, bytesMax: 10_000n } },
};

export const gates: Chapter = {
  name: 'gates',
  async tell(story) {
    await passGates(story);
    await race(story);
    await leavePending(story);
  },
};

async function passGates(story: Story): Promise<void> {
  const { context, reviews } = story.clients;
  const { id: ghostId } = await story.ghost({ gates: [limit, review('editor'), review('owner')] });
  await story.publish({ ghostId, operations: [putText('/gated/text', 'draft')] });
  await story.refuse('GATE_LIMIT', { ghostId, operations: [putText('/elsewhere', 'x')] });
  const decide = async (reviewer: string, decision: ReviewDecision, reason: string): Promise<void> => {
    const edition = await pendingEdition(story, ghostId, reviewer);
    const requestId = story.requestId();
    await reviews.review({
      ghostId,
      reviewer,
      edition,
      decision,
      reason,
      author: `as ${reviewer}`,
      requestId,
    });
  };
  const rejected = context.commit({ ghostId, requestId: story.requestId(), author: 'ghostwriter' });
  const refused = expectRefusal('REVIEW_REJECTED', rejected);
  await decide('editor', ReviewDecision.REJECT, 'too short');
  await refused;
  await story.publish({ ghostId, operations: [putText('/gated/text', 'a longer draft')] });
  const committed = context.commit({ ghostId, label: 'reviewed', requestId: story.requestId() });
  await decide('editor', ReviewDecision.APPROVE, 'good');
  await expectRefusal(
    'REVIEW_OUTDATED',
    reviews.review({
      ghostId,
      reviewer: 'owner',
      edition: 1n,
      decision: ReviewDecision.APPROVE,
      requestId: story.requestId(),
    }),
  );
  await expectRefusal(
    'REVIEWER_NOT_FOUND',
    reviews.review({
      ghostId,
      reviewer: 'nobody',
      edition: 1n,
      decision: ReviewDecision.APPROVE,
      requestId: story.requestId(),
    }),
  );
  await decide('owner', ReviewDecision.APPROVE, 'mine');
  await committed;
}

/** Which state of the ghost the reviewer is asked about. */
async function pendingEdition(story: Story, ghostId: string, reviewer: string): Promise<bigint> {
  let edition = 0n;
  await until('a review is asked for', async () => {
    const { reviews } = await story.clients.reviews.listReviews({ reviewer });
    edition = reviews.find(({ ghost }) => ghost?.id === ghostId)?.edition ?? 0n;
    return edition !== 0n;
  });
  return edition;
}

async function race(story: Story): Promise<void> {
  const { context } = story.clients;
  const of = { id: 'a race', attemptsMax: 3 };
  const [first, second] = [await story.ghost({ race: of }), await story.ghost({ race: of })];
  const target = { case: 'rewind', value: { ghostId: second.id } } as const;
  await context.revert({ target, reason: 'not good' });
  const begin = { ttl: { seconds: 60n }, race: { id: 'a race' } };
  await expectRefusal('RACE_EXHAUSTED', context.beginGhost({ ...begin, requestId: story.requestId() }));
  await story.publish({ ghostId: first.id, operations: [putText('/raced', 'by the first')] });
  await context.commit({ ghostId: first.id });
  await expectRefusal('GHOST_OVER', context.commit({ ghostId: second.id, requestId: story.requestId() }));
  await expectRefusal('RACE_OVER', context.beginGhost({ ...begin, requestId: story.requestId() }));
}

/** One reviewer of two has approved; and a race is open. */
async function leavePending(story: Story): Promise<void> {
  const { context, reviews } = story.clients;
  const { id: ghostId } = await story.ghost({
    gates: [limit, review('editor'), review('owner')],
    race: { id: 'an open race', attemptsMax: 5 },
    label: 'waits for its owner',
  });
  await story.publish({ ghostId, operations: [putText('/gated/pending', 'to be decided')] });
  story.leave(
    context.commit({ ghostId, label: 'pending', requestId: story.requestId(), author: 'ghostwriter' }),
  );
  const edition = await pendingEdition(story, ghostId, 'editor');
  const decision = ReviewDecision.APPROVE;
  await reviews.review({
    ghostId,
    reviewer: 'editor',
    edition,
    decision,
    reason: 'fine',
    author: 'as editor',
  });
  story.ids.set('ghost pending', ghostId);
}
