/** Ghosts: nothing of them is seen before their commit, and then all of it at once; in them one sees what one has staged. */
import type { Call } from '../history.ts';
import type { Step, Wants } from '../record.ts';
import type { StoryEvent } from '../story.ts';
import type { Evidence } from './evidence.ts';
import { isCrashed } from './evidence.ts';

interface Ghost {
  readonly id: string;
  readonly baseRevision: number;
  /** Staged and never committed, or gone back behind: must be nowhere. */
  readonly dropped: readonly Step[];
  readonly commit: Call<Extract<Wants, { type: 'commit' }>> | undefined;
}

export function* isolated(evidence: Evidence): Generator<string> {
  const { history, events } = evidence;
  // Every text is written once, so it tells where it came from.
  const where = new Map<string, StoryEvent>();
  for (const event of events)
    for (const [, action, text] of event.changes)
      if (action === 'put' || action === 'append') where.set(text, event);
  for (const { id, dropped, commit, baseRevision } of ghostsOf(evidence)) {
    for (const { text } of dropped)
      if (where.has(text))
        yield `${text} was dropped in ghost ${id}, and is in revision ${where.get(text)?.revision}`;
    if (commit === undefined) continue;
    const { steps } = commit.wants;
    const reached = steps.flatMap(({ text }) => where.get(text) ?? []);
    const revisions = new Set(reached.map(({ revision }) => revision));
    if (reached.length > 0 && commit.outcome === 'refused')
      yield `ghost ${id} was refused its commit, and is in revision ${[...revisions].join(', ')}`;
    if (reached.length > 0 && reached.length < steps.length)
      yield `ghost ${id} reached the trunk with ${reached.length} of ${steps.length} diffs`;
    if (revisions.size > 1)
      yield `ghost ${id} reached the trunk as revisions ${[...revisions].join(' and ')}`;
    const [revision] = revisions;
    if (revision !== undefined) yield* overwritten(evidence, id, baseRevision, revision, steps);
  }
  yield* peeks(evidence);
  for (const { id, outcome, reason } of history.ofType('revert'))
    if (outcome === 'refused' && !overReasons.has(reason)) yield `revert ${id} was refused: ${reason}`;
}

/** Reasons for which there is nothing to revert any more. */
const overReasons: ReadonlySet<string> = new Set(['GHOST_OVER', 'GHOST_NOT_FOUND', 'RACE_OVER']);

function ghostsOf({ history }: Evidence): Ghost[] {
  const stages = Map.groupBy(history.ofType('stage'), ({ wants }) => wants.ghost);
  const rewinds = Map.groupBy(history.ofType('rewind'), ({ wants }) => wants.ghost);
  const commits = new Map(history.ofType('commit').map((call) => [call.wants.ghost, call]));
  return history.ofType('begin').map(({ id, revision }) => {
    const staged = (stages.get(id) ?? []).flatMap(({ wants }) => wants.steps);
    const rewound = (rewinds.get(id) ?? []).flatMap(({ wants }) => wants.steps);
    const commit = commits.get(id);
    return { id, baseRevision: revision, dropped: commit === undefined ? staged : rewound, commit };
  });
}

/** What others put since the ghost began, and its commit put again without having seen it. */
function* overwritten(
  { timeline }: Evidence,
  id: string,
  baseRevision: number,
  revision: number,
  steps: readonly Step[],
): Generator<string> {
  for (const { action, path } of steps) {
    const before = action === 'put' ? timeline.at(path, revision - 1) : undefined;
    if (before !== undefined && before.revision > baseRevision)
      yield `ghost ${id} stands on revision ${baseRevision} and overwrote ${path}, which revision ${before.revision} put`;
  }
}

/** A crash may take what was staged last, and reads in the ghost may show less then; without one they show it. */
function* peeks(evidence: Evidence): Generator<string> {
  for (const { id, callNs, returnNs, outcome, nodes, wants } of evidence.history.ofType('peek')) {
    if (outcome !== 'ok') continue;
    const begun = evidence.history.call(wants.ghost)?.callNs ?? callNs;
    const shown = nodes[wants.path]?.text;
    if (shown !== wants.text && !isCrashed(evidence, begun, returnNs))
      yield `read ${id} in a ghost shows ${wants.path} as ${shown}, where ${wants.text} was staged`;
  }
}
