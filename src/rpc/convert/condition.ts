/** Preconditions and bases between the wire and the state. */
import { unreachable } from '../../base/assert.ts';
import type {
  BasisEntry as BasisMessage,
  Precondition as PreconditionMessage,
} from '../../gen/hyperloom/v1/operation_pb.ts';
import type { BasisEntry, Precondition } from '../../state/command.ts';
import { checkEnum, checkPath, isGhostId, toNumber } from '../checks.ts';
import { violation } from '../errors.ts';
import { fieldConditionFrom } from './message-operation.ts';
import type { FieldNames } from './message-operation.ts';

const presences = [undefined, 'present', 'absent'] as const;
const extents = ['node', 'node', 'subtree', 'absent'] as const;

export function preconditionFrom(
  { path: text, condition }: PreconditionMessage,
  field: string,
  names: FieldNames,
): Precondition {
  const path = checkPath(text, `${field}.path`);
  switch (condition.case) {
    case 'presence': {
      const presence = checkEnum(condition.value, presences, `${field}.presence`);
      return { kind: 'presence', path, present: presence === 'present' };
    }
    case 'modifiedRevision':
      return { kind: 'modified_revision', path, revision: toNumber(condition.value) };
    case 'version':
      return { kind: 'version', path, version: toNumber(condition.value) };
    case 'subtreeUnchangedSince':
      return { kind: 'subtree_unchanged_since', path, revision: toNumber(condition.value) };
    case 'field':
      return fieldConditionFrom(condition.value, path, `${field}.field`, names);
    case undefined:
      return violation(field, 'exactly one condition is required');
    default:
      return unreachable(condition);
  }
}

export function basisFrom(message: BasisMessage, field: string): BasisEntry {
  const read = {
    path: checkPath(message.path, `${field}.path`),
    revision: toNumber(message.revision),
    extent: checkEnum(message.extent, extents, `${field}.extent`),
  };
  const { ghostId } = message;
  if (ghostId !== '' && !isGhostId(ghostId)) violation(`${field}.ghost_id`, 'no ghost can have that id');
  const sequence = toNumber(message.sequence);
  if (ghostId === '') return sequence === 0 ? read : violation(`${field}.sequence`, 'only ghosts have one');
  return sequence === 0 ? { ...read, ghostId } : { ...read, ghostId, sequence };
}
