/**
 * Goal: what the broker is tuned for is not what it needs: it works on a machine with one core, and with the young generation that Node
 * chooses. Method: the whole way of agents through a broker process so started: publishes in flight, a subscriber, ghosts, a kill -9.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connect, type Client } from '../../clients/typescript/src/index.ts';
import { BrokerProcess, type Launch } from '../support/broker-process.ts';

const agents = 20;
const notes = 100;

/** Every agent appends its notes to a log that all share, and counts them. */
async function work(client: Client): Promise<void> {
  const publishes = Array.from({ length: agents * notes }, async (_, index) => {
    const agent = client.as({ author: `agent_${index % agents}` });
    await agent.append('/session_1/log', `${index}\n`);
    await agent.increment(`/session_1/count/${index % agents}`, 1);
  });
  await Promise.all(publishes);
}

/** How many events of the log a subscriber is told of, up to a revision. */
async function told(client: Client, revision: number): Promise<number> {
  let events = 0;
  const start = { afterRevision: 0 };
  for await (const event of client.subscribe(['/session_1/log', '/session_1/answer'], { start }).events()) {
    if (event.revision >= revision) return events;
    events += 1;
  }
  throw new Error('the subscription ended');
}

test.each<[string, Launch]>([
  ['one core', { before: ['taskset', '-c', '0'] }],
  ['the young generation that Node chooses', { nodeArguments: ['--max-semi-space-size=16'] }],
])('agents work, and a kill loses nothing, with %s', async (_name, launch) => {
  const folder = await mkdtemp(join(tmpdir(), 'hyperloom-sizes-'));
  const broker = new BrokerProcess(folder, [], launch);
  await broker.start();
  await using client = connect(broker.address, { author: 'planner' });
  await work(client);
  const ghost = await client.ghost({ scope: '/session_1' });
  await ghost.put('/session_1/answer', 'wrong');
  await ghost.revert('refused');
  const { revision } = await client.put('/session_1/answer', 'right');
  const { stateHash } = await client.status({ stateHash: true });
  await broker.stop('SIGKILL');
  await broker.start();
  expect((await client.status({ stateHash: true })).stateHash).toBe(stateHash);
  const { value } = await client.get('/session_1/log');
  const log = typeof value === 'string' ? value.trimEnd().split('\n').map(Number) : [];
  expect(log.toSorted((a, b) => a - b)).toEqual(Array.from({ length: agents * notes }, (_, index) => index));
  expect(await told(client, revision)).toBe(agents * notes);
  await broker.stop('SIGTERM');
  await rm(folder, { recursive: true });
});
