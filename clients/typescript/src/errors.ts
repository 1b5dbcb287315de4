/** Errors that the client throws. Decide by class, code and reason; never by message text, which is for people. */
import type { DeadlockMember } from './lock-info.ts';
import type { Node } from './node.ts';
import { readSchemaProblem, type SchemaProblem } from './schema-problem.ts';

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
  readonly circle: readonly DeadlockMember[];
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

/** There is no such node, ghost, checkpoint, forest, lock or reviewer (`reason` tells which). */
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
  override readonly name: string = 'InvalidRequestError';
}

/** A value does not fit the schema of its path. Nothing was changed. */
export class SchemaViolationError extends InvalidRequestError {
  override readonly name = 'SchemaViolationError';

  /** The path of the first value that does not. */
  get path(): string {
    return this.metadata['path'] ?? '';
  }

  /** The schema's name. */
  get schema(): string {
    return this.metadata['schema'] ?? '';
  }

  /** Its version. */
  get schemaVersion(): number {
    return numberOf(this.metadata['version']) ?? 0;
  }

  /** Each field with the rule that it breaks; as many as an answer can carry. */
  get problems(): readonly SchemaProblem[] {
    return this.violations.map(readSchemaProblem);
  }
}

/**
 * A schema gate has taken the ghost back to its newest checkpoint, or ended it where its race has no attempt left, because a value does not
 * fit.
 */
export class GateRevertedError extends HyperloomError {
  override readonly name = 'GateRevertedError';

  /** Which ghost. */
  get ghostId(): string {
    return this.metadata['ghost_id'] ?? '';
  }

  /** Each field with the rule that it breaks; as many as an answer can carry. */
  get problems(): readonly SchemaProblem[] {
    return this.violations.map(readSchemaProblem);
  }
}

/** A node holds something else than the message that a typed handle is for: no schema binds its path to that. */
export class TypeMismatchError extends HyperloomError {
  override readonly name = 'TypeMismatchError';
}

/** The broker's state does not allow it: live child ghosts, a reused request id, a protected forest, a lock of another's. */
export class StateError extends HyperloomError {
  override readonly name: string = 'StateError';
}

/** The ghost was committed, reverted or has expired. */
export class GhostOverError extends StateError {
  override readonly name = 'GhostOverError';
}

/**
 * A crash of the broker has taken what was done last in the ghost. Look at it, and go back to a checkpoint and do the rest again, or
 * revert it.
 */
export class GhostInterruptedError extends HyperloomError {
  override readonly name = 'GhostInterruptedError';
}

/** Another owner's lock is in the way, and the wait for it is over. Nothing was written or locked. */
export class LockedError extends HyperloomError {
  override readonly name = 'LockedError';

  /** Where. */
  get path(): string {
    return this.metadata['path'] ?? '';
  }

  /** The author of the lock that is in the way. */
  get holder(): string {
    return this.metadata['holder'] ?? '';
  }
}

/** The wait would never end, and this was the youngest owner in the circle: let go of everything that is held, and start again. */
export class DeadlockError extends HyperloomError {
  override readonly name = 'DeadlockError';
  /** Who waits for whom, each for the next and the last for the first, which is this one. */
  readonly circle: readonly DeadlockMember[];

  constructor(details: ErrorDetails) {
    super(details);
    this.circle = details.circle;
  }
}

/** The lock that the write was done under is not held any more. Nothing was written. */
export class StaleFencingTokenError extends StateError {
  override readonly name = 'StaleFencingTokenError';

  /** The author of who holds the path now; empty where nobody does. */
  get holder(): string {
    return this.metadata['holder'] ?? '';
  }
}

/** The lease is over, or may be, since no sign of life got through for its ttl: nothing that is done under it counts any more. */
export class LeaseLostError extends StateError {
  override readonly name = 'LeaseLostError';
}

/** A reviewer rejected the ghost, which went back to its last checkpoint and lives on. */
export class ReviewRejectedError extends HyperloomError {
  override readonly name = 'ReviewRejectedError';

  /** Who. */
  get reviewer(): string {
    return this.metadata['reviewer'] ?? '';
  }

  /** Why. */
  get reviewReason(): string {
    return this.metadata['review_reason'] ?? '';
  }
}

/** The ghost was changed since it was looked at, or while its commit waited for reviewers. */
export class ReviewOutdatedError extends HyperloomError {
  override readonly name = 'ReviewOutdatedError';
}

