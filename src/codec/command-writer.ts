/** Commands → the `command` of a `Record`. Author and request stand in the record itself. */
import type { Command, CommitGhost } from '../state/command.ts';
import { writeRevertCascade } from './cascade-command.ts';
import { writeBasis, writePreconditions } from './condition.ts';
import { writeGate, writeReview } from './gate.ts';
import { writeLockCommand } from './lock-command.ts';
import { writeMigration, writeSchemaCommand } from './schema-command.ts';
import { estimateOperations, writeOperations } from './operation.ts';
import type { WireWriter } from './wire-writer.ts';

/** Field numbers of the commands in `Record`. */
export const commandField = {
  publish: 5,
  begin_ghost: 6,
  checkpoint_ghost: 7,
  commit_ghost: 8,
  rewind_ghost: 9,
  revert_ghost: 10,
  expire_ghost: 11,
  revert_revision: 12,
  compact: 13,
  grant_lease: 23,
  end_lease: 24,
  expire_lease: 25,
  acquire_lock: 26,
  release_lock: 27,
  end_lock_delay: 28,
  review_ghost: 29,
  register_schema: 34,
  set_unbound_paths: 35,
  revert_cascade: 37,
} as const satisfies Record<Command['kind'], number>;

export function writeCommand(writer: WireWriter, command: Command): void {
  const mark = writer.open(commandField[command.kind], estimate(command));
  writeBody(writer, command);
  writer.close(mark);
}

function estimate(command: Command): number {
  if (command.kind === 'publish') {
    return estimateOperations(command.operations) + command.label.length + command.ghostId.length;
  }
  if (command.kind === 'register_schema') return command.definition.length + 64;
  if (command.kind === 'begin_ghost') return command.migration?.definition.length ?? 0;
  const isRevert = command.kind === 'revert_revision' || command.kind === 'revert_cascade';
  return isRevert ? estimateOperations(command.operations) : 0;
}

function writeBody(writer: WireWriter, command: Command): void {
  switch (command.kind) {
    case 'publish':
      writer.text(1, command.ghostId);
      writeOperations(writer, 2, command.operations);
      writePreconditions(writer, 3, command.preconditions);
      writer.text(4, command.label);
      writeBasis(writer, 5, command.basis);
      writer.uints(6, command.fencingTokens);
      writer.uint(7, command.edition ?? 0);
      return writer.boolean(8, command.bindingsByPath ?? false);
    case 'begin_ghost':
      writer.text(1, command.ghostId);
      writer.path(2, command.scope);
      writer.uint(3, command.baseRevision);
      writer.text(4, command.parentId);
      writer.uint(5, command.ttlMs);
      writer.text(6, command.label);
      for (const gate of command.gates ?? []) writeGate(writer, 7, gate);
      writer.text(8, command.raceId ?? '');
      writer.uint(9, command.attemptsMax ?? 0);
      writer.text(10, command.leaseId ?? '');
      writer.uint(11, command.parentEdition ?? 0);
      if (command.migration !== undefined) writeMigration(writer, 12, command.migration);
      return;
    case 'checkpoint_ghost':
      writer.text(1, command.ghostId);
      writer.text(2, command.name);
      return writer.uint(3, command.edition ?? 0);
    case 'commit_ghost':
      return writeCommitGhost(writer, command);
    case 'rewind_ghost':
      writer.text(1, command.ghostId);
      writer.text(2, command.checkpoint);
      return writer.text(3, command.reason);
    case 'revert_ghost':
      writer.text(1, command.ghostId);
      return writer.text(2, command.reason);
    case 'expire_ghost':
      return writer.text(1, command.ghostId);
    case 'review_ghost':
      return writeReview(writer, command);
    case 'revert_revision':
      writer.uint(1, command.revision);
      writeOperations(writer, 2, command.operations);
      writer.text(3, command.reason);
      writePreconditions(writer, 4, command.preconditions);
      return writer.uints(5, command.fencingTokens);
    case 'revert_cascade':
      return writeRevertCascade(writer, command);
    case 'compact':
      return writer.uint(1, command.revision);
    case 'register_schema':
    case 'set_unbound_paths':
      return writeSchemaCommand(writer, command);
    default:
      return writeLockCommand(writer, command);
  }
}

/** Writes the content of a `CommitGhost`. */
export function writeCommitGhost(writer: WireWriter, command: CommitGhost): void {
  writer.text(1, command.ghostId);
  writer.boolean(2, command.isolation === 'serializable');
  writer.text(3, command.label);
  writer.uints(4, command.fencingTokens);
  writer.uint(5, command.approvedEdition ?? 0);
  writer.uint(6, command.edition ?? 0);
  writeBasis(writer, 7, command.basis ?? []);
  writer.boolean(8, command.readsInViews ?? false);
  writer.boolean(9, command.bindingsByPath ?? false);
}
