/** Whether what a diff takes for granted holds. */
import { unreachable } from '../base/assert.ts';
import { formatPath } from '../trie/path.ts';
import type { Precondition } from './command.ts';
import { fieldFailure, sameField } from './values/field-condition.ts';
import type { Failure } from './values/field-condition.ts';
import type { ParsedJson } from './values/field-value.ts';
import type { Root } from './ghosts/ghost.ts';
import { reject } from './outcome.ts';
import type { Rejection } from './outcome.ts';
import { sameSubtree, sameValue, standingOf, unchangedSince } from './values/standing.ts';

/** Checks all preconditions against one root; the first that fails is told. */
export function checkPreconditions(root: Root, preconditions: readonly Precondition[]): Rejection | null {
  if (preconditions.length === 0) return null;
  const parsed: ParsedJson = new Map();
  for (const precondition of preconditions) {
    const failure = failureOf(root, precondition, parsed);
    if (failure === null) continue;
    const path = formatPath(precondition.path);
    const message = `precondition failed: ${path} ${failure.wanted}, but ${failure.found}; read again and retry`;
    return reject('PRECONDITION_FAILED', message, {
      path,
      condition: precondition.kind,
      actual: failure.actual,
      ...fieldOf(precondition),
    });
  }
  return null;
}

/** Whether a precondition that held on `base` still means the same on `target`. */
export function preconditionStands(base: Root, target: Root, precondition: Precondition): boolean {
  const [before, now] = [standingOf(base, precondition.path), standingOf(target, precondition.path)];
  switch (precondition.kind) {
    case 'presence':
      return before.present === now.present;
    case 'modified_revision':
    case 'version':
      return sameValue(before, now);
    case 'subtree_unchanged_since':
      return sameSubtree(before, now);
    case 'field':
    case 'json':
      return sameValue(before, now) || sameField(before.entry, now.entry, precondition);
    default:
      return unreachable(precondition);
  }
}

/** Where a condition is about a field, its name or pointer, for programs. */
function fieldOf(precondition: Precondition): { readonly field?: string } {
  if (precondition.kind === 'field') return { field: precondition.field.name };
  return precondition.kind === 'json' ? { field: precondition.pointer } : {};
}

function failureOf(root: Root, precondition: Precondition, parsed: ParsedJson): Failure | null {
  const standing = standingOf(root, precondition.path);
  switch (precondition.kind) {
    case 'presence':
      if (standing.present === precondition.present) return null;
      return precondition.present
        ? { wanted: 'must exist', found: 'it is absent', actual: 'absent' }
        : { wanted: 'must be absent', found: 'it exists', actual: 'present' };
    case 'modified_revision':
      if (standing.modified === precondition.revision) return null;
      return {
        wanted: `must have modified revision ${precondition.revision}`,
        found: standing.modified < 0 ? 'it was changed in this ghost' : `that is ${standing.modified}`,
        actual: stampText(standing.modified),
      };
    case 'version':
      if (standing.version === precondition.version) return null;
      return {
        wanted: `must have version ${precondition.version}`,
        found: `that is ${standing.version}`,
        actual: String(standing.version),
      };
    case 'subtree_unchanged_since':
      if (unchangedSince(root, precondition.path, precondition.revision)) return null;
      return {
        wanted: `must be unchanged since revision ${precondition.revision}`,
        found:
          standing.touched < 0 ? 'it changed in this ghost' : `it changed at revision ${standing.touched}`,
        actual: stampText(standing.touched),
      };
    case 'field':
    case 'json':
      return fieldFailure(standing.entry, precondition, parsed);
    default:
      return unreachable(precondition);
  }
}

/** A revision; 0 for what is staged in a ghost, as in `Node.modified_revision`. */
function stampText(stamp: number): string {
  return String(Math.max(0, stamp));
}