/** A gate refuses the diff: it goes beyond what the ghost may touch. Nothing of it was staged. */
export class GateLimitError extends StateError {
  override readonly name = 'GateLimitError';
}

/** Another ghost of the race was committed. */
export class RaceOverError extends StateError {
  override readonly name = 'RaceOverError';

  /** Which. */
  get winnerGhostId(): string {
    return this.metadata['winner_ghost_id'] ?? '';
  }
}

/** What the ghost had read was reverted since: look at it again, and commit again. Metadata: `ghost_id`, `path`, `revision`. */
export class BasisRevertedError extends HyperloomError {
  override readonly name = 'BasisRevertedError';
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
  override readonly name: string = 'ResourceExhaustedError';
}

/** The race has no attempts left. */
export class RaceExhaustedError extends ResourceExhaustedError {
  override readonly name = 'RaceExhaustedError';
}

/**
 * The broker cannot be reached, is starting or stopping, or cannot take writes. Retried by the client until the deadline. A mutation may or
 * may not have taken effect: an earlier attempt may have, and what a failed disk has kept is known after a restart.
 */
export class UnavailableError extends HyperloomError {
  override readonly name = 'UnavailableError';
}

/** The call took longer than allowed. A mutation may or may not have taken effect. */
export class DeadlineExceededError extends HyperloomError {
  override readonly name = 'DeadlineExceededError';
}

/** The client was closed, or the broker cancelled the call. */
export class CancelledError extends HyperloomError {
  override readonly name: string = 'CancelledError';
}

/** The caller is not known or not allowed to do this. */
export class AccessError extends HyperloomError {
  override readonly name = 'AccessError';
}

type SomeDetails = Partial<ErrorDetails> & Pick<ErrorDetails, 'code' | 'message'>;

/** Makes the error of the class that fits code and reason. */
export function makeError(details: SomeDetails): HyperloomError {
  return new (classFor(details.code, details.reason ?? ''))(complete(details));
}

/** The error for a node that holds something else than is due. */
export function typeMismatch(path: string, found: string, due: string, cause?: unknown): TypeMismatchError {
  const message = `${path} holds ${found} where ${due} is due`;
  return new TypeMismatchError(complete({ code: 'FAILED_PRECONDITION', message, metadata: { path }, cause }));
}

function complete(details: SomeDetails): ErrorDetails {
  return {
    reason: '',
    metadata: {},
    violations: [],
    conflicts: [],
    conflictsTotal: details.conflicts?.length ?? 0,
    circle: [],
    ...details,
  };
}

/** Reasons that a program decides by have a class of their own; for all others the code tells enough. */
const classByReason: ReadonlyMap<string, typeof HyperloomError> = new Map<string, typeof HyperloomError>([
  ['CONFLICT', ConflictError],
  ['SCHEMA_VIOLATION', SchemaViolationError],
  ['PRECONDITION_FAILED', PreconditionFailedError],
  ['LOCKED', LockedError],
  ['DEADLOCK', DeadlockError],
  ['STALE_FENCING_TOKEN', StaleFencingTokenError],
  ['LEASE_NOT_FOUND', LeaseLostError],
  // What the client finds out by itself.
  ['LEASE_LOST', LeaseLostError],
  ['REVIEW_REJECTED', ReviewRejectedError],
  ['REVIEW_OUTDATED', ReviewOutdatedError],
  ['GATE_LIMIT', GateLimitError],
  ['GATE_REVERTED', GateRevertedError],
  ['GHOST_OVER', GhostOverError],
  ['GHOST_INTERRUPTED', GhostInterruptedError],
  ['RACE_OVER', RaceOverError],
  ['BASIS_REVERTED', BasisRevertedError],
  ['RACE_EXHAUSTED', RaceExhaustedError],
]);

function classFor(code: Code, reason: string): typeof HyperloomError {
  return classByReason.get(reason) ?? classByCode(code);
}

function classByCode(code: Code): typeof HyperloomError {
  switch (code) {
    case 'NOT_FOUND':
      return NotFoundError;
    case 'ALREADY_EXISTS':
      return AlreadyExistsError;
    case 'INVALID_ARGUMENT':
      return InvalidRequestError;
    case 'FAILED_PRECONDITION':
      return StateError;
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
    case 'ABORTED':
    case 'UNKNOWN':
    case 'UNIMPLEMENTED':
    case 'INTERNAL':
    case 'DATA_LOSS':
      return HyperloomError;
    default:
      return unreachable(code);
  }
}

/** Ends an exhaustive switch: the compiler proves that it is never reached. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
