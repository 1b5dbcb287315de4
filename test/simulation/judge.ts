/** The faults are over: the broker is asked for its story, and restarted on the way. */
import { checkList } from './agents/forester.ts';
import type { Woods } from './agents/forester.ts';
import { traceOnce } from './agents/doubter.ts';
import { digestOf } from './agents/overseer.ts';
import { ContextService, HistoryScope } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { Event } from '../../src/gen/hyperloom/v1/event_pb.ts';
import { ForestService } from '../../src/gen/hyperloom/v1/forest_service_pb.ts';
import { LockService } from '../../src/gen/hyperloom/v1/lock_service_pb.ts';
import { ReviewService } from '../../src/gen/hyperloom/v1/review_service_pb.ts';
import { check } from './checks.ts';
import type { Story } from './checks/scene.ts';
import type { Client } from './client.ts';
import { measureFlatness } from './flat.ts';
import { TraceDirection } from '../../src/gen/hyperloom/v1/trace_pb.ts';
import type { HashRecord } from './history.ts';
import { factsOf } from './model.ts';

export interface JudgeOptions {
  /** A client of each forest that is to be judged, over a network that does not break. */
  readonly clients: readonly Client[];
  readonly woods: Woods;
  /** The broker was started more than once while clients worked. */
  readonly hasRestarted: boolean;
  /** Restarts the broker; false where it found its disk damaged. */
  readonly restart: (kind: 'process' | 'power') => Promise<boolean>;
  /** The state hashes that another machine reaches with the same journals. */
  readonly elsewhere: () => Promise<readonly (HashRecord & { readonly forest: string })[]>;
  /** Counts the broker's work in ghosts too, which takes a while. */
  readonly isFlatMeasured: boolean;
}

/** How long after the last owner has gone everything of its must be gone: the longest ttl, a second, and a delay. */
const goneMs = 2_500;

/** Notes in the history what does not hold. False where the broker found its disk damaged meanwhile. */
export async function judge(options: JudgeOptions): Promise<boolean> {
  const { clients, woods, restart, elsewhere } = options;
  const hashes: (HashRecord & { readonly forest: string })[] = [];
  // A broker that stops now stops for what happened before; with each start owners have their whole ttl again.
  for (const client of clients) {
    do await client.sleepFor(goneMs);
    while (client.nowMs < client.surroundings.startedMs() + goneMs);
  }
  for (const kind of ['process', 'power', null] as const) {
    for (const client of clients) hashes.push(await hashOf(client));
    if (kind !== null && !(await restart(kind))) return false;
  }
  for (const client of clients) await checkList(client, woods);
  hashes.push(...(await elsewhere()));
  for (const client of clients) {
    const { history } = client.surroundings;
    await traceThoughts(client);
    const own = hashes.filter(({ forest }) => forest === client.forest);
    check(history, client.history, await storyOf(client, own, options.hasRestarted));
  }
  if (options.isFlatMeasured && clients[0] !== undefined) await measureFlatness(clients[0]);
  return true;
}

/** So many of the newest publishes are traced once more, after the last restart. */
const thoughtsTracedMax = 12;

async function traceThoughts(client: Client): Promise<void> {
  const thoughts = new Set(client.history.knowledge.thoughts.map(({ requestId }) => requestId));
  const made = client.history.writes.filter(
    ({ requestId, revision }) => revision > 0 && thoughts.has(requestId),
  );
  for (const { revision } of made.slice(-thoughtsTracedMax)) {
    await traceOnce(client, revision, TraceDirection.DOWNSTREAM);
    await traceOnce(client, revision, TraceDirection.UPSTREAM);
  }
}

async function hashOf(client: Client): Promise<HashRecord & { readonly forest: string }> {
  const status = await client.ask(ForestService.method.getStatus, { includeStateHash: true });
  const [position, hash] = [Number(status.stateHashPosition), status.stateHash];
  return { forest: client.forest, position, hash, by: 'the judge' };
}

async function storyOf(client: Client, hashes: readonly HashRecord[], hasRestarted: boolean): Promise<Story> {
  const { method } = ContextService;
  const { chronicle } = client.history;
  const left = await eventsOf(client, HistoryScope.TRUNK);
  const events: Event[] = [];
  for (const event of [...chronicle, ...left]) events[Number(event.revision) - 1] ??= event;
  // What is left tells of itself; what was read before must be the same.
  for (const event of left) events[Number(event.revision) - 1] = event;
  const everything = new Map<number, string[]>();
  for (const event of await eventsOf(client, HistoryScope.EVERYTHING)) {
    // What changes no node and no ghost, such as a schema, is told to no subscriber.
    if (event.changes.length === 0 && event.transition === undefined) continue;
    const position = Number(event.position);
    everything.set(position, [...(everything.get(position) ?? []), digestOf(event)]);
  }
  const { nodes } = await client.ask(method.list, { path: '/', pageSize: 10_000 });
  const valued = nodes.filter(({ value }) => value !== undefined);
  return {
    events: Array.from(events, (event) => event ?? missing()),
    earlier: chronicle,
    everything,
    oldestPosition: Math.min(...everything.keys()) - 1,
    final: new Map(valued.map((node) => [node.path, factsOf(node)])),
    hashes,
    hasRestarted,
    leftovers: [
      ...(await leftoversOf(client)),
      ...nodes.flatMap(({ path, leaseId }) => bound(path, leaseId)),
    ],
  };
}

function missing(): never {
  throw new Error('a revision is in no history');
}

function bound(path: string, leaseId: string): string[] {
  return leaseId === '' ? [] : [`node ${path} is bound to lease ${leaseId}`];
}

/** Events that are left, oldest first. */
async function eventsOf(client: Client, scope: HistoryScope): Promise<Event[]> {
  const events: Event[] = [];
  let pageToken = '';
  do {
    const page = await client.ask(ContextService.method.history, { scope, pageSize: 1_000, pageToken });
    events.push(...page.events);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return events;
}

/** Whatever has an owner, whose owner has gone long ago. */
async function leftoversOf(client: Client): Promise<string[]> {
  const { ghosts } = await client.ask(ContextService.method.listGhosts, { pageSize: 1_000 });
  const { leases } = await client.ask(LockService.method.listLeases, { pageSize: 1_000 });
  const { locks } = await client.ask(LockService.method.inspectLocks, { pageSize: 1_000 });
  const { reviews } = await client.ask(ReviewService.method.listReviews, { pageSize: 1_000 });
  const status = await client.ask(ForestService.method.getStatus, {});
  return [
    ...ghosts.map(({ id }) => `ghost ${id} lives`),
    ...leases.map(({ id, author }) => `lease ${id} of ${author} lives`),
    ...locks.map(({ lock }) => `lock ${lock?.id} of ${lock?.author} is there`),
    ...reviews.map(({ ghost }) => `a review of ghost ${ghost?.id} is asked for`),
    ...(status.subscriptions === 0n ? [] : [`${status.subscriptions} subscriptions are open`]),
  ];
}
