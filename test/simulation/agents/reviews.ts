/**
 * Work that somebody must approve: petitioners stage it in ghosts with a gate and wait at the commit, the critic looks at what
 * is asked of it and decides.
 */
import type { PendingReview } from '../../../src/gen/hyperloom/v1/review_service_pb.ts';
import { ReviewDecision, ReviewService } from '../../../src/gen/hyperloom/v1/review_service_pb.ts';
import { ContextService } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import { CallFailure } from '../call.ts';
import type { Client } from '../client.ts';
import { textOf } from '../model.ts';
import { putText } from '../requests.ts';
import { GhostSession, untilRefused } from './ghost-session.ts';
import { untilItLeaves } from './subscriber.ts';

const reviewer = 'critic';
const operationsMax = 6;

export async function petition(client: Client): Promise<void> {
  while (client.isOpen) {
    await untilRefused(client, ['CONFLICT', 'REVIEW_OUTDATED', 'GATE_LIMIT'], () => onePetition(client));
    await client.sleep(30);
  }
}

async function onePetition(client: Client): Promise<void> {
  const limit = { patterns: ['/r/**'], operationsMax: BigInt(operationsMax), bytesMax: 0n };
  const gates = [
    { kind: { case: 'review' as const, value: { reviewer } } },
    { kind: { case: 'limit' as const, value: limit } },
  ];
  const session = await GhostSession.begin(client, { gates }, `/r/${client.name}`);
  if (client.below(4) === 0) await trespass(client, session);
  await session.stage();
  if (client.below(2) === 0) await session.checkpoint();
  for (let more = client.below(3); more > 0; more -= 1) await session.stage();
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const refusal = await session.commit({ timeoutMs: 400, attemptsMax: 4 });
    if (refusal !== 'REVIEW_REJECTED') return;
    session.wasRejected();
    await session.stage();
  }
}

/** Its gate lets it touch nothing else. */
async function trespass(client: Client, session: GhostSession): Promise<void> {
  const operations = [putText('/p/0/a', client.token())];
  const request = { ghostId: session.ghostId, operations, requestId: `trespass ${client.token()}` };
  try {
    await client.call(ContextService.method.publish, request);
    client.expect('isolated', false, () => `ghost ${session.ghostId} staged what its gate forbids`);
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error;
    const isRefused =
      error.isUnknown || error.reason === 'GATE_LIMIT' || error.reason === 'GHOST_INTERRUPTED';
    const isOver = error.reason === 'GHOST_OVER' || error.reason === 'GHOST_NOT_FOUND';
    client.expect('isolated', isRefused || isOver, () => `a gate said ${error.reason}`);
  }
}

export async function review(client: Client): Promise<void> {
  while (client.isOpen) {
    const failure = await attend(client);
    const what = (): string => `a reviewer's stream ended with ${failure?.code} ${failure?.reason}`;
    client.expect('subscriptions', failure === null || failure.isUnknown, what);
    await client.sleep(20);
  }
}

function attend(client: Client): Promise<CallFailure | null> {
  return new Promise((resolve) => {
    const stream = client.stream(
      ReviewService.method.subscribeReviews,
      { reviewer },
      {
        message({ message }) {
          // Now and then it does not answer, and the ghost ends with its time.
          if (message.case === 'requested' && client.below(8) !== 0) void decide(client, message.value);
        },
        end: resolve,
      },
    );
    untilItLeaves(client, () => {
      stream.cancel();
      resolve(null);
    });
  });
}

/** Looks at the ghost, and decides about the edition that it was asked about. */
async function decide(client: Client, { ghost, edition }: PendingReview): Promise<void> {
  const ghostId = ghost?.id ?? '';
  const place = `/r/${ghost?.author ?? ''}`;
  await client.sleep(20);
  await untilRefused(client, ['REVIEW_OUTDATED', 'REVIEWER_NOT_FOUND', 'CONFLICT'], async () => {
    const { nodes } = await client.ask(ContextService.method.batchGet, {
      paths: [`${place}/a`, `${place}/b`],
      view: { ghostId },
    });
    const seen = nodes.map(({ value }) => textOf(value));
    const isApproved = client.below(3) !== 0;
    // From when it is asked for: the answer may be lost, and the commit happen all the same.
    if (isApproved) client.history.approvals.push({ ghostId, seen });
    await client.ask(ReviewService.method.review, {
      ghostId,
      reviewer,
      edition,
      decision: isApproved ? ReviewDecision.APPROVE : ReviewDecision.REJECT,
      reason: 'looked at it',
      author: client.name,
      requestId: `review ${client.token()}`,
    });
  });
}
