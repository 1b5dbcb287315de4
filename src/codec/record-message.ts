/** Records as protobuf-es messages: what the hand-written codec is compared with, in tests and benches. */
import { create } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { RecordSchema, SchemaFormat, ValueKind } from '../gen/hyperloom/journal/v1/record_pb.ts';
import type {
  BasisEntrySchema,
  BeginGhostSchema,
  FieldChangeSchema,
  FieldIncrementSchema,
  GateSchema,
  MessagePatchSchema,
  OperationSchema,
  PreconditionSchema,
  Record,
  RegisterSchemaSchema,
  ScalarFieldSchema,
  StagedDiffSchema,
  ValueSchema,
} from '../gen/hyperloom/journal/v1/record_pb.ts';
import { unreachable } from '../base/assert.ts';
import type {
  BasisEntry,
  BeginGhost,
  Command,
  Fenced,
  FieldIncrement,
  MessagePatch,
  Operation,
  Precondition,
  Proposal,
} from '../state/command.ts';
import type { Effects } from '../state/forest.ts';
import type { Gate } from '../state/ghosts/gate.ts';
import type { StagedDiff } from '../state/ghosts/ghost.ts';
import type { LockCommand } from '../state/locks/lock-command.ts';
import type { FieldChange, ScalarField } from '../state/values/message-field.ts';
import { scalarTypes } from '../state/values/message-field.ts';
import type { Migration, SchemaCommand } from '../state/schemas/schema.ts';
import type { Value } from '../state/values/value.ts';
import type { Path } from '../trie/path.ts';
import { cascadeShape } from './cascade-message.ts';

type Shape = Exclude<MessageInitShape<typeof RecordSchema>, { $typeName: string }>;

/** The message that the bytes of this record must mean. */
export function recordMessage({ timeMs, run = 0, command }: Proposal, effects: Effects): Record {
  return create(RecordSchema, {
    timeMs: BigInt(timeMs),
    revision: BigInt(effects.revision),
    sequence: BigInt(effects.sequence),
    rejected: effects.rejected,
    command: commandShape(command),
    author: command.author,
    requestId: command.request?.id ?? '',
    requestFingerprint: command.request?.fingerprint ?? 0,
    sums: [...effects.sums],
    committed: effects.committed.map(diffShape),
    endedGhostIds: [...effects.endedGhostIds],
    droppedOperations: BigInt(effects.droppedOperations),
    checkpoint: effects.checkpoint,
    parentId: effects.parentId,
    lockChanges: effects.lockChanges.map(({ lockId, kind, fencingToken }) => ({
      lockId,
      kind: { granted: 1, released: 2, withdrawn: 3, aborted: 4, delayed: 5 }[kind],
      fencingToken: BigInt(fencingToken),
    })),
    deletedPaths: effects.deletedPaths.map(text),
    commitPending: effects.commitPending,
    run,
    refusalJson: effects.refusal === null ? '' : JSON.stringify(effects.refusal),
    traceParent: command.traceParent ?? '',
  });
}

