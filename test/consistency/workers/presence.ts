/** Shows its presence by nodes that go with a lease, and looks at who else is there. */
import { operation } from '../../../clients/typescript/src/index.ts';
import type { Lease, Node, Page } from '../../../clients/typescript/src/index.ts';
import { nodesOf } from './agent.ts';
import type { Agent } from './agent.ts';
import { holds } from './locks.ts';

export async function bePresent(agent: Agent): Promise<void> {
  while (agent.isOpen) {
    await onePresence(agent);
    await agent.sleep(100);
  }
}

async function onePresence(agent: Agent): Promise<void> {
  const ttlMs = 1_000 + agent.below(1_000);
  const granted = await agent.call(
    { type: 'grant', ttlMs },
    () => agent.client.lease({ ttlMs, timeoutMs: agent.timeoutMs() }),
    ({ id }) => ({ givenId: id }),
  );
  const lease = granted.result;
  if (lease === undefined) return;
  await appear(agent, granted.id, lease);
  for (let step = 1 + agent.below(4); step > 0 && !lease.over; step -= 1) {
    await agent.sleep(400);
    await holds(agent, granted.id, () => !lease.over);
  }
  const wants = { type: 'release', tenure: granted.id } as const;
  await agent.call(wants, () => lease.end({ timeoutMs: agent.timeoutMs() }));
}

async function appear(agent: Agent, id: string, lease: Lease): Promise<void> {
  const requestId = agent.token();
  const path = `/presence/${id}`;
  const steps = [{ action: 'put', path, text: requestId }] as const;
  await agent.call(
    { type: 'publish', requestId, steps, lease: id },
    () =>
      agent.client.publish([operation.put(path, requestId, lease)], {
        requestId,
        timeoutMs: agent.timeoutMs(),
      }),
    ({ revision }) => ({ revision }),
  );
}

export async function lookAround(agent: Agent): Promise<void> {
  while (agent.isOpen) {
    await agent.call(
      { type: 'list', path: '/presence' },
      () => firstPage(agent),
      ({ revision, items }) => ({ revision, nodes: nodesOf([], items) }),
    );
    await agent.sleep(250);
  }
}

/** There are never as many as a page holds. */
async function firstPage(agent: Agent): Promise<Page<Node>> {
  const options = { consistency: 'linearizable', timeoutMs: agent.timeoutMs() } as const;
  for await (const page of agent.client.list('/presence', options).pages()) return page;
  throw new Error('a listing without a page');
}
