/** Turns a gRPC status with its details, and refusals inside a stream, into typed errors. */
import { fromBinary } from '@bufbuild/protobuf';
import { BadRequestSchema, ErrorInfoSchema } from './gen/google/rpc/error_details_pb.ts';
import { ConflictKind as WireKind, ConflictReportSchema } from './gen/hyperloom/v1/ghost_pb.ts';
import { DeadlockReportSchema } from './gen/hyperloom/v1/lock_pb.ts';
import { codeName } from './code-name.ts';
import { makeError, type Code, type Conflict, type ConflictKind, type HyperloomError } from './errors.ts';
import { readDeadlockMember } from './lock-info.ts';
import { readNodeOrUndefined } from './node.ts';
import type { Conflict as WireConflict } from './gen/hyperloom/v1/ghost_pb.ts';
import type { Refusal } from './gen/hyperloom/v1/context_service_pb.ts';

/** One detail of a status: a message by the name of its type. */
export interface StatusDetail {
  /** Such as `google.rpc.ErrorInfo`. */
  readonly typeName: string;
  readonly bytes: Uint8Array;
}

/** The error that a status stands for. Details that do not decode are left out: the status itself still tells the code. */
export function errorFromStatus(
  code: Code,
  message: string,
  details: readonly StatusDetail[] = [],
  cause?: unknown,
): HyperloomError {
  let found: Partial<Parameters<typeof makeError>[0]> = {};
  for (const detail of details) {
    try {
      found = { ...found, ...readDetail(detail) };
    } catch {
      continue;
    }
  }
  return makeError({ ...found, code, message, ...(cause === undefined ? {} : { cause }) });
}

/** The error that a refusal inside a publish stream stands for. */
export function errorFromRefusal(refusal: Refusal): HyperloomError {
  const { code, message, reason, metadata } = refusal;
  const violations = refusal.violations.map(({ field, description }) => ({ field, description }));
  return makeError({ code: codeName(code), message, reason, metadata, violations });
}

function readDetail(detail: StatusDetail): Partial<Parameters<typeof makeError>[0]> {
  switch (detail.typeName) {
    case ErrorInfoSchema.typeName: {
      const { reason, metadata } = fromBinary(ErrorInfoSchema, detail.bytes);
      return { reason, metadata };
    }
    case BadRequestSchema.typeName: {
      const { fieldViolations } = fromBinary(BadRequestSchema, detail.bytes);
      return { violations: fieldViolations.map(({ field, description }) => ({ field, description })) };
    }
    case ConflictReportSchema.typeName: {
      const report = fromBinary(ConflictReportSchema, detail.bytes);
      return { conflicts: report.conflicts.map(readConflict), conflictsTotal: Number(report.total) };
    }
    case DeadlockReportSchema.typeName:
      return { circle: fromBinary(DeadlockReportSchema, detail.bytes).members.map(readDeadlockMember) };
    default:
      return {};
  }
}

function readConflict(conflict: WireConflict): Conflict {
  return {
    path: conflict.path,
    kind: conflictNames[conflict.kind] ?? 'value',
    base: readNodeOrUndefined(conflict.base, 0),
    trunk: readNodeOrUndefined(conflict.trunk, 0),
    ghost: readNodeOrUndefined(conflict.ghost, 0),
    message: conflict.message,
  };
}

const conflictNames: Readonly<Record<number, ConflictKind>> = {
  [WireKind.VALUE]: 'value',
  [WireKind.SUBTREE]: 'subtree',
  [WireKind.PRECONDITION]: 'precondition',
  [WireKind.BASIS]: 'basis',
  [WireKind.REFUSED]: 'refused',
};
