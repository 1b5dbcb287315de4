/**
 * Whether what was staged on `base` can be replayed onto `target`, where others may have written since.
 *
 * An operation can be rebased if its path is as it was, or if it commutes with what was done to it: appends with appends,
 * increments with increments, merges with whatever left the patch's keys or fields alone. The answer depends on stamps and values
 * alone, never on which objects are shared, so that a restart gives the same one.
 */
import { unreachable } from '../../base/assert.ts';
import { formatPath } from '../../trie/path.ts';
import type { Path } from '../../trie/path.ts';
import type { Operation } from '../command.ts';
import type { Root, StagedDiff } from './ghost.ts';
import type { ReadStands } from './reads.ts';
import { parseJson, patchConflicts } from '../values/json.ts';
import { incrementStands, patchStands } from '../values/message-conflicts.ts';
import type { Conflict, ConflictKind } from '../outcome.ts';
import { preconditionStands } from '../preconditions.ts';
import { sameSubtree, sameValue, standingOf } from '../values/standing.ts';
import type { Standing } from '../values/standing.ts';
import { jsonText } from '../values/value.ts';
import type { Entry } from '../values/value.ts';

/** The three states that a rebase looks at. */
export interface RebaseViews {
  readonly base: Root;
  readonly target: Root;
  readonly ghost: Root;
}

/** All conflicts, each path and kind once. `stands` judges what was read; `null`: it does not count. */
export function conflictsOf(
  views: RebaseViews,
  diffs: readonly StagedDiff[],
  stands: ReadStands | null,
): Conflict[] {
  if (views.base === views.target && stands === null) return [];
  const conflicts = new Map<string, Conflict>();
  const add = (path: Path, kind: ConflictKind, message: string): void => {
    const key = `${kind} ${formatPath(path)}`;
    if (!conflicts.has(key)) conflicts.set(key, describe(views, path, kind, message));
  };
  for (const diff of diffs) {
    for (const precondition of diff.preconditions) {
      if (preconditionStands(views.base, views.target, precondition)) continue;
      add(
        precondition.path,
        'precondition',
        'a precondition of a staged diff was about a state that has changed',
      );
    }
    for (const operation of diff.operations) checkOperation(views, operation, add);
    if (stands === null) continue;
    for (const read of diff.basis) {
      if (stands(read)) continue;
      add(read.path, 'basis', `it was read at revision ${read.revision} and has changed since`);
    }
  }
  return [...conflicts.values()];
}

/** Makes a conflict, with the node in each of the three states. */
export function describe(views: RebaseViews, path: Path, kind: ConflictKind, message: string): Conflict {
  return {
    path,
    kind,
    base: entryOf(views.base, path),
    trunk: entryOf(views.target, path),
    ghost: entryOf(views.ghost, path),
    message,
  };
}

type Add = (path: Path, kind: ConflictKind, message: string) => void;

function checkOperation(views: RebaseViews, operation: Operation, add: Add): void {
  const before = standingOf(views.base, operation.path);
  const now = standingOf(views.target, operation.path);
  switch (operation.kind) {
    case 'put':
      if (!sameValue(before, now)) add(operation.path, 'value', 'both put a value here');
      return;
    case 'append':
    case 'increment':
      if (!onlyAddedTo(before, now))
        add(operation.path, 'value', `an ${operation.kind} here, and a change it does not commute with`);
      return;
    case 'merge':
      if (!mergesApart(before, now, operation.patch))
        add(operation.path, 'value', 'both changed the same keys');
      return;
    case 'merge_message':
      if (!sameValue(before, now) && !patchStands(before.entry, now.entry, operation))
        add(operation.path, 'value', 'both changed the same fields');
      return;
    case 'append_message':
      if (!onlyAddedTo(before, now) && !patchStands(before.entry, now.entry, operation))
        add(operation.path, 'value', 'others have changed what the ghost appends to');
      return;
    case 'increment_field':
      if (!onlyAddedTo(before, now) && !incrementStands(before.entry, now.entry, operation))
        add(operation.path, 'value', 'an increment of a field, and a change it does not commute with');
      return;
    case 'delete':
      if (operation.scope === 'node' ? sameValue(before, now) : sameSubtree(before, now)) return;
      add(
        operation.path,
        operation.scope === 'node' ? 'value' : 'subtree',
        'the ghost removes what others have changed',
      );
      return;
    case 'copy': {
      if (!sameSubtree(before, now))
        add(operation.path, 'subtree', 'the ghost replaces what others have changed');
      if (operation.sourceRevision !== 0) return;
      const sourceSame = sameSubtree(
        standingOf(views.base, operation.source),
        standingOf(views.target, operation.source),
      );
      if (!sourceSame)
        add(operation.source, 'subtree', 'the ghost copied it, and others have changed it since');
      return;
    }
    default:
      unreachable(operation);
  }
}

/** Between the two states there were only appends and increments, or nothing. */
function onlyAddedTo(before: Standing, now: Standing): boolean {
  if (sameValue(before, now)) return true;
  if (now.entry === null) return false;
  if (before.entry === null) return now.assigned === 0;
  return before.created === now.created && before.assigned === now.assigned;
}

function mergesApart(before: Standing, now: Standing, patch: string): boolean {
  if (sameValue(before, now)) return true;
  if (before.entry !== null && now.entry === null) return false;
  const [base, target] = [jsonOf(before.entry), jsonOf(now.entry)];
  if (base === null || target === null) return false;
  return !patchConflicts(base, target, parseJson(patch));
}

/** Parsed JSON; undefined where there is no value; null where the value is no JSON. */
function jsonOf(entry: Entry | null): ReturnType<typeof parseJson> | undefined {
  if (entry === null) return undefined;
  return entry.kind === 'json' || entry.kind === 'items' ? parseJson(jsonText(entry)) : null;
}

function entryOf(root: Root, path: Path): Entry | null {
  return standingOf(root, path).entry;
}
