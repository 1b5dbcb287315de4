/** Gates and races: nothing gets to the trunk past a gate, and of the ghosts of one race only one gets there. */
import type { Call } from '../history.ts';
import type { Wants } from '../record.ts';
import type { Evidence } from './evidence.ts';
import { isCrashed } from './evidence.ts';

type Begin = Call<Extract<Wants, { type: 'begin' }>>;
type Commit = Call<Extract<Wants, { type: 'commit' }>>;

/** Ghosts that are on the trunk by the broker's own history, with what asked for it. */
function arrived({ history, events }: Evidence): (readonly [Begin, Commit])[] {
  const labels = new Set(events.map(({ label }) => label));
  const commits = new Map(history.ofType('commit').map((commit) => [commit.wants.ghost, commit]));
  return history.ofType('begin').flatMap((begin) => {
    const commit = commits.get(begin.id);
    return commit !== undefined && labels.has(commit.id) ? [[begin, commit] as const] : [];
  });
}

export function* racesHaveOneWinner(evidence: Evidence): Generator<string> {
  const winners = new Map<string, string>();
  for (const [{ wants }, commit] of arrived(evidence)) {
    if (wants.race === undefined) continue;
    const other = winners.get(wants.race);
    if (other !== undefined) yield `commits ${other} and ${commit.id} both won ${wants.race}`;
    winners.set(wants.race, commit.id);
  }
}

export function* gatesHold(evidence: Evidence): Generator<string> {
  const reviews = Map.groupBy(evidence.history.ofType('review'), ({ wants }) => wants.ghost);
  for (const [{ wants, givenId }, commit] of arrived(evidence)) {
    const { operationsMax = Infinity, reviewer } = wants;
    if (commit.wants.steps.length > operationsMax)
      yield `commit ${commit.id} brought ${commit.wants.steps.length} operations through a gate for ${operationsMax}`;
    if (reviewer === undefined) continue;
    const decisions = reviews.get(givenId) ?? [];
    // A commit that nobody waits for any more stays asked for.
    const untilNs = commit.outcome === 'ok' ? commit.returnNs : Infinity;
    const approved = decisions.some(
      (call) => call.wants.approves && call.outcome !== 'refused' && call.callNs < untilNs,
    );
    if (!approved) yield `commit ${commit.id} passed a gate that nobody had opened`;
    // What is told of a ghost before it is durable a crash may take: then the commit that was rejected is still asked for.
    for (const { id, wants: decision, outcome, callNs } of decisions)
      if (!decision.approves && outcome === 'ok' && !isCrashed(evidence, callNs, untilNs))
        yield `commit ${commit.id} reached the trunk, though review ${id} had rejected it`;
  }
}
