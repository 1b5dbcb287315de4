/** What `top` sees of a broker at a moment, and what happened between two of them. */
import {
  NotFoundError,
  type Client,
  type Forest,
  type GhostInfo,
  type InspectedLock,
  type Status,
} from '../../../clients/typescript/src/index.ts';
import { collect } from '../collect.ts';
import { readMetrics, type Metrics } from './metrics.ts';

/** More than fits on any terminal. */
const shownMax = 200;
/** Locks are looked through for those that wait; so many of them. */
const locksReadMax = 1_000;

export interface ForestSample {
  readonly forest: Forest;
  readonly status: Status;
}

export interface Sample {
  readonly monotonicMs: number;
  readonly timeMs: number;
  readonly forests: readonly ForestSample[];
  /** Those of the forest that was asked for, newest first. */
  readonly ghosts: readonly GhostInfo[];
  /** The same forest's: those that wait first. */
  readonly locks: readonly InspectedLock[];
  /** `undefined` where they cannot be had, such as behind a proxy that lets gRPC alone through. */
  readonly metrics: Metrics | undefined;
}

/** Looks at a broker. */
export async function takeSample(
  client: Client,
  address: string,
  clock: { monotonicMs(): number; nowMs(): number },
): Promise<Sample> {
  const [forests, ghosts, locks, metrics] = await Promise.all([
    client.forests.list(),
    collect(client.ghosts('live'), shownMax),
    collect(client.locks({ pageSize: locksReadMax }), locksReadMax),
    readMetrics(address),
  ]);
  const statuses = await Promise.all(forests.map(({ name }) => statusOf(client, name)));
  return {
    monotonicMs: clock.monotonicMs(),
    timeMs: clock.nowMs(),
    forests: statuses.flatMap((status) => (status === undefined ? [] : [{ forest: status.forest, status }])),
    ghosts: ghosts.items,
    locks: locks.items
      .toSorted((a, b) => Number(b.state === 'waiting') - Number(a.state === 'waiting'))
      .slice(0, shownMax),
    metrics,
  };
}

/** `undefined` for a forest that was deleted meanwhile. */
async function statusOf(client: Client, forest: string): Promise<Status | undefined> {
  try {
    return await client.forests.status(forest);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

/** What happened to a forest between two samples. */
export interface ForestRates {
  readonly name: string;
  readonly revision: number;
  /** Revisions, and journal entries of any kind, a second. */
  readonly revisionsPerSecond: number;
  readonly entriesPerSecond: number;
  readonly nodes: number;
  readonly ghosts: number;
  readonly locksHeld: number;
  readonly locksWaiting: number;
  readonly subscriptions: number;
  /** Those that read from memory or the journal because they are behind. */
  readonly slowSubscriptions: number;
  /** How many journal entries the slowest of them is behind; `null` where metrics cannot be had. */
  readonly slowestLagEntries: number | null;
  readonly storedBytes: number;
}

export interface BrokerRates {
  readonly version: string;
  readonly uptimeMs: number;
  readonly residentBytes: number;
  /** Of one core, from 0. */
  readonly cpuShare: number;
  /** Calls and diffs refused a second; `null` where metrics cannot be had. */
  readonly refusalsPerSecond: number | null;
  readonly writeStopReason: string;
}

export function brokerRates(before: Sample, after: Sample): BrokerRates {
  const [status, earlier] = [after.forests[0]?.status, before.forests[0]?.status];
  const elapsedMs = after.monotonicMs - before.monotonicMs;
  const cpuMs = (status?.cpuTimeMs ?? 0) - (earlier?.cpuTimeMs ?? 0);
  const refusals = difference(before, after, ({ refusals: count }) => count);
  return {
    version: status?.version ?? '',
    uptimeMs: Math.max(0, after.timeMs - (status?.startTime.getTime() ?? after.timeMs)),
    residentBytes: status?.residentBytes ?? 0,
    cpuShare: elapsedMs > 0 ? Math.max(0, cpuMs) / elapsedMs : 0,
    refusalsPerSecond: refusals === undefined ? null : perSecond(refusals, elapsedMs),
    writeStopReason: status?.writeStopReason ?? '',
  };
}

/** The busiest first. */
export function forestRates(before: Sample, after: Sample): readonly ForestRates[] {
  const elapsedMs = after.monotonicMs - before.monotonicMs;
  const earlier = new Map(before.forests.map((sample) => [sample.forest.name, sample.status]));
  return after.forests
    .map(({ forest, status }) => {
      const then = earlier.get(forest.name) ?? status;
      return {
        name: forest.name,
        revision: forest.revision,
        revisionsPerSecond: perSecond(forest.revision - then.forest.revision, elapsedMs),
        entriesPerSecond: perSecond(status.durablePosition - then.durablePosition, elapsedMs),
        nodes: forest.nodes,
        ghosts: forest.ghosts,
        locksHeld: status.locksHeld,
        locksWaiting: status.locksWaiting,
        subscriptions: status.subscriptions,
        slowSubscriptions: status.subscriptionsCatchingUp,
        slowestLagEntries:
          after.metrics === undefined ? null : (after.metrics.lagEntries.get(forest.name) ?? 0),
        storedBytes: forest.storedBytes,
      };
    })
    .sort((a, b) => b.entriesPerSecond - a.entriesPerSecond || (a.name < b.name ? -1 : 1));
}

function difference(before: Sample, after: Sample, of: (metrics: Metrics) => number): number | undefined {
  if (before.metrics === undefined || after.metrics === undefined) return undefined;
  return of(after.metrics) - of(before.metrics);
}

/** A broker that was started anew counts from the beginning: that is no negative rate. */
function perSecond(count: number, elapsedMs: number): number {
  return elapsedMs > 0 ? Math.round((Math.max(0, count) / elapsedMs) * 10_000) / 10 : 0;
}
