/** Leases: what is bound to one is there while its owner is, and gone soon after. */
import type { Absence } from '../broker.ts';
import type { Call, Write } from '../history.ts';
import type { Evidence } from './evidence.ts';

/** How long after its ttl a lease may live: the broker looks four times a second. */
const graceNs = 1e9;

/** A node that shows that its owner is there. */
interface Presence {
  readonly grant: string;
  readonly path: string;
  readonly ttlNs: number;
  readonly write: Write;
  /** The last moment at which its client said that it held the lease. */
  readonly heldNs: number;
  /** When the lease was ended for certain. */
  readonly endedNs: number;
  /** The last moment at which there may have been a sign of life. */
  readonly aliveNs: number;
}

interface Sight {
  readonly id: string;
  readonly callNs: number;
  readonly returnNs: number;
  readonly paths: ReadonlySet<string>;
}

function presencesOf({ history, killedNs }: Evidence): Presence[] {
  const grants = new Map(history.ofType('grant').map((call) => [call.id, call]));
  const holds = Map.groupBy(history.ofType('holds'), ({ wants }) => wants.tenure);
  const releases = new Map(history.ofType('release').map((call) => [call.wants.tenure, call]));
  return history.writes.flatMap((write) => {
    const grant = grants.get(write.lease ?? '');
    if (grant === undefined || write.outcome === 'refused') return [];
    const release = releases.get(grant.id);
    const held = (holds.get(grant.id) ?? []).filter(({ outcome }) => outcome === 'ok');
    return {
      grant: grant.id,
      path: write.steps[0]?.path ?? '',
      ttlNs: grant.wants.ttlMs * 1e6,
      write,
      heldNs: Math.max(0, ...held.map(({ callNs }) => callNs)),
      endedNs: release?.outcome === 'ok' ? release.returnNs : Infinity,
      aliveNs: aliveNs(grant.client, release, killedNs),
    };
  });
}

/** A client that was asked to end a lease keeps it alive no longer; nor does one that was killed. */
function aliveNs(client: string, release: Call | undefined, killedNs: ReadonlyMap<string, number>): number {
  const worker = client.slice(0, client.indexOf('-'));
  return Math.min(release?.returnNs ?? Infinity, killedNs.get(worker) ?? Infinity);
}

function sightsOf({ history }: Evidence): Sight[] {
  return history
    .ofType('list')
    .filter(({ outcome }) => outcome === 'ok')
    .map(({ id, callNs, returnNs, nodes }) => ({ id, callNs, returnNs, paths: new Set(Object.keys(nodes)) }));
}

/** Gone within the ttl and a second after the last sign of life, times in which the broker was away not counted. */
export function* leasesEnd(evidence: Evidence): Generator<string> {
  const sights = sightsOf(evidence);
  for (const { path, ttlNs, endedNs, aliveNs } of presencesOf(evidence)) {
    const deadlineNs = Math.min(endedNs, lastMoment(aliveNs, ttlNs, evidence.absences));
    for (const { id, callNs, paths } of sights)
      if (paths.has(path) && callNs > deadlineNs)
        yield `list ${id} shows ${path} ${ms(callNs - deadlineNs)} ms after it had to be gone`;
  }
}

/**
 * Signs of life that were on their way may come through at the end of an absence, and a restart begins all ttls anew. A broker that
 * was not let work is as late as that.
 */
function lastMoment(aliveNs: number, ttlNs: number, absences: readonly Absence[]): number {
  let deadlineNs = aliveNs + ttlNs + graceNs;
  for (const { startNs, endNs, kind } of absences) {
    if (endNs <= aliveNs || startNs >= deadlineNs) continue;
    if (kind === 'starved') deadlineNs += endNs - startNs;
    else deadlineNs = Math.max(deadlineNs, endNs + ttlNs + graceNs);
  }
  return deadlineNs;
}

/** There as long as its client says that it holds the lease: nobody else is told that the owner has gone. */
export function* leasesHold(evidence: Evidence): Generator<string> {
  const sights = sightsOf(evidence);
  for (const { path, write, heldNs } of presencesOf(evidence))
    for (const { id, callNs, returnNs, paths } of sights)
      if (callNs > write.returnNs && returnNs < heldNs && !paths.has(path))
        yield `list ${id} does not show ${path}, whose owner held its lease ${ms(heldNs - returnNs)} ms later`;
}

function ms(ns: number): string {
  return (ns / 1e6).toFixed(0);
}
