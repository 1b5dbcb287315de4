/** What JSON lines hold: the fields of the TypeScript client, with bytes in base64 and times in ISO 8601. */
import type {
  Aged,
  Change,
  Event,
  GhostInfo,
  InspectedLock,
  JsonValue,
  LeaseInfo,
  LockInfo,
  Node,
  NodeDifference,
  PendingReview,
} from '../../../clients/typescript/src/index.ts';
import { jsonOf } from './values.ts';

/** One JSON line. */
export type JsonRecord = { readonly [key: string]: JsonValue };

/** A node. */
export function nodeRecord(node: Node): JsonRecord {
  // The exact text of JSON is what `get --raw` is for: its line breaks would break the line.
  const { json: _text, path, kind, value, formProblem, ageMs, ...rest } = node;
  const problem = formProblem === undefined ? {} : { formProblem };
  return { path, kind, value: jsonOf(value), ...problem, ...rest, ...ageRecord({ ageMs }) };
}

/** How old something may be, where that is told. */
export function ageRecord({ ageMs }: Aged): JsonRecord {
  return ageMs === undefined ? {} : { ageMs };
}

/** An event. */
export function eventRecord(event: Event): JsonRecord {
  const { time, transition, changes, basis, basisReverted, ...rest } = event;
  const begun = transition?.ghost;
  return {
    ...rest,
    time: time.toISOString(),
    transition:
      transition === undefined
        ? null
        : { ...transition, ghost: begun === undefined ? null : ghostRecord(begun) },
    changes: changes.map(changeRecord),
    basis: basis.map((entry) => ({ ...entry })),
    basisReverted: (basisReverted ?? []).map(({ basis: read, ...told }) => ({
      ...told,
      basis: read.map((entry) => ({ ...entry })),
    })),
  };
}

/** A ghost's standing. */
export function ghostRecord(ghost: GhostInfo): JsonRecord {
  return {
    ...ghost,
    checkpoints: ghost.checkpoints.map((checkpoint) => ({ ...checkpoint })),
    attempts: ghost.attempts.map((attempt) => ({ ...attempt })),
    beginTime: ghost.beginTime.toISOString(),
    gates: ghost.gates.map(({ gate, decisionTime, violations, ...standing }) => ({
      gate: { ...gate },
      ...standing,
      violations: violations.map((violation) => ({ ...violation })),
      decisionTime: decisionTime?.toISOString() ?? null,
    })),
    race: ghost.race === undefined ? null : { ...ghost.race },
    revertedBasis: ghost.revertedBasis.map((each) => ({ ...each, basis: { ...each.basis } })),
  };
}

/** A lock, and whom it waits for where that was asked for. */
export function lockRecord(lock: LockInfo | InspectedLock): JsonRecord {
  const { targets, requestTime, grantTime, ...rest } = lock;
  return {
    ...rest,
    targets: targets.map((target) => ({ ...target })),
    requestTime: requestTime.toISOString(),
    grantTime: grantTime?.toISOString() ?? null,
  };
}

/** A lease. */
export function leaseRecord(lease: LeaseInfo): JsonRecord {
  return { ...lease, grantTime: lease.grantTime.toISOString() };
}

/** A review that is asked for. */
export function reviewRecord({ ghost, requestTime, ...rest }: PendingReview): JsonRecord {
  return { ...rest, requestTime: requestTime.toISOString(), ghost: ghostRecord(ghost) };
}

/** Trunk revisions of the two sides of a comparison. */
export interface SideRevisions {
  readonly before: number;
  readonly after: number;
}

/** What differs at a path; its nodes are of the revisions that are compared. */
export function differenceRecord(
  { path, before, after }: NodeDifference,
  revisions: SideRevisions,
): JsonRecord {
  return {
    path,
    before: nodeOrNull(before, revisions.before),
    after: nodeOrNull(after, revisions.after),
  };
}

function changeRecord(change: Change): JsonRecord {
  const { path, author, result, previous } = change;
  const sides = {
    ...(result === undefined ? {} : { result: nodeRecord(result) }),
    ...(previous === undefined ? {} : { previous: nodeRecord(previous) }),
  };
  return { path, author, ...actionRecord(change), ...sides };
}

function actionRecord(change: Change): JsonRecord {
  switch (change.action) {
    case 'put':
      return { action: change.action, kind: change.kind, value: jsonOf(change.value) };
    case 'append':
      return { action: change.action, addition: jsonOf(change.addition) };
    case 'merge': {
      const { patch, mask } = change;
      return { action: change.action, patch: jsonOf(patch), ...(mask.length === 0 ? {} : { mask }) };
    }
    case 'increment': {
      const { amount, field, sum } = change;
      return { action: change.action, amount, ...(field === '' ? {} : { field }), sum };
    }
    case 'delete':
      return { action: change.action, scope: change.scope };
    case 'copy':
      return { action: change.action, source: change.source, sourceRevision: change.sourceRevision };
  }
}

function nodeOrNull(node: Node | undefined, revision: number): JsonValue {
  return node === undefined ? null : nodeRecord({ ...node, revision });
}
