/** Refusals as clients get them: the one table from reasons to gRPC codes, and the details of a status. */
import { create, toBinary } from '@bufbuild/protobuf';
import {
  type BadRequest,
  BadRequest_FieldViolationSchema,
  BadRequestSchema,
  ErrorInfoSchema,
} from '../gen/google/rpc/error_details_pb.ts';
import { type ConflictReport, ConflictReportSchema } from '../gen/hyperloom/v1/ghost_pb.ts';
import { type DeadlockReport, DeadlockReportSchema } from '../gen/hyperloom/v1/lock_pb.ts';
import type { DeadlockMember } from '../state/locks/lock.ts';
import { reject } from '../state/outcome.ts';
import type { FieldViolation, Reason, Rejection } from '../state/outcome.ts';
import { conflictMessage } from './convert/ghost.ts';
import { memberMessage } from './convert/lock.ts';
import { RpcError } from './transport.ts';
import type { StatusDetail, StatusName } from './transport.ts';

/** The `domain` of every `google.rpc.ErrorInfo`. */
export const errorDomain = 'hyperloom.dev';

const codes: Readonly<Record<Reason, StatusName>> = {
  INVALID_PATH: 'INVALID_ARGUMENT',
  INVALID_PATTERN: 'INVALID_ARGUMENT',
  INVALID_VALUE: 'INVALID_ARGUMENT',
  INVALID_REQUEST: 'INVALID_ARGUMENT',
  LIMIT_EXCEEDED: 'INVALID_ARGUMENT',
  WRONG_TYPE: 'INVALID_ARGUMENT',
  OUT_OF_BOUNDS: 'INVALID_ARGUMENT',
  OUTSIDE_SCOPE: 'INVALID_ARGUMENT',
  OVERLAPPING_COPY: 'INVALID_ARGUMENT',
  INVALID_PAGE_TOKEN: 'INVALID_ARGUMENT',
  SCHEMA_VIOLATION: 'INVALID_ARGUMENT',
  UNBOUND_PATH: 'INVALID_ARGUMENT',
  INVALID_SCHEMA: 'INVALID_ARGUMENT',
  FOREST_NOT_FOUND: 'NOT_FOUND',
  NODE_NOT_FOUND: 'NOT_FOUND',
  GHOST_NOT_FOUND: 'NOT_FOUND',
  CHECKPOINT_NOT_FOUND: 'NOT_FOUND',
  LEASE_NOT_FOUND: 'NOT_FOUND',
  LOCK_NOT_FOUND: 'NOT_FOUND',
  REVIEWER_NOT_FOUND: 'NOT_FOUND',
  SCHEMA_NOT_FOUND: 'NOT_FOUND',
  FOREST_EXISTS: 'ALREADY_EXISTS',
  CHECKPOINT_EXISTS: 'ALREADY_EXISTS',
  SCHEMA_OVERLAP: 'ALREADY_EXISTS',
  PRECONDITION_FAILED: 'ABORTED',
  CONFLICT: 'ABORTED',
  LOCKED: 'ABORTED',
  DEADLOCK: 'ABORTED',
  REVIEW_REJECTED: 'ABORTED',
  REVIEW_OUTDATED: 'ABORTED',
  GHOST_INTERRUPTED: 'ABORTED',
  GATE_REVERTED: 'ABORTED',
  BASIS_REVERTED: 'ABORTED',
  GHOST_OVER: 'FAILED_PRECONDITION',
  GHOST_HAS_CHILDREN: 'FAILED_PRECONDITION',
  REQUEST_ID_REUSED: 'FAILED_PRECONDITION',
  FOREST_PROTECTED: 'FAILED_PRECONDITION',
  STALE_FENCING_TOKEN: 'FAILED_PRECONDITION',
  NOT_LOCK_OWNER: 'FAILED_PRECONDITION',
  RACE_OVER: 'FAILED_PRECONDITION',
  GATE_LIMIT: 'FAILED_PRECONDITION',
  SCHEMA_BREAKING: 'FAILED_PRECONDITION',
  SCHEMA_STORED: 'FAILED_PRECONDITION',
  SCHEMA_UNUSABLE: 'FAILED_PRECONDITION',
  SCHEMA_SUPERSEDED: 'FAILED_PRECONDITION',
  REVISION_COMPACTED: 'OUT_OF_RANGE',
  REVISION_IN_FUTURE: 'OUT_OF_RANGE',
  QUOTA_EXCEEDED: 'RESOURCE_EXHAUSTED',
  RACE_EXHAUSTED: 'RESOURCE_EXHAUSTED',
  ANSWER_TOO_LARGE: 'RESOURCE_EXHAUSTED',
  DISK_FULL: 'RESOURCE_EXHAUSTED',
  JOURNAL_UNAVAILABLE: 'UNAVAILABLE',
  NOT_SERVING: 'UNAVAILABLE',
  BACKUP_DAMAGED: 'DATA_LOSS',
  ACCESS_CHANGED: 'UNAVAILABLE',
  CREDENTIALS_MISSING: 'UNAUTHENTICATED',
  CREDENTIALS_INVALID: 'UNAUTHENTICATED',
  CREDENTIALS_EXPIRED: 'UNAUTHENTICATED',
  PERMISSION_MISSING: 'PERMISSION_DENIED',
  AUTHOR_FORBIDDEN: 'PERMISSION_DENIED',
};

// Trailers are 8 KiB for most clients and proxies, and base64 takes a third of it: what names the reason must always fit.
const messageCharactersMax = 600;
const metadataCharactersMax = 300;
const descriptionCharactersMax = 200;
const conflictBytesMax = 2_000;
const violationBytesMax = 2_000;