function commandShape(command: Command): NonNullable<Shape['command']> {
  switch (command.kind) {
    case 'publish':
      return {
        case: 'publish',
        value: {
          ghostId: command.ghostId,
          label: command.label,
          ...partsShape(command),
          fencingTokens: tokensShape(command),
          edition: BigInt(command.edition ?? 0),
          bindingsByPath: command.bindingsByPath ?? false,
        },
      };
    case 'begin_ghost':
      return { case: 'beginGhost', value: beginShape(command) };
    case 'checkpoint_ghost': {
      const { ghostId, name, edition = 0 } = command;
      return { case: 'checkpointGhost', value: { ghostId, name, edition: BigInt(edition) } };
    }
    case 'commit_ghost': {
      const { ghostId, isolation, label, readsInViews = false, bindingsByPath = false } = command;
      const fencingTokens = tokensShape(command);
      const serializable = isolation === 'serializable';
      const approvedEdition = BigInt(command.approvedEdition ?? 0);
      const edition = BigInt(command.edition ?? 0);
      const { basis } = partsShape({ operations: [], preconditions: [], basis: command.basis ?? [] });
      const rules = { serializable, readsInViews, bindingsByPath };
      const how = { ...rules, fencingTokens, approvedEdition, edition, basis };
      return { case: 'commitGhost', value: { ghostId, label, ...how } };
    }
    case 'rewind_ghost': {
      const { ghostId, checkpoint, reason } = command;
      return { case: 'rewindGhost', value: { ghostId, checkpoint, reason } };
    }
    case 'revert_ghost':
      return { case: 'revertGhost', value: { ghostId: command.ghostId, reason: command.reason } };
    case 'expire_ghost':
      return { case: 'expireGhost', value: { ghostId: command.ghostId } };
    case 'review_ghost': {
      const { ghostId, reviewer, edition, approved, reason } = command;
      return {
        case: 'reviewGhost',
        value: { ghostId, reviewer, edition: BigInt(edition), approved, reason },
      };
    }
    case 'revert_revision': {
      const { operations, preconditions } = partsShape({ ...command, basis: [] });
      const { reason } = command;
      const fencingTokens = tokensShape(command);
      const value = { revision: BigInt(command.revision), reason, operations, preconditions, fencingTokens };
      return { case: 'revertRevision', value };
    }
    case 'revert_cascade': {
      const { operations, preconditions } = partsShape({ ...command, basis: [] });
      const fencingTokens = tokensShape(command);
      const value = { ...cascadeShape(command, basisShape), operations, preconditions, fencingTokens };
      return { case: 'revertCascade', value };
    }
    case 'compact':
      return { case: 'compact', value: { revision: BigInt(command.revision) } };
    case 'register_schema':
    case 'set_unbound_paths':
      return schemaCommandShape(command);
    default:
      return lockCommandShape(command);
  }
}

function beginShape(command: BeginGhost): MessageInitShape<typeof BeginGhostSchema> {
  const { ghostId, scope, baseRevision, parentId, ttlMs, label } = command;
  const numbers = { baseRevision: BigInt(baseRevision), ttlMs: BigInt(ttlMs) };
  const { gates = [], raceId = '', attemptsMax = 0, leaseId = '', parentEdition = 0 } = command;
  const more = { gates: gates.map(gateShape), raceId, attemptsMax: BigInt(attemptsMax), leaseId };
  const edition = { parentEdition: BigInt(parentEdition) };
  const { migration } = command;
  const brought = migration === undefined ? {} : { migration: sourceShape(migration) };
  return {
    ghostId,
    scope: text(scope),
    parentId,
    label,
    ...numbers,
    ...more,
    ...edition,
    ...brought,
  };
}

function schemaCommandShape(command: SchemaCommand): NonNullable<Shape['command']> {
  switch (command.kind) {
    case 'register_schema':
      return { case: 'registerSchema', value: sourceShape(command) };
    case 'set_unbound_paths':
      return { case: 'setUnboundPaths', value: { refused: command.refused } };
    default:
      return unreachable(command);
  }
}

function sourceShape(source: Migration): MessageInitShape<typeof RegisterSchemaSchema> {
  const { name, expectedVersion = 0 } = source;
  const format = source.format === 'protobuf' ? SchemaFormat.PROTOBUF : SchemaFormat.JSON_SCHEMA;
  const definition = binary(source.definition);
  const bindings = source.bindings.map(({ template, messageType }) => ({
    path: text(template.segments),
    messageType,
  }));
  return { name, format, definition, bindings, expectedVersion: BigInt(expectedVersion) };
}

