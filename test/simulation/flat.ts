/**
 * 8: beginning, reading and reverting a ghost cost the same however much there is. Time says little on a busy machine, so work is
 * counted: V8 tells how often each block of the broker's source ran.
 */
import { ContextService } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { Client } from './client.ts';
import { takeCount } from './count.ts';
import { putText } from './requests.ts';

const { method } = ContextService;

/** So many nodes more, so many diffs staged, so many ghosts around it. */
const nodesMore = 2_000;
const stagedMore = 300;
const depthMore = 20;
/** Timers run in between, now and then. */
const timesMeasured = 3;
/** The trie grows by a level or two on the way, and a deeper one takes some more steps: in times, or in blocks that ran. */
const timesMax = 1.5;
const blocksMax = 60;

/** Counts work before and after everything has grown. Only where the process counts: see `count.ts`. */
export async function measureFlatness(client: Client): Promise<void> {
  await grow(client, 0, 50);
  const small = await workOf(() => beginReadRevert(client, { staged: 1, depth: 0 }));
  await grow(client, 50, nodesMore);
  const cases = [
    ['with more nodes', { staged: 1, depth: 0 }],
    ['with more staged', { staged: stagedMore, depth: 0 }],
    ['deeper in ghosts', { staged: 1, depth: depthMore }],
  ] as const;
  for (const [name, size] of cases) {
    const large = await workOf(() => beginReadRevert(client, size));
    for (const [index, what] of ['begin', 'read', 'revert'].entries()) {
      const [one, other] = [small[index] ?? 0, large[index] ?? 0];
      const isFlat = other <= one * timesMax || other <= one + blocksMax;
      client.expect('flat', isFlat, () => `to ${what} a ghost takes ${one} steps, and ${other} ${name}`);
    }
  }
}

async function grow(client: Client, from: number, to: number): Promise<void> {
  const operations = Array.from({ length: to - from }, (_, index) =>
    putText(`/flat/${(from + index) % 50}/${from + index}`, `value ${index}`),
  );
  await client.ask(method.publish, { operations, requestId: `flat ${from}` }, 5_000);
  // A snapshot of all of it is written meanwhile, which is work as well.
  await client.sleepFor(1_000);
}

/** The work of each step, in blocks of the broker's source that ran: the least of a few times, for timers run in between. */
async function workOf(steps: () => AsyncGenerator<() => Promise<unknown>>): Promise<readonly number[]> {
  const broker = /\/src\/(state|trie|sequencer)\//;
  let least: readonly number[] = [];
  for (let time = 0; time < timesMeasured; time += 1) {
    const counts: number[] = [];
    for await (const step of steps()) {
      await takeCount(broker);
      await step();
      counts.push(await takeCount(broker));
    }
    const before = least;
    least = counts.map((count, index) => Math.min(count, before[index] ?? Infinity));
  }
  return least;
}

/** Begins a ghost, reads in it and reverts it, at some size. What is yielded is what is counted. */
async function* beginReadRevert(
  client: Client,
  size: { readonly staged: number; readonly depth: number },
): AsyncGenerator<() => Promise<unknown>> {
  const ttl = { seconds: 60n, nanos: 0 };
  let parentGhostId = '';
  const outermost: string[] = [];
  for (let depth = 0; depth < size.depth; depth += 1) {
    const { ghost } = await client.ask(method.beginGhost, { ttl, parentGhostId });
    parentGhostId = ghost?.id ?? '';
    if (depth === 0) outermost.push(parentGhostId);
  }
  let ghostId = '';
  yield async () => {
    ghostId = (await client.ask(method.beginGhost, { ttl, parentGhostId })).ghost?.id ?? '';
  };
  for (let staged = 0; staged < size.staged; staged += 1) {
    const operations = [putText(`/flat/staged/${staged}`, `staged ${staged}`)];
    await client.ask(method.publish, { ghostId, operations });
  }
  yield () => client.ask(method.get, { path: '/flat/staged/0', view: { ghostId } });
  yield () => client.ask(method.revert, { target: { case: 'ghostId', value: ghostId }, reason: 'measured' });
  for (const outer of outermost)
    await client.ask(method.revert, { target: { case: 'ghostId', value: outer }, reason: 'measured' });
}
