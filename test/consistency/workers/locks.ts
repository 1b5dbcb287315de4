/**
 * Works under locks: acquires, writes with the fencing token, asks the client whether it still holds, releases; and writes with the
 * token of a lock that it has given back. The intruder writes to the same places without one.
 */
import type { Lock } from '../../../clients/typescript/src/index.ts';
import { NotHeld } from './agent.ts';
import type { Agent } from './agent.ts';
import { putPair, readNodes, write } from './writing.ts';

const places = 2;

export async function workUnderLocks(agent: Agent): Promise<void> {
  while (agent.isOpen) {
    await oneTenure(agent);
    await agent.sleep(50);
  }
}

async function oneTenure(agent: Agent): Promise<void> {
  const path = `/lock/${agent.below(places)}`;
  const ttlMs = 1_000 + agent.below(1_000);
  const acquired = await agent.call(
    { type: 'acquire', path, ttlMs },
    () => agent.client.lock(path, { ttlMs, waitMs: 200 + agent.below(2_000), timeoutMs: agent.timeoutMs() }),
    ({ fencingToken, lease }) => ({ token: fencingToken, givenId: lease.id }),
  );
  const lock = acquired.result;
  if (lock === undefined) return;
  for (let step = 2 + agent.below(6); step > 0 && lock.held; step -= 1) {
    await holds(agent, acquired.id, () => lock.held);
    await writeUnder(agent, acquired.id, lock);
    await agent.sleep(60);
  }
  await holds(agent, acquired.id, () => lock.held);
  const wants = { type: 'release', tenure: acquired.id } as const;
  await agent.call(wants, () => lock.release({ timeoutMs: agent.timeoutMs() }));
  if (agent.below(3) === 0) await writeUnder(agent, acquired.id, lock);
}

/** The token goes along as if it had come from elsewhere, so that it is the broker that refuses it and not this client. */
async function writeUnder(agent: Agent, tenure: string, lock: Lock): Promise<void> {
  const steps = putPair(lock.info.targets[0]?.path ?? '', agent.token());
  await write(agent, steps, { tenure }, { fencingTokens: [lock.fencingToken] });
}

/** Records whether the client says that it holds a lock or a lease. What is true after a moment was true at it. */
export async function holds(agent: Agent, tenure: string, isHeld: () => boolean): Promise<void> {
  await agent.call({ type: 'holds', tenure }, async () => {
    if (!isHeld()) throw new NotHeld();
  });
}

export async function intrude(agent: Agent): Promise<void> {
  while (agent.isOpen) {
    const path = `/lock/${agent.below(places)}`;
    await write(agent, putPair(path, agent.token()), {}, { lockWaitMs: agent.below(3) * 150 });
    await readNodes(agent, [`${path}/a`, `${path}/b`], 'linearizable', 0);
    await agent.sleep(80);
  }
}
