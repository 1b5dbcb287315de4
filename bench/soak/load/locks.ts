/** Agents that lock, wait, keep leases and vanish. */
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';

import { DeadlockError, LockedError } from '../../../clients/typescript/src/index.ts';
import { LockMode } from '../../../src/gen/hyperloom/v1/lock_pb.ts';
import { LockService } from '../../../src/gen/hyperloom/v1/lock_service_pb.ts';
import { ttlMs } from './context.ts';
import type { LoadContext } from './context.ts';
import { happens, randomPlan, randomText } from './paths.ts';

const waitMs = 5_000;

function isInTheWay(error: unknown): boolean {
  return error instanceof LockedError || error instanceof DeadlockError;
}

export function startLocks(context: LoadContext): void {
  const { pacer, factor, client, meter, random } = context;
  pacer.start({ name: 'lock', perSecond: 6 * factor, inFlightMax: 100, run: () => workLocked(context) });
  pacer.start({
    name: 'write that waits',
    perSecond: 2 * factor,
    inFlightMax: 50,
    run: async () => {
      const write = () =>
        client.put(`${randomPlan(random)}/note`, randomText(random), { lockWaitMs: waitMs });
      await meter.time('publish that waits for locks', write, isInTheWay);
    },
  });
  pacer.start({ name: 'lease', perSecond: 2 * factor, inFlightMax: 50, run: () => beThere(context) });
  pacer.start({ name: 'lock left behind', perSecond: 0.2 * factor, inFlightMax: 5, run: vanisher(context) });
}

async function workLocked({ client, meter, random }: LoadContext): Promise<void> {
  const first = randomPlan(random);
  const targets = happens(random, 20) ? [...new Set([first, randomPlan(random)])] : [first];
  const mode = happens(random, 25) ? 'shared' : 'exclusive';
  const lock = await meter.time('lock', () => client.lock(targets, { mode, ttlMs, waitMs }), isInTheWay);
  if (lock === undefined) return;
  try {
    if (mode === 'shared') {
      await meter.time('list', () => lock.list(first).all());
      return;
    }
    await meter.time('publish under a lock', () => lock.put(`${first}/goal`, randomText(random)));
    if (happens(random, 30)) {
      await using ghost = await lock.ghost({ ttlMs });
      await ghost.put(`${first}/step`, randomText(random));
      await meter.time('commit under a lock', () => ghost.commit());
    }
  } finally {
    await meter.time('release', async () => lock[Symbol.asyncDispose]());
  }
}

/** Presence: a node that goes with its lease. */
async function beThere({ client, meter, random }: LoadContext): Promise<void> {
  const lease = await meter.time('lease', () => client.lease({ ttlMs }));
  if (lease === undefined) return;
  const path = `/agents/${random.below(1_000)}`;
  await meter.time('publish with a lease', () => client.put(path, 'here', { lease }));
  await meter.time('end of a lease', async () => lease[Symbol.asyncDispose]());
}

/** Locks whose owner is gone: others get them when their lease, and the quiet time after it, is over. */
function vanisher({ address, meter, random }: LoadContext): () => Promise<void> {
  const service = createClient(LockService, createGrpcTransport({ baseUrl: `http://${address}` }));
  return async () => {
    const isQueued = (error: unknown): boolean =>
      error instanceof ConnectError && error.code === Code.Aborted;
    const ask = () =>
      service.acquireLock({
        owner: { case: 'ttl', value: { seconds: 1n } },
        targets: [{ path: randomPlan(random), mode: LockMode.EXCLUSIVE }],
        delay: { seconds: 1n },
        wait: {},
        author: 'vanisher',
      });
    await meter.time('lock left behind', ask, isQueued);
  };
}
