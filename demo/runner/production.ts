/** The play itself: a brief, five agents, a crash of the broker in the middle, a go, and the final notes. */
import { operation, type Client } from '../../clients/typescript/src/index.ts';
import { Desk, type Report } from '../agents/desk.ts';
import { paths, root } from '../agents/paths.ts';
import type { Broker } from './broker.ts';
import type { Children } from './children.ts';
import { Fleet, type Member } from './fleet.ts';
import type { Story } from './story.ts';

/** The runner's own name in the tree. */
export const manager = 'release_manager';

/** What a restart of the broker left as it was. */
export interface Restart {
  readonly hashBefore: string;
  readonly hashAfter: string;
  readonly revision: number;
  readonly liveGhosts: number;
  /** From the kill until it was ready again. */
  readonly downMs: number;
  readonly pidBefore: number;
  readonly pidAfter: number;
}

export interface Production {
  readonly reports: readonly Report[];
  readonly restart: Restart;
  /** From the brief to the last report. */
  readonly seconds: number;
}

/** Plays it. Rejects when an agent fails. */
export async function produce(
  children: Children,
  broker: Broker,
  members: readonly Member[],
  python: string,
  story: Story,
): Promise<Production> {
  const desk = new Desk(manager, [paths.agents, paths.facts, paths.approval], broker.address);
  story.follow(desk.client, root);
  try {
    const fleet = await Fleet.start(children, members, broker.address, python);
    await giveBrief(desk, members);
    await orFailure(fleet, quiet(desk, members));
    const restart = await restartInTheMiddle(desk.client, broker, story);
    await desk.publish('go: the notes may be finished', [operation.put(paths.go, 'Finish and release.')]);
    const reports = await fleet.reports;
    const { seconds } = story;
    await story.reached((await desk.client.status()).forest.revision);
    return { reports, restart, seconds };
  } finally {
    await story.stop();
    await desk.close();
  }
}

async function giveBrief(desk: Desk, members: readonly Member[]): Promise<void> {
  const brief = {
    product: 'Lantern 4.2',
    wish: 'Release notes for people who hike, one page, nothing in them that we cannot prove.',
    crew: members.map(({ name }) => name),
  };
  await desk.publish(`wishes for release notes of ${brief.product}`, [operation.put(paths.brief, brief)]);
}

/** The moment when the facts are complete and every agent has said that it waits: nobody publishes then. */
async function quiet(desk: Desk, members: readonly Member[]): Promise<void> {
  await desk.until((known) => {
    const isWaiting = ({ name }: Member): boolean => known.has(paths.agent(name));
    return (known.has(paths.facts) && members.every(isWaiting)) || undefined;
  });
}

/** Kills the broker while agents are subscribed and a ghost is open, and compares what it knows afterwards. */
async function restartInTheMiddle(client: Client, broker: Broker, story: Story): Promise<Restart> {
  const pidBefore = broker.pid;
  const before = await client.status({ stateHash: true });
  story.say(
    'broker',
    `state hash ${before.stateHash} at revision ${before.forest.revision}; killed (SIGKILL)`,
  );
  const downMs = await broker.crashAndRestart();
  const after = await client.status({ stateHash: true });
  story.say(
    'broker',
    `state hash ${after.stateHash} after ${downMs.toFixed(0)} ms; agents come back by themselves`,
  );
  return {
    hashBefore: before.stateHash,
    hashAfter: after.stateHash,
    revision: after.forest.revision,
    liveGhosts: after.forest.ghosts,
    downMs,
    pidBefore,
    pidAfter: broker.pid,
  };
}

/** The same promise, but rejecting as soon as an agent fails. */
async function orFailure<Value>(fleet: Fleet, promise: Promise<Value>): Promise<Value> {
  const failure = fleet.reports.then(() => {
    throw new Error('all agents ended before the notes were finished');
  });
  return Promise.race([promise, failure]);
}
