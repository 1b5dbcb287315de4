/** A publish, checked: from its message to the command for the state machine. */
import { toBinary } from '@bufbuild/protobuf';
import { crc32 } from 'node:zlib';
import { basisEntriesMax, operationsPerDiffMax, preconditionsPerDiffMax } from '../../base/limits.ts';
import { type PublishRequest, PublishRequestSchema } from '../../gen/hyperloom/v1/context_service_pb.ts';
import type { Operation as OperationMessage } from '../../gen/hyperloom/v1/operation_pb.ts';
import type { Operation, Publish } from '../../state/command.ts';
import { checkAuthor, checkCount, checkLabel, checkRequestId, knownEdition } from '../checks.ts';
import { basisFrom, preconditionFrom } from '../convert/condition.ts';
import { fencedBy } from '../convert/lock-request.ts';
import type { ReadMessageJson } from '../convert/message-json.ts';
import { operationFrom } from '../convert/operation.ts';
import { utf8 } from '../convert/value-message.ts';
import { withoutWait } from './patience.ts';

/** The command that a request asks for. Throws `Refused`. */
export function publishCommand(request: PublishRequest, typed: ReadMessageJson): Publish {
  const { preconditions, basis, ghostId } = request;
  checkCount(request.operations.length, 'operations', 'operationsPerDiffMax', operationsPerDiffMax, 1);
  checkCount(preconditions.length, 'preconditions', 'preconditionsPerDiffMax', preconditionsPerDiffMax);
  checkCount(basis.length, 'basis', 'basisEntriesMax', basisEntriesMax);
  const id = checkRequestId(request.requestId);
  const operations = request.operations.map((each, index) =>
    operationFrom(each, `operations[${index}]`, typed),
  );
  return {
    kind: 'publish',
    ghostId,
    operations,
    preconditions: preconditions.map((each, index) => preconditionFrom(each, `preconditions[${index}]`)),
    basis: basis.map((each, index) => basisFrom(each, `basis[${index}]`)),
    label: checkLabel(request.label),
    ...fencedBy(request.fencingTokens),
    ...knownEdition(request.edition),
    author: checkAuthor(request.author),
    request: id === '' ? null : { id, fingerprint: fingerprintOf(request, operations) },
  };
}

/** The checksum of the request's canonical bytes, but for what its author had read or knows of the ghost, and how long it waits. A struct has none, since maps have no order, so its JSON takes its place. */
function fingerprintOf(whole: PublishRequest, operations: readonly Operation[]): number {
  const request = withoutWait(whole);
  const isStruct = ({ action }: OperationMessage): boolean =>
    action.case === 'put' && action.value.kind.case === 'struct';
  if (!request.operations.some(isStruct))
    return crc32(toBinary(PublishRequestSchema, { ...request, basis: [] }));
  const replaced = request.operations.map((message, index): OperationMessage => {
    const operation = operations[index];
    if (!isStruct(message) || message.action.case !== 'put' || operation?.kind !== 'put') return message;
    const kind = { case: 'json' as const, value: utf8(operation.value.data) };
    return { ...message, action: { case: 'put', value: { ...message.action.value, kind } } };
  });
  return crc32(toBinary(PublishRequestSchema, { ...request, operations: replaced, basis: [] }));
}