/** The gRPC code that a reason is told with. */
export function codeOf(reason: Reason): StatusName {
  return codes[reason];
}

/** A {@link Rejection} on its way to the client. */
export class Refused extends RpcError {
  readonly rejection: Rejection;

  constructor(rejection: Rejection) {
    super(codes[rejection.reason], cut(rejection.message, messageCharactersMax), detailsOf(rejection));
    this.rejection = rejection;
  }
}

/** Ends a call with a rejection. */
export function refuse(...rejection: Parameters<typeof reject>): never {
  throw new Refused(reject(...rejection));
}

/** Refuses a field of the request. */
export function violation(
  field: string,
  description: string,
  reason: Reason = 'INVALID_REQUEST',
  metadata = {},
): never {
  refuse(reason, `${field}: ${description}`, metadata, { violations: [{ field, description }] });
}

/** Refuses bytes that are no message of the request's type: nobody can say which field is at fault. */
export function undecodable(typeName = 'its type'): never {
  refuse('INVALID_REQUEST', `a request message is no valid encoding of ${typeName}`);
}

/** Whether something is a rejection instead of what was asked for. */
export function isRejection(result: unknown): result is Rejection {
  return typeof result === 'object' && result !== null && 'kind' in result && result.kind === 'rejected';
}

/** The result, unless it is a rejection. */
export function orRefuse<T>(result: T | Rejection): T {
  if (isRejection(result)) throw new Refused(result);
  return result;
}

/** Metadata of a rejection, short enough to be sent. */
export function metadataOf(rejection: Rejection): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const [key, value] of Object.entries(rejection.metadata))
    metadata[key] = cut(value, metadataCharactersMax);
  return metadata;
}

/** Message of a rejection, short enough to be sent. */
export function messageOf(rejection: Rejection): string {
  return cut(rejection.message, messageCharactersMax);
}

/** Violations of a rejection, as many of them, and as much of each, as a status can carry. */
export function violationsOf(rejection: Rejection): FieldViolation[] {
  if (rejection.violations.length === 0) return [];
  return badRequest(rejection.violations).fieldViolations.map(({ field, description }) => ({
    field,
    description,
  }));
}

function detailsOf(rejection: Rejection): StatusDetail[] {
  const { reason, violations, circle } = rejection;
  const info = create(ErrorInfoSchema, { reason, domain: errorDomain, metadata: metadataOf(rejection) });
  const details: StatusDetail[] = [{ descriptor: ErrorInfoSchema, message: info }];
  if (violations.length > 0) {
    details.push({ descriptor: BadRequestSchema, message: badRequest(violations) });
  }
  if (conflictsIn(rejection) > 0)
    details.push({ descriptor: ConflictReportSchema, message: conflictReport(rejection) });
  if (circle !== undefined)
    details.push({ descriptor: DeadlockReportSchema, message: deadlockReport(circle) });
  return details;
}

/** As many violations as a status can carry. */
function badRequest(violations: readonly FieldViolation[]): BadRequest {
  const request = create(BadRequestSchema);
  let bytes = 0;
  for (const { field, description, rule = '' } of violations) {
    const told = create(BadRequest_FieldViolationSchema, {
      field: cut(field, descriptionCharactersMax),
      description: cut(description, descriptionCharactersMax),
      reason: constantOf(rule),
    });
    bytes += toBinary(BadRequest_FieldViolationSchema, told).length + 2;
    if (bytes > violationBytesMax) break;
    request.fieldViolations.push(told);
  }
  return request;
}

/** A rule's id as `google.rpc` wants reasons: `string.min_len` as `STRING_MIN_LEN`. */
function constantOf(rule: string): string {
  const words = rule.replace(/([a-z])([A-Z])/g, '$1_$2').replace(/[^A-Za-z0-9]+/g, '_');
  return words.toUpperCase().slice(0, 63);
}

/** All of them, whether they are told one by one or not. */
function conflictsIn({ conflicts, metadata }: Rejection): number {
  return Number(metadata.conflicts ?? conflicts.length);
}

/** As much of the conflicts as a status can carry: with values where they are small, and as many paths as fit. */
function conflictReport(rejection: Rejection): ConflictReport {
  const report = create(ConflictReportSchema, { total: BigInt(conflictsIn(rejection)) });
  let bytes = 0;
  for (const conflict of rejection.conflicts) {
    const room = conflictBytesMax - bytes;
    const whole = conflictMessage(conflict, true);
    const fits = (each: ConflictReport['conflicts'][number]): boolean => {
      const size = toBinary(ConflictReportSchema, create(ConflictReportSchema, { conflicts: [each] })).length;
      if (size > room) return false;
      bytes += size;
      report.conflicts.push(each);
      return true;
    };
    if (!fits(whole) && !fits(conflictMessage(conflict, false))) break;
  }
  return report;
}

/** As much of a circle as a status can carry: its members, with as many of their targets as fit. */
function deadlockReport(circle: readonly DeadlockMember[]): DeadlockReport {
  const report = create(DeadlockReportSchema);
  let bytes = 0;
  for (const member of circle) {
    for (const told of [memberMessage(member), memberMessage({ ...member, targets: [] })]) {
      const size = toBinary(DeadlockReportSchema, create(DeadlockReportSchema, { members: [told] })).length;
      if (bytes + size > conflictBytesMax) continue;
      bytes += size;
      report.members.push(told);
      break;
    }
  }
  return report;
}

function cut(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text.isWellFormed() ? text : text.toWellFormed();
  return `${text.slice(0, charactersMax - 1).toWellFormed()}…`;
}
