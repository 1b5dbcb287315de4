/** A publish, checked: from its message to the command for the state machine. */
import { toBinary } from '@bufbuild/protobuf';
import { crc32 } from 'node:zlib';
import {
  basisEntriesMax,
  fieldConditionsPerDiffMax,
  operationsPerDiffMax,
  preconditionsPerDiffMax,
} from '../../base/limits.ts';
import { type PublishRequest, PublishRequestSchema } from '../../gen/hyperloom/v1/context_service_pb.ts';
import type { Operation as OperationMessage, Precondition } from '../../gen/hyperloom/v1/operation_pb.ts';
import type { Publish } from '../../state/command.ts';
import { checkAuthor, checkCount, checkLabel, checkRequestId, knownEdition } from '../checks.ts';
import { basisFrom, preconditionFrom } from '../convert/condition.ts';
import { fencedBy } from '../convert/lock-request.ts';
import type { Meanings } from '../convert/operation.ts';
import { operationFrom } from '../convert/operation.ts';
import { valueFrom } from '../convert/value.ts';
import { utf8 } from '../convert/value-message.ts';
import { tracedAs } from '../trace-parent.ts';
import { withoutWait } from './patience.ts';

/** What a publish asks its forest for while it is checked. */
export interface PublishContext extends Meanings {
  /** There is an outcome for this request already. */
  remembers(requestId: string): boolean;
}

/**
 * The command that a request asks for. Throws `Refused`. Of a request that has an outcome already no field is resolved any more: the
 * schema that gave it its name may be gone, and its command, without operations, only asks for that outcome.
 */
export function publishCommand(request: PublishRequest, context: PublishContext): Publish {
  const { preconditions, basis, ghostId } = request;
  checkCount(request.operations.length, 'operations', 'operationsPerDiffMax', operationsPerDiffMax, 1);
  checkCount(preconditions.length, 'preconditions', 'preconditionsPerDiffMax', preconditionsPerDiffMax);
  checkCount(basis.length, 'basis', 'basisEntriesMax', basisEntriesMax);
  const id = checkRequestId(request.requestId);
  checkFieldConditions(preconditions);
  const isRepeated = id !== '' && speaksOfFields(request) && context.remembers(id);
  const operations = isRepeated
    ? []
    : request.operations.map((each, index) => operationFrom(each, `operations[${index}]`, context));
  return {
    kind: 'publish',
    ghostId,
    operations,
    preconditions: isRepeated
      ? []
      : preconditions.map((each, index) => preconditionFrom(each, `preconditions[${index}]`, context)),
    basis: basis.map((each, index) => basisFrom(each, `basis[${index}]`)),
    label: checkLabel(request.label),
    ...fencedBy(request.fencingTokens),
    ...knownEdition(request.edition),
    ...tracedAs(request.traceParent),
    author: checkAuthor(request.author),
    request: id === '' ? null : { id, fingerprint: fingerprintOf(request) },
  };
}

/** The checksum of the request's canonical bytes, but for what its author had read or knows of the ghost, how long it waits, and its trace. A struct has none, since maps have no order, so its JSON takes its place. */
function fingerprintOf(whole: PublishRequest): number {
  const request = { ...withoutWait(whole), traceParent: '' };
  if (!request.operations.some(isStruct))
    return crc32(toBinary(PublishRequestSchema, { ...request, basis: [] }));
  const operations = request.operations.map((message, index): OperationMessage => {
    if (!isStruct(message) || message.action.case !== 'put') return message;
    const { data } = valueFrom(message.action.value, `operations[${index}].put`, message.path);
    const kind = { case: 'json' as const, value: utf8(data) };
    return { ...message, action: { case: 'put', value: { ...message.action.value, kind } } };
  });
  return crc32(toBinary(PublishRequestSchema, { ...request, operations, basis: [] }));
}

function isStruct({ action }: OperationMessage): boolean {
  return action.case === 'put' && action.value.kind.case === 'struct';
}

/** Whether a schema is needed to understand it. */
function speaksOfFields({ operations, preconditions }: PublishRequest): boolean {
  return operations.some(({ action }) => isAboutFields(action)) || preconditions.some(isFieldCondition);
}

function isAboutFields(action: OperationMessage['action']): boolean {
  if (action.case === 'merge') return action.value.message !== undefined;
  if (action.case === 'append') return action.value.addition.case === 'message';
  return action.case === 'increment' && action.value.field !== '';
}

function isFieldCondition({ condition }: Precondition): boolean {
  return condition.case === 'field';
}

function checkFieldConditions(preconditions: readonly Precondition[]): void {
  const count = preconditions.filter(isFieldCondition).length;
  checkCount(count, 'preconditions', 'fieldConditionsPerDiffMax', fieldConditionsPerDiffMax);
}