function gateShape(gate: Gate): MessageInitShape<typeof GateSchema> {
  if (gate.kind === 'review') return { kind: { case: 'reviewer', value: gate.reviewer } };
  if (gate.kind === 'schema')
    return { kind: { case: 'schema', value: { revert: 1, collect: 2 }[gate.onViolation] } };
  const numbers = { operationsMax: BigInt(gate.operationsMax), bytesMax: BigInt(gate.bytesMax) };
  const patterns = gate.patterns.map(({ segments }) => text(segments));
  return { kind: { case: 'limit', value: { patterns, ...numbers } } };
}

function tokensShape({ fencingTokens = [] }: Fenced): bigint[] {
  return fencingTokens.map(BigInt);
}

function lockCommandShape(command: LockCommand): NonNullable<Shape['command']> {
  switch (command.kind) {
    case 'grant_lease': {
      const { leaseId, ttlMs, label } = command;
      return { case: 'grantLease', value: { leaseId, ttlMs: BigInt(ttlMs), label } };
    }
    case 'end_lease':
      return { case: 'endLease', value: { leaseId: command.leaseId } };
    case 'expire_lease':
      return { case: 'expireLease', value: { leaseId: command.leaseId } };
    case 'acquire_lock': {
      const { lockId, leaseId, noWait, label } = command;
      const numbers = { ttlMs: BigInt(command.ttlMs), delayMs: BigInt(command.delayMs) };
      const targets = command.targets.map(({ path, mode }) => ({
        path: text(path),
        mode: { is: 1, ix: 2, s: 3, six: 4, x: 5 }[mode],
      }));
      return { case: 'acquireLock', value: { lockId, leaseId, noWait, label, targets, ...numbers } };
    }
    case 'release_lock': {
      const { lockId, leaseId, endLease } = command;
      return { case: 'releaseLock', value: { lockId, leaseId, endLease } };
    }
    case 'end_lock_delay':
      return { case: 'endLockDelay', value: { lockId: command.lockId } };
    default:
      return unreachable(command);
  }
}

function diffShape(diff: StagedDiff): MessageInitShape<typeof StagedDiffSchema> {
  const { sequence, timeMs, author, label, sums } = diff;
  const numbers = { sequence: BigInt(sequence), timeMs: BigInt(timeMs) };
  return { author, label, sums: [...sums], ...numbers, ...partsShape(diff) };
}

interface Parts {
  readonly operations: readonly Operation[];
  readonly preconditions: readonly Precondition[];
  readonly basis: readonly BasisEntry[];
}

function partsShape(parts: Parts) {
  return {
    operations: parts.operations.map(operationShape),
    preconditions: parts.preconditions.map(preconditionShape),
    basis: parts.basis.map(basisShape),
  };
}

function operationShape(operation: Operation): MessageInitShape<typeof OperationSchema> {
  const path = text(operation.path);
  switch (operation.kind) {
    case 'put':
      return {
        path,
        action: { case: 'put', value: valueShape(operation.value) },
        leaseId: operation.leaseId ?? '',
      };
    case 'append':
      return { path, action: { case: 'append', value: valueShape(operation.addition) } };
    case 'merge':
      return { path, action: { case: 'merge', value: operation.patch } };
    case 'increment':
      if (typeof operation.amount === 'bigint') {
        return { path, action: { case: 'incrementInteger', value: operation.amount } };
      }
      return { path, action: { case: 'incrementReal', value: operation.amount } };
    case 'delete':
      return {
        path,
        action: { case: operation.scope === 'subtree' ? 'deleteSubtree' : 'deleteNode', value: true },
      };
    case 'copy': {
      const source = { sourcePath: text(operation.source), sourceRevision: BigInt(operation.sourceRevision) };
      return { path, action: { case: 'copy', value: source } };
    }
    case 'merge_message':
      return { path, action: { case: 'mergeMessage', value: patchShape(operation) } };
    case 'append_message':
      return { path, action: { case: 'appendMessage', value: patchShape(operation) } };
    case 'increment_field':
      return { path, action: { case: 'incrementField', value: incrementShape(operation) } };
    default:
      return unreachable(operation);
  }
}

