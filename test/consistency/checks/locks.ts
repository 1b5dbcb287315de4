/** Locks, in terms of fencing tokens: who holds, who writes, and who must not any more. */
import type { Call, Write } from '../history.ts';
import type { Wants } from '../record.ts';
import type { Evidence } from './evidence.ts';
import { isCrashed } from './evidence.ts';

/** The time for which a client held an exclusive lock. */
interface Tenure {
  readonly id: string;
  readonly client: string;
  readonly path: string;
  readonly token: number;
  readonly callNs: number;
  readonly returnNs: number;
  readonly writes: readonly Write[];
  /** The last moment at which it surely held: a write with its token that was asked for later passed, or its client said so. */
  readonly heldNs: number;
  /** When it was given back for certain. */
  readonly releasedNs: number;
}

function tenuresOf({ history }: Evidence): Tenure[] {
  const writes = Map.groupBy(history.writes, ({ tenure }) => tenure ?? '');
  const holds = Map.groupBy(history.ofType('holds'), ({ wants }) => wants.tenure);
  const releases = new Map(history.ofType('release').map((call) => [call.wants.tenure, call]));
  return history
    .ofType('acquire')
    .filter(({ outcome }) => outcome === 'ok')
    .map((call: Call<Extract<Wants, { type: 'acquire' }>>) => {
      const { id, client, callNs, returnNs, token, wants } = call;
      const own = writes.get(id) ?? [];
      const release = releases.get(id);
      const proofs = [...own, ...(holds.get(id) ?? [])].filter(({ outcome }) => outcome === 'ok');
      return {
        id,
        client,
        path: wants.path,
        token,
        callNs,
        returnNs,
        writes: own,
        heldNs: Math.max(0, ...proofs.map((proof) => proof.callNs)),
        releasedNs: release?.outcome === 'ok' ? release.returnNs : Infinity,
      };
    });
}

function byPath(tenures: readonly Tenure[]): Tenure[][] {
  return [...Map.groupBy(tenures, ({ path }) => path).values()];
}

/** Tokens are given once and grow. */
export function* tokensGrow(evidence: Evidence): Generator<string> {
  const tenures = tenuresOf(evidence).sort((a, b) => a.token - b.token);
  for (const [index, tenure] of tenures.entries()) {
    const next = tenures[index + 1];
    if (next?.token === tenure.token) yield `${tenure.id} and ${next.id} have token ${tenure.token}`;
    if (next !== undefined && next.returnNs < tenure.callNs)
      yield `${next.id} had token ${next.token} before ${tenure.id} asked for what became ${tenure.token}`;
  }
}

/**
 * No write with an old token passed after a newer grant was told, nor after the lock was given back. A release with its lease is
 * told before it is durable, so a crash may bring the lock back; never after somebody else was told that it is theirs.
 */
export function* staleTokensRefused(evidence: Evidence): Generator<string> {
  for (const tenures of byPath(tenuresOf(evidence))) {
    for (const { client, token, writes, releasedNs } of tenures) {
      const newer = tenures.filter((other) => other.token > token);
      const replacedNs = Math.min(...newer.map(({ returnNs }) => returnNs));
      for (const { requestId, callNs, returnNs, outcome, revision } of writes) {
        const isGivenBack = callNs > releasedNs && !isCrashed(evidence, releasedNs, returnNs);
        if (outcome === 'ok' && (callNs > replacedNs || isGivenBack))
          yield `${client} wrote ${requestId} (revision ${revision}) with token ${token} after that was over`;
      }
    }
  }
}

/** Between two writes of one holder nobody else writes there, and writes of later tokens come after those of earlier ones. */
export function* fenced(evidence: Evidence): Generator<string> {
  for (const tenures of byPath(tenuresOf(evidence))) {
    const path = tenures[0]?.path ?? '';
    const owner = new Map(
      tenures.flatMap((tenure) => tenure.writes.map(({ requestId }) => [requestId, tenure] as const)),
    );
    let newest = 0;
    let since: { readonly tenure: Tenure; intruders: string[] } | undefined;
    for (const { requestId, revision, changes } of evidence.events) {
      if (!changes.some((change) => change[0].startsWith(`${path}/`))) continue;
      const tenure = owner.get(requestId);
      if (tenure === undefined) {
        since?.intruders.push(`${requestId} (revision ${revision})`);
        continue;
      }
      if (tenure.token < newest)
        yield `${tenure.client} wrote revision ${revision} at ${path} with token ${tenure.token}, after token ${newest}`;
      newest = Math.max(newest, tenure.token);
      if (since?.tenure === tenure)
        for (const intruder of since.intruders)
          yield `${intruder} was written at ${path} between two writes of ${tenure.client}, who held it with token ${tenure.token}`;
      since = { tenure, intruders: [] };
    }
  }
}

/** At no moment do two hold who have both been told so: neither by what the broker lets them write, nor by what their clients say. */
export function* mutuallyExclusive(evidence: Evidence): Generator<string> {
  for (const tenures of byPath(tenuresOf(evidence))) {
    const sure = tenures.filter(({ returnNs, heldNs }) => heldNs > returnNs);
    sure.sort((a, b) => a.returnNs - b.returnNs);
    let last: Tenure | undefined;
    for (const tenure of sure) {
      if (last !== undefined && last.heldNs > tenure.returnNs)
        yield `${last.client} (token ${last.token}) and ${tenure.client} (token ${tenure.token}) both held ${tenure.path}`;
      if (last === undefined || tenure.heldNs > last.heldNs) last = tenure;
    }
  }
}
