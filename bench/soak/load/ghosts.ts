/** Agents that speculate: ghosts that are committed, reverted, taken back to checkpoints, nested, reviewed, raced, and left behind. */
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';

import { ConflictError, SpeculationFailed, gate, operation } from '../../../clients/typescript/src/index.ts';
import type { Ghost } from '../../../clients/typescript/src/index.ts';
import { ContextService } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import { ttlMs } from './context.ts';
import type { LoadContext } from './context.ts';
import { happens, randomDraft, randomText } from './paths.ts';

const reviewer = 'editor';

function isConflict(error: unknown): boolean {
  return error instanceof ConflictError;
}

export function startGhosts(context: LoadContext): void {
  const { pacer, factor, meter } = context;
  pacer.start({ name: 'ghost', perSecond: 4 * factor, inFlightMax: 50, run: () => speculateByHand(context) });
  pacer.start({
    name: 'ghost left behind',
    perSecond: 0.5 * factor,
    inFlightMax: 20,
    run: leaver(context),
  });
  pacer.start({
    name: 'race',
    perSecond: 0.3 * factor,
    inFlightMax: 10,
    run: async () => {
      await meter.time('race', () => race(context));
    },
  });
  pacer.start({
    name: 'reviewed ghost',
    perSecond: 0.5 * factor,
    inFlightMax: 20,
    run: async () => {
      const isGivenUp = (error: unknown): boolean => error instanceof SpeculationFailed;
      await meter.time('reviewed ghost', () => reviewed(context), isGivenUp);
    },
  });
}

/** Approves most of what it is asked for, until the load ends. */
export async function review({ client, meter, random, close }: LoadContext): Promise<void> {
  const reviews = client.as({ author: reviewer }).review(reviewer);
  try {
    for await (const review of reviews.requested({ signal: close })) {
      const isGood = happens(random, 80);
      const decide = isGood ? reviews.approve(review, 'good') : reviews.reject(review, 'not yet');
      await meter.time('review', () => decide);
    }
  } catch (error) {
    if (!close.aborted) throw error;
  }
}

async function speculateByHand({ client, meter, random }: LoadContext): Promise<void> {
  const scope = randomDraft(random);
  const ghost = await meter.time('begin ghost', () => client.ghost({ scope, ttlMs, label: 'draft' }));
  if (ghost === undefined) return;
  const stage = (name: string): Promise<unknown> =>
    meter.time('stage', () =>
      ghost.publish([
        operation.put(`${scope}/${name}`, randomText(random)),
        operation.append(`${scope}/log`, ['step']),
      ]),
    );
  await stage('plan');
  await meter.time('checkpoint', () => ghost.checkpoint('planned'));
  await stage(`step_${random.below(10)}`);
  if (happens(random, 30)) await meter.time('rewind', () => ghost.rewind({ reason: 'not good enough' }));
  if (happens(random, 20)) await nest(ghost, scope);
  await meter.time('get in a ghost', () => ghost.get(`${scope}/plan`));
  // The lists that commits append to begin anew now and then.
  if (happens(random, 10)) await ghost.put(`${scope}/log`, []);
  if (happens(random, 25)) {
    await meter.time('revert', () => ghost.revert('it was a guess'));
    return;
  }
  const committed = await meter.time('commit', () => ghost.commit(), isConflict);
  if (committed === undefined) await meter.time('revert', () => ghost.revert('conflict'));
}

async function nest(ghost: Ghost, scope: string): Promise<void> {
  await using child = await ghost.ghost({ ttlMs });
  await child.put(`${scope}/aside`, 'tried in a ghost of the ghost');
  await child.commit();
}

/** Ghosts whose owner is gone: they have to end by themselves. */
function leaver({ address, meter, random }: LoadContext): () => Promise<void> {
  const service = createClient(ContextService, createGrpcTransport({ baseUrl: `http://${address}` }));
  return async () => {
    const { ghost } = await service.beginGhost({ ttl: { seconds: 5n }, author: 'leaver' });
    const put = { case: 'put', value: { kind: { case: 'text', value: randomText(random) } } } as const;
    const operations = [{ path: `${randomDraft(random)}/left`, action: put }];
    const ghostId = ghost?.id ?? '';
    const isOver = (error: unknown): boolean =>
      error instanceof ConnectError && error.code === Code.FailedPrecondition;
    const publish = () => service.publish({ ghostId, operations, edition: ghost?.edition ?? 0n });
    await meter.time('stage', publish, isOver);
  };
}

async function race({ client, random }: LoadContext): Promise<void> {
  // Away from the drafts that others work on: the winner has no conflict, and so there is one.
  const scope = `/races/${random.below(1_000)}`;
  const work = (ghost: Ghost): Promise<unknown> => ghost.put(`${scope}/answer`, randomText(random));
  await client.race([{ work }, { work }], { ttlMs, attemptsMax: 8 });
}

async function reviewed({ client, random }: LoadContext): Promise<void> {
  const path = `/reports/${random.below(20)}`;
  await client.speculate({
    gates: [gate.review(reviewer), gate.limit({ patterns: ['/reports/**'], operationsMax: 10 })],
    ttlMs,
    retries: 4,
    work: (ghost) => ghost.put(path, randomText(random)),
  });
}
