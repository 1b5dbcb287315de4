/** Preconditions and bases between the wire and the state. */
import { unreachable } from '../../base/assert.ts';
import { BasisExtent } from '../../gen/hyperloom/v1/operation_pb.ts';
import type {
  BasisEntry as BasisMessage,
  Precondition as PreconditionMessage,
} from '../../gen/hyperloom/v1/operation_pb.ts';
import type { BasisEntrySchema } from '../../gen/hyperloom/v1/operation_pb.ts';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { BasisEntry, Precondition } from '../../state/command.ts';
import { formatPath } from '../../trie/path.ts';
import { checkEnum, checkPath, toNumber } from '../checks.ts';
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

export function basisFrom({ path, revision, extent }: BasisMessage, field: string): BasisEntry {
  return {
    path: checkPath(path, `${field}.path`),
    revision: toNumber(revision),
    extent: checkEnum(extent, extents, `${field}.extent`),
  };
}

export function basisMessage({
  path,
  revision,
  extent,
}: BasisEntry): MessageInitShape<typeof BasisEntrySchema> {
  const numbers = { node: BasisExtent.NODE, subtree: BasisExtent.SUBTREE, absent: BasisExtent.ABSENT };
  return { path: formatPath(path), revision: BigInt(revision), extent: numbers[extent] };
}
