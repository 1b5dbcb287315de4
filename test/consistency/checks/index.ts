/** All checks but those of Porcupine, by the names of what is promised. */
import type { Check, Evidence } from './evidence.ts';
import { gatesHold, racesHaveOneWinner } from './gates.ts';
import { isolated } from './ghosts.ts';
import { leasesEnd, leasesHold } from './leases.ts';
import { fenced, mutuallyExclusive, staleTokensRefused, tokensGrow } from './locks.ts';
import { atomic, readsAreNewEnough, readsShowTheirRevision } from './reads.ts';
import { endedWithTheRest, historyKept } from './retention.ts';
import { bookmarkable, ordered, reliable, resumable, snapshots, unique, whole } from './subscriptions.ts';
import { durable, exactlyOnce, nothingUnasked, strictlySerializable } from './writes.ts';

/** A promise that was broken, and where it shows. */
export interface Violation {
  readonly guarantee: string;
  readonly what: string;
}

const checks: Readonly<Record<string, Check>> = {
  durable,
  'exactly once': exactlyOnce,
  'strictly serializable': strictlySerializable,
  atomic,
  'reads show their revision': readsShowTheirRevision,
  'reads are new enough': readsAreNewEnough,
  isolated,
  'races have one winner': racesHaveOneWinner,
  'gates hold': gatesHold,
  'subscriptions ordered': ordered,
  'subscriptions unique': unique,
  'subscriptions reliable': reliable,
  'subscriptions atomic': whole,
  'subscriptions resumable': resumable,
  'subscriptions bookmarkable': bookmarkable,
  'subscriptions begin with the state': snapshots,
  'history kept': historyKept,
  'past retention': endedWithTheRest,
  'nothing unasked': nothingUnasked,
  fenced,
  'locks exclude': mutuallyExclusive,
  'stale tokens are refused': staleTokensRefused,
  'tokens grow': tokensGrow,
  'leases end': leasesEnd,
  'leases hold': leasesHold,
  deterministic,
};

/** The names of what is checked here. */
export const guarantees: readonly string[] = Object.keys(checks);

export function violationsOf(evidence: Evidence): Violation[] {
  return Object.entries(checks).flatMap(([guarantee, find]) =>
    Array.from(find(evidence), (what) => ({ guarantee, what })),
  );
}

/** At one position of the journal there is one state, whatever way led to it. */
function* deterministic({ hashes }: Evidence): Generator<string> {
  for (const [position, taken] of Map.groupBy(hashes, (each) => each.position)) {
    const different = new Set(taken.map(({ hash }) => hash));
    if (different.size > 1) yield `at position ${position} the state hashes are ${[...different].join(', ')}`;
  }
  const positions = new Set(hashes.map(({ position }) => position));
  if (positions.size === hashes.length)
    yield 'no two restarts reached the same position: nothing was compared';
}