function patchShape({ patch, fields, mask }: MessagePatch): MessageInitShape<typeof MessagePatchSchema> {
  return { patch: valueShape(patch), fields: fields.map(changeShape), mask: [...mask] };
}

function changeShape(change: FieldChange): MessageInitShape<typeof FieldChangeSchema> {
  const { number, others, kind } = change;
  const within = change.kind === 'within' ? change.within.map(changeShape) : [];
  const numbers = { within: 0, replace: 1, append: 2, pack: 3, entries: 4, present: 5 } as const;
  return { number, others: [...others], kind: numbers[kind], within };
}

function incrementShape({
  field,
  amount,
  initial,
  type,
}: FieldIncrement): MessageInitShape<typeof FieldIncrementSchema> {
  return {
    field: fieldShape(field),
    amount: typeof amount === 'bigint' ? { case: 'integer', value: amount } : { case: 'real', value: amount },
    type,
    ...(initial === undefined ? {} : { default: defaultShape(initial) }),
  };
}

function defaultShape(initial: bigint | number) {
  return typeof initial === 'bigint'
    ? { case: 'defaultInteger' as const, value: String(initial) }
    : { case: 'defaultReal' as const, value: initial };
}

function fieldShape({
  name,
  steps,
  type,
  implicit,
}: ScalarField): MessageInitShape<typeof ScalarFieldSchema> {
  const stepShapes = steps.map(({ number, others }) => ({ number, others: [...others] }));
  return { name, steps: stepShapes, type: scalarTypes[type], implicit };
}

const kinds = {
  json: ValueKind.JSON,
  items: ValueKind.ITEMS,
  text: ValueKind.TEXT,
  bytes: ValueKind.BYTES,
  message: ValueKind.MESSAGE,
} as const;

function valueShape({ kind, data, type }: Value): MessageInitShape<typeof ValueSchema> {
  if (kind !== 'bytes' && kind !== 'message') return { kind: kinds[kind], text: data, type };
  return { kind: kinds[kind], bytes: binary(data), type };
}

function binary(data: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(data, (character) => character.charCodeAt(0));
}

function preconditionShape(precondition: Precondition): MessageInitShape<typeof PreconditionSchema> {
  const path = text(precondition.path);
  switch (precondition.kind) {
    case 'presence':
      return { path, condition: { case: 'present', value: precondition.present } };
    case 'modified_revision':
      return { path, condition: { case: 'modifiedRevision', value: BigInt(precondition.revision) } };
    case 'version':
      return { path, condition: { case: 'version', value: BigInt(precondition.version) } };
    case 'subtree_unchanged_since':
      return { path, condition: { case: 'subtreeUnchangedSince', value: BigInt(precondition.revision) } };
    case 'field': {
      const expectation =
        'isSet' in precondition
          ? { case: 'isSet' as const, value: precondition.isSet }
          : { case: 'equals' as const, value: binary(precondition.equals) };
      return {
        path,
        condition: { case: 'field', value: { field: fieldShape(precondition.field), expectation } },
      };
    }
    case 'json': {
      const expectation =
        'isSet' in precondition
          ? { case: 'isSet' as const, value: precondition.isSet }
          : { case: 'equals' as const, value: precondition.equals };
      return { path, condition: { case: 'json', value: { pointer: precondition.pointer, expectation } } };
    }
    default:
      return unreachable(precondition);
  }
}

function basisShape(entry: BasisEntry): MessageInitShape<typeof BasisEntrySchema> {
  const { path, revision, extent, ghostId = '', sequence = 0 } = entry;
  const numbers = { revision: BigInt(revision), sequence: BigInt(sequence) };
  return { path: text(path), extent: { node: 1, subtree: 2, absent: 3 }[extent], ghostId, ...numbers };
}

function text(path: Path): string {
  return `/${path.join('/')}`;
}
