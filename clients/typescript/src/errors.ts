/** Errors that the client throws. Decide by class, code and reason; never by message text, which is for people. */
import type { Node } from './node.ts';

/** Names of gRPC status codes. */
export type Code =
  | 'CANCELLED'
  | 'UNKNOWN'
  | 'INVALID_ARGUMENT'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'PERMISSION_DENIED'
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'OUT_OF_RANGE'
  | 'UNIMPLEMENTED'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'DATA_LOSS'
  | 'UNAUTHENTICATED';

/** A field of the request that is at fault. */
export interface FieldViolation {
  /** Such as `operations[0].path`. */
  readonly field: string;
  readonly description: string;
}

/** What a refusal carries. */
export interface ErrorDetails {
  readonly code: Code;
  readonly message: string;
  /** The name of a `hyperloom.v1.ErrorReason` without its prefix; empty where the broker gave none. */
  readonly reason: string;
  /** For programs; keys as documented at each reason. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly violations: readonly FieldViolation[];
  readonly conflicts: readonly Conflict[];
  readonly conflictsTotal: number;
  readonly cause?: unknown;
}

/** Anything that the broker refused or that kept a call from reaching it. */
export class HyperloomError extends Error {
  override readonly name: string = 'HyperloomError';
  readonly code: Code;
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly violations: readonly FieldViolation[];

  constructor(details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.reason = details.reason;
    this.metadata = details.metadata;
    this.violations = details.violations;
  }
}

/** There is no such node, ghost, checkpoint or forest (`reason` tells which). */
export class NotFoundError extends HyperloomError {
  override readonly name = 'NotFoundError';
}

/** There is a forest or checkpoint of that name already. */
export class AlreadyExistsError extends HyperloomError {
  override readonly name = 'AlreadyExistsError';
}

/** A precondition does not hold: read again and retry the whole step. */
export class PreconditionFailedError extends HyperloomError {
  override readonly name = 'PreconditionFailedError';
}

/** What a conflict was about. */
export type ConflictKind = 'value' | 'subtree' | 'precondition' | 'basis' | 'refused';

/** Why one path could not be rebased; nodes are `undefined` where absent. */
export interface Conflict {
  readonly path: string;
  readonly kind: ConflictKind;
  readonly base: Node | undefined;
  readonly trunk: Node | undefined;
  readonly ghost: Node | undefined;
  readonly message: string;
}

/** A commit or revert conflicts with newer changes; nothing was changed. */
export class ConflictError extends HyperloomError {
  override readonly name = 'ConflictError';
  /** The first 100, path by path. */
  readonly conflicts: readonly Conflict[];
  /** How many there are in all. */
  readonly total: number;

  constructor(details: ErrorDetails) {
    super(details);
    this.conflicts = details.conflicts;
    this.total = details.conflictsTotal;
  }
}

/** The request is malformed, over a limit, or does not fit what the node holds. */
export class InvalidRequestError extends HyperloomError {
  override readonly name = 'InvalidRequestError';
}

/** The ghost was committed, reverted or has expired, or lost staged work in a crash of the broker. */
export class GhostOverError extends HyperloomError {
  override readonly name = 'GhostOverError';
}

/** The broker's state does not allow it: live child ghosts, a reused request id, a protected forest. */
export class StateError extends HyperloomError {
  override readonly name = 'StateError';
}

/** That revision is compacted or does not exist yet. */
export class RevisionError extends HyperloomError {
  override readonly name = 'RevisionError';

  /** The oldest revision left, where the one asked for is compacted. */
  get oldestRevision(): number | undefined {
    return numberOf(this.metadata['oldest_revision']);
  }

  /** The newest revision, where the one asked for does not exist yet. */
  get newestRevision(): number | undefined {
    return numberOf(this.metadata['newest_revision']);
  }
}

/** A quota or a queue is full, in the broker or in this client. */
export class ResourceExhaustedError extends HyperloomError {
  override readonly name = 'ResourceExhaustedError';
}

/** The broker cannot be reached, is starting or stopping, or cannot take writes. Retried by the client until the deadline. */
export class UnavailableError extends HyperloomError {
  override readonly name = 'UnavailableError';
}

/** The call took longer than allowed. A mutation may or may not have taken effect. */
export class DeadlineExceededError extends HyperloomError {
  override readonly name = 'DeadlineExceededError';
}

/** The client was closed, or the broker cancelled the call. */
export class CancelledError extends HyperloomError {
  override readonly name = 'CancelledError';
}

/** The caller is not known or not allowed to do this. */
export class AccessError extends HyperloomError {
  override readonly name = 'AccessError';
}

/** Every attempt of a `speculate` was refused; nothing of them reached the trunk. */
export class SpeculationFailed extends Error {
  override readonly name = 'SpeculationFailed';
  /** Why each attempt was refused, oldest first. */
  readonly reasons: readonly string[];

  constructor(reasons: readonly string[], cause?: unknown) {
    super(`all ${reasons.length} attempts were refused; the last: ${reasons.at(-1) ?? ''}`, { cause });
    this.reasons = reasons;
  }
}

/** Makes the error of the class that fits code and reason. */
export function makeError(
  details: Partial<ErrorDetails> & Pick<ErrorDetails, 'code' | 'message'>,
): HyperloomError {
  const all: ErrorDetails = {
    reason: '',
    metadata: {},
    violations: [],
    conflicts: [],
    conflictsTotal: details.conflicts?.length ?? 0,
    ...details,
  };
  return new (classFor(all.code, all.reason))(all);
}

function classFor(code: Code, reason: string): typeof HyperloomError {
  switch (code) {
    case 'NOT_FOUND':
      return NotFoundError;
    case 'ALREADY_EXISTS':
      return AlreadyExistsError;
    case 'ABORTED':
      if (reason === 'CONFLICT') return ConflictError;
      return reason === 'PRECONDITION_FAILED' ? PreconditionFailedError : HyperloomError;
    case 'INVALID_ARGUMENT':
      return InvalidRequestError;
    case 'FAILED_PRECONDITION':
      return reason === 'GHOST_OVER' ? GhostOverError : StateError;
    case 'OUT_OF_RANGE':
      return RevisionError;
    case 'RESOURCE_EXHAUSTED':
      return ResourceExhaustedError;
    case 'UNAVAILABLE':
      return UnavailableError;
    case 'DEADLINE_EXCEEDED':
      return DeadlineExceededError;
    case 'CANCELLED':
      return CancelledError;
    case 'PERMISSION_DENIED':
    case 'UNAUTHENTICATED':
      return AccessError;
    case 'UNKNOWN':
    case 'UNIMPLEMENTED':
    case 'INTERNAL':
    case 'DATA_LOSS':
      return HyperloomError;
    default:
      return unreachable(code);
  }
}

const codeNames: readonly Code[] = [
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

/** The name of a numeric gRPC status code from 1. Codes that nobody has defined are `UNKNOWN`. */
export function codeName(code: number): Code {
  return codeNames[code - 1] ?? 'UNKNOWN';
}

/** Ends an exhaustive switch: the compiler proves that it is never reached. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
