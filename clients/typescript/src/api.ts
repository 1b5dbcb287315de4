/** Everything that programs use, apart from `connect`, which differs between Node and browsers. */
export type { Consistency, ViewOptions } from './agent.ts';
export type { BasisEntry, BasisExtent } from './basis.ts';
export type {
  AffectedGhost,
  BasisReverted,
  Cascade,
  CascadeReport,
  NotUndone,
  NotUndoneCause,
  RevertedBasis,
  UndonePublish,
} from './cascade.ts';
export { Client, connectOver, type AgentOptions, type ClientOptions } from './client.ts';
export { ClosedError } from './closed-error.ts';
export type { ConnectionOptions } from './connection.ts';
export { ContextWindow, type ContextUpdate, type ContextWindowOptions } from './context-window.ts';
export type { Diagnostic, Diagnostics } from './diagnostics.ts';
export type { NodeDifference } from './difference.ts';
export {
  AccessError,
  AlreadyExistsError,
  BasisRevertedError,
  CancelledError,
  ConflictError,
  DeadlockError,
  DeadlineExceededError,
  GateLimitError,
  GateRevertedError,
  GhostInterruptedError,
  GhostOverError,
  HyperloomError,
  InvalidRequestError,
  LeaseLostError,
  LockedError,
  NotFoundError,
  PreconditionFailedError,
  RaceExhaustedError,
  RaceOverError,
  ResourceExhaustedError,
  ReviewOutdatedError,
  ReviewRejectedError,
  RevisionError,
  SchemaViolationError,
  StaleFencingTokenError,
  StateError,
  TypeMismatchError,
  UnavailableError,
  type Code,
  type Conflict,
  type ConflictKind,
  type ErrorDetails,
  type FieldViolation,
} from './errors.ts';
export { RaceFailed, SpeculationFailed } from './failed-attempts.ts';
export type { Action, Change, Event, GhostTransition, GhostTransitionKind } from './event.ts';
export type { FieldPath, FieldValue, NumberPath } from './field-path.ts';
export type { Forest, Status } from './forest.ts';
export type { BackupMark, BackupOptions } from './backup.ts';
export type { BackupTailOptions, BackupTailPiece } from './backup-tail.ts';
export { Forests, type Compacted, type StatusOptions } from './forests.ts';
export {
  gate,
  type Gate,
  type GateLimits,
  type GateStanding,
  type StagedViolation,
  type ViolationAction,
  type RaceMembership,
  type RaceStanding,
} from './gate.ts';
export { Ghost, type RewindOptions, type Speculation } from './ghost.ts';
export type { GhostCheckpoint, GhostInfo, GhostState, RevertedAttempt } from './ghost-info.ts';
export { Json, json, parseJson, stringifyJson, type JsonValue } from './json.ts';
export { Lease, type LeaseEnded, type LeaseOptions } from './lease.ts';
export { Lock, type LockedWork, type LockOptions, type NestedLockOptions } from './lock.ts';
export type { LockTargets } from './lock-calls.ts';
export type {
  DeadlockMember,
  InspectedLock,
  LeaseInfo,
  LockInfo,
  LockMode,
  LockState,
  LockTarget,
} from './lock-info.ts';
export { mapping, type MappingRule, type MessageMapping } from './mapping.ts';
export type { Meter, MeterPrice, Volume } from './meter.ts';
export type { SchemaMigration } from './migration.ts';
export type { Aged, Node, NodesAtRevision } from './node.ts';
export { nodeType, type NodeType, type PathVariables, type SomePathVariables } from './node-type.ts';
export {
  operation,
  precondition,
  type Addition,
  type Amount,
  type DeleteScope,
  type Expectation,
  type LeaseReference,
  type Operation,
  type Precondition,
} from './operation.ts';
export type * from './options.ts';
export type { Committed, Reverted } from './outcomes.ts';
export { Paged, type Page } from './paged.ts';
export type { BlameLine } from './past.ts';
export type { Published } from './publish/diff.ts';
export type { Alternative, RaceOptions, RaceWon } from './race.ts';
export type {
  RenderedContext,
  RenderLayoutOptions,
  RenderOptions,
  RenderPart,
  RenderParts,
} from './render.ts';
export type { RevertOptions } from './revert.ts';
export {
  Reviews,
  type PendingReview,
  type ReviewItem,
  type ReviewSettlement,
  type ReviewSubject,
  type ReviewSubscribeOptions,
} from './reviews.ts';
export {
  schemaOf,
  type Schema,
  type SchemaBinding,
  type SchemaDefinition,
  type SchemaObjection,
} from './schema.ts';
export type { SchemaProblem } from './schema-problem.ts';
export {
  Schemas,
  type GetSchemaOptions,
  type ListedSchemas,
  type ReadSchemaOptions,
  type RegisteredSchema,
  type RegisterSchemaOptions,
  type TriedSchema,
  type UnboundPaths,
  type ValidateSchemaOptions,
} from './schemas.ts';
export type { SearchHit, SearchOptions, SearchTarget } from './search.ts';
export type { Attempt, Speculated, SpeculationIn, SpeculativeGhost, Verdict } from './speculate.ts';
export { Subscription } from './subscription.ts';
export type { SubscriptionItem } from './subscription-item.ts';
export type { Clock, Random, Timer } from './time.ts';
export type {
  DerivedPublish,
  GhostDiff,
  SeenNode,
  SeenStanding,
  TraceLink,
  TraceOptions,
  TracePage,
  TraceStart,
  TraceUpstreamOptions,
} from './trace.ts';
export type { ByteStream, CallLimits, StreamReceiver, Transport } from './transport.ts';
export {
  Typed,
  type TypedListOptions,
  type TypedMergeOptions,
  type TypedReadOptions,
  type TypedSubscribeOptions,
} from './typed.ts';
export type { TypedOperations, TypedPreconditions } from './typed-operations.ts';
export { TypedChange, TypedNode, type TypedItem } from './typed-node.ts';
export { TypedSubscription } from './typed-subscription.ts';
export {
  MessageJson,
  messageJson,
  TypedMessage,
  type PutValue,
  type Value,
  type ValueKind,
} from './value.ts';
export type { FormOptions, FormProblem, ValueForm, ValueViewOptions } from './value-view.ts';
