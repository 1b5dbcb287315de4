/**
 * What happened since the base of a layout, step by step: revisions of the trunk, out of the events in memory or the journal, then what is
 * staged in a ghost. The cost follows the number of changes.
 */
import { renderChangesMax, renderPositionsMax, renderRebuildsMax } from '../../base/limits.ts';
import { applied } from '../../render/changes.ts';
import type { Authored } from '../../render/changes.ts';
import { concerns } from '../../render/part.ts';
import type { Part } from '../../render/part.ts';
import type { SectionPlace } from '../../render/tail.ts';
import type { Forest } from '../../sequencer/forest.ts';
import type { Operation } from '../../state/command.ts';
import type { ForestEvent } from '../../state/event.ts';
import { stagedDiffs } from '../../state/ghosts/ghost.ts';
import type { Ghost, Root, StagedDiff } from '../../state/ghosts/ghost.ts';
import { reapply } from '../../state/ghosts/rebuild.ts';
import { copiedRevisions } from '../../state/reach.ts';
import { orRefuse, refuse } from '../errors.ts';

/** A revision, or a staged diff, that may have changed something that is shown. */
export interface Step extends SectionPlace {
  /** Those that may have: what else it did is not among them. */
  readonly operations: readonly Operation[];
  /**
   * The state after it, from a state before it in which everything that is shown is as it was. What is not shown may be older in
   * both.
   */
  after(before: Root): Promise<Root>;
}

/** Where a layout goes on from. */
export interface Since {
  readonly forest: Forest;
  readonly parts: readonly Part[];
  /** The base, and the revision up to which it is followed. */
  readonly from: number;
  readonly to: number;
}

/** Revisions of the trunk. */
export async function* trunkSteps(since: Since): AsyncGenerator<Step> {
  const { forest, parts, to } = since;
  let changes = 0;
  let rebuilds = 0;
  for await (const events of eventsOf(since)) {
    for (const event of events) {
      const { revision, author } = event;
      if (revision <= since.from) continue;
      if (revision > to) return;
      const concerned = event.changes.filter(({ operation }) => concerns(parts, operation));
      if (concerned.length === 0) continue;
      changes += concerned.length;
      if (changes > renderChangesMax) tooMuchSince(since, 'renderChangesMax', renderChangesMax, 'changes');
      const operations = concerned.map(({ operation }) => operation);
      const whole = async (): Promise<Root> => {
        if (event.roots !== null) return event.roots.after;
        rebuilds += 1;
        if (rebuilds > renderRebuildsMax)
          tooMuchSince(since, 'renderRebuildsMax', renderRebuildsMax, 'copies of subtrees');
        return forest.rootAt(revision);
      };
      yield {
        origin: { kind: 'revision', revision, author },
        revision,
        sequence: 0,
        operations,
        after: async (before) => applied(before, authored(event, concerned), revision) ?? (await whole()),
      };
    }
  }
}

/** Operations with those who made them. */
function authored(event: ForestEvent, changes: ForestEvent['changes']): Authored[] {
  return changes.map(({ operation, author }) => ({
    author: author === '' ? event.author : author,
    operations: [operation],
  }));
}

/** Events with the revisions between, as a rule out of memory. */
async function* eventsOf(since: Since): AsyncGenerator<readonly ForestEvent[]> {
  const { forest, from, to } = since;
  if (from >= to) return;
  const recent = forest.hub.eventsAfter(from);
  if (recent !== null) {
    yield recent;
    return;
  }
  const after = orRefuse(await forest.positionOf(from));
  const until = orRefuse(await forest.positionOf(to));
  if (until - after > renderPositionsMax)
    tooMuchSince(since, 'renderPositionsMax', renderPositionsMax, 'entries of the journal');
  yield* forest.readEvents(after, until);
}

/** Diffs that are staged in a ghost, oldest first. */
export function* ghostSteps(forest: Forest, ghost: Pick<Ghost, 'staged'>, revision: number): Generator<Step> {
  const diffs = stagedDiffs(ghost.staged);
  const operations = ghost.staged?.operations ?? 0;
  if (operations > renderChangesMax) {
    const message = `the ghost has staged ${operations} operations; at most ${renderChangesMax} can be shown one by one`;
    refuse('LIMIT_EXCEEDED', message, { limit: 'renderChangesMax', maximum: renderChangesMax });
  }
  for (const diff of diffs) {
    yield {
      origin: { kind: 'staged', sequence: diff.sequence, author: diff.author },
      revision,
      sequence: diff.sequence,
      operations: diff.operations,
      after: (before) => stagedAfter(forest, before, diff),
    };
  }
}

/** The ghost's view after a diff, all of it, from the one before. */
async function stagedAfter(forest: Forest, before: Root, diff: StagedDiff): Promise<Root> {
  const past = new Map<number, Root>();
  for (const revision of copiedRevisions(diff.operations)) past.set(revision, await forest.rootAt(revision));
  const { author, operations, sequence } = diff;
  return reapply(before, [{ author, operations }], -sequence, (revision) => {
    const root = past.get(revision);
    if (root === undefined) throw new TypeError(`the root of revision ${revision} was not loaded`);
    return root;
  });
}

function tooMuchSince({ from }: Since, limit: string, maximum: number, what: string): never {
  const message = `base_revision: there are more than ${maximum} ${what} since revision ${from}; begin a new layout, with base_revision 0`;
  const description = `more than ${maximum} ${what} since`;
  const violations = [{ field: 'base_revision', description }];
  refuse('LIMIT_EXCEEDED', message, { limit, maximum, base_revision: from }, { violations });
}
