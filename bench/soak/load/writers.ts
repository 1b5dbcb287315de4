/** Agents that publish: on one pipelined stream, and with a call each. */
import { createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';

import { NotFoundError, operation } from '../../../clients/typescript/src/index.ts';
import type { Operation } from '../../../clients/typescript/src/index.ts';
import { ContextService } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { Random } from '../../../src/base/random.ts';
import type { LoadContext } from './context.ts';
import { happens, randomNote, randomSession, randomText, totalPath } from './paths.ts';

const mergedKeys = 20;

export function startWriters(context: LoadContext): void {
  const { pacer, factor } = context;
  pacer.start({
    name: 'publish on a stream',
    perSecond: 300 * factor,
    inFlightMax: 2_000,
    run: () => publish(context),
  });
  pacer.start({ name: 'count', perSecond: 20 * factor, inFlightMax: 200, run: () => count(context) });
  const transport = createGrpcTransport({ baseUrl: `http://${context.address}` });
  const service = createClient(ContextService, transport);
  const unary = async (): Promise<void> => {
    const put = {
      case: 'put',
      value: { kind: { case: 'text', value: randomText(context.random) } },
    } as const;
    const request = { operations: [{ path: randomNote(context.random), action: put }], author: 'caller' };
    await context.meter.time('publish unary', () => service.publish(request));
  };
  pacer.start({ name: 'publish unary', perSecond: 50 * factor, inFlightMax: 100, run: unary });
}

async function publish({ client, meter, random }: LoadContext): Promise<void> {
  // A session that was deleted is nothing to copy.
  const isGone = (error: unknown): boolean => error instanceof NotFoundError;
  await meter.time('publish stream', () => client.publish(randomOperations(random)), isGone);
}

async function count({ client, meter, totals }: LoadContext): Promise<void> {
  const path = totalPath(client.author);
  await meter.time('publish stream', () => client.increment(path));
  totals.set(path, (totals.get(path) ?? 0) + 1);
}

function randomOperations(random: Random): Operation[] {
  const session = randomSession(random);
  const kind = random.below(1_000);
  if (kind < 600) return [operation.put(randomNote(random), randomText(random))];
  // Now and then a log begins anew, so that it stays short.
  if (kind < 610) return [operation.put(`${session}/log`, '')];
  if (kind < 760) return [operation.append(`${session}/log`, randomText(random))];
  if (kind < 860)
    return [
      operation.merge(`${session}/state`, { [`key_${random.below(mergedKeys)}`]: random.below(1_000) }),
    ];
  if (kind < 930) return [operation.increment(`${session}/steps`)];
  if (kind < 935) return [operation.delete(session)];
  if (kind < 940) return [operation.copy(session, `/archive/${random.below(10)}`)];
  if (kind < 945) return [operation.delete(`/archive/${random.below(10)}`)];
  const many = 2 + random.below(12);
  return Array.from({ length: many }, () =>
    happens(random, 5)
      ? operation.delete(randomNote(random), 'node')
      : operation.put(randomNote(random), { text: randomText(random), rank: random.below(100) }),
  );
}
