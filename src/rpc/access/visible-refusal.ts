/**
 * What a caller is told of a refusal that speaks of the state: that it failed and why, but no path, value or name of what it may not
 * read. A diff that is published is no matter of this: what stands against it is told of the paths that it names itself, all but why a ghost is over.
 */
import type { Caller } from '../../access/caller.ts';
import type { ForestRights } from '../../access/forest-rights.ts';
import type { Settled } from '../../sequencer/forest.ts';
import type { FieldViolation, Reason, Rejection } from '../../state/outcome.ts';
import { parsePath, type Path } from '../../trie/path.ts';
import { withoutViolations } from '../../state/schemas/violation-reason.ts';
import { Refused } from '../errors.ts';
import { isLockShown, shownTargets } from './lock-sight.ts';
import { rightsIn } from './need.ts';

/** Reasons whose `path` the request need not have named. All others speak of the request. */
const stateReasons: ReadonlySet<Reason> = new Set<Reason>([
  'LOCKED',
  'STALE_FENCING_TOKEN',
  'WRONG_TYPE',
  'OUT_OF_BOUNDS',
  'SCHEMA_VIOLATION',
  'UNBOUND_PATH',
  'GATE_REVERTED',
  'GATE_LIMIT',
  'BASIS_REVERTED',
]);

/** What of the metadata says nothing of the place. */
const placeless: ReadonlySet<string> = new Set(['ghost_id', 'state', 'checkpoint', 'edition', 'wait_ms']);

/** The error of a call, as its caller may be told. */
export function visibleError(error: unknown, rights: ForestRights): unknown {
  if (!(error instanceof Refused)) return error;
  const told = visibleRefusal(error.rejection, rights);
  return told === error.rejection ? error : new Refused(told);
}

/** What came of a publish, as its author may be told. */
export function visibleSettled(settled: Settled, caller: Caller, forest: string): Settled {
  const { outcome } = settled;
  if (outcome.kind !== 'rejected' || outcome.reason !== 'GHOST_OVER') return settled;
  return { ...settled, outcome: visibleRefusal(outcome, rightsIn(caller, forest)) };
}

export function visibleRefusal(rejection: Rejection, rights: ForestRights): Rejection {
  if (rights.isEverywhere('read')) return rejection;
  const { reason, metadata, circle } = rejection;
  if (reason === 'CONFLICT') return visibleConflicts(rejection, rights);
  if (circle !== undefined) {
    const members = circle.map((member) => ({
      ...member,
      targets: shownTargets(rights, member.targets),
    }));
    return { ...rejection, circle: members };
  }
  if (reason === 'GHOST_OVER') return { ...rejection, message: withoutViolations(rejection.message) };
  if (!stateReasons.has(reason)) return rejection;
  const isShown = reason === 'LOCKED' ? isLockShown : isNear;
  const violations = rejection.violations.filter(({ field }) => showsField(rights, field));
  if (showsText(metadata.path, (path) => isShown(rights, path))) return { ...rejection, violations };
  return {
    ...rejection,
    message: 'something that you may not read stands against it; ask somebody who may',
    metadata: Object.fromEntries(Object.entries(metadata).filter(([key]) => placeless.has(key))),
    violations,
  };
}

/** How many there are stays told: that there is nothing more to see is not that nothing conflicts. */
function visibleConflicts(rejection: Rejection, rights: ForestRights): Rejection {
  const conflicts = rejection.conflicts.filter(({ path }) => rights.may('read', path));
  const hidden = rejection.conflicts.length - conflicts.length;
  if (hidden === 0) return rejection;
  const message = `${rejection.message} (${hidden} of them where you may not read)`;
  return { ...rejection, message, conflicts };
}

/** It is something that may be read, or above that. */
function isNear(rights: ForestRights, path: Path): boolean {
  return rights.maySome('read', path);
}

/** A field of a value in the state begins with its path, one of the request does not. */
function showsField(rights: ForestRights, field: FieldViolation['field']): boolean {
  return !field.startsWith('/') || showsText(field.split('#', 1)[0], (path) => rights.may('read', path));
}

function showsText(text: string | undefined, shows: (path: Path) => boolean): boolean {
  if (text === undefined) return true;
  const path = parsePath(text);
  return 'problem' in path || shows(path);
}
