/** A publish, checked: from its message to the command for the state machine, and from the outcome back. */
import { create, toBinary } from '@bufbuild/protobuf';
import { crc32 } from 'node:zlib';
import { basisEntriesMax, operationsPerDiffMax, preconditionsPerDiffMax } from '../../base/limits.ts';
import {
  type PublishRequest,
  PublishRequestSchema,
  type PublishResponse,
  PublishResponseSchema,
} from '../../gen/hyperloom/v1/context_service_pb.ts';
import type { Settled } from '../../sequencer/forest.ts';
import type { Publish } from '../../state/command.ts';
import { checkAuthor, checkCount, checkLabel, checkRequestId } from '../checks.ts';
import { basisFrom, preconditionFrom } from '../convert/condition.ts';
import { operationFrom } from '../convert/operation.ts';
import { successOf } from './service.ts';

/** The command that a request asks for. Throws `Refused`. */
export function publishCommand(request: PublishRequest, prefix = ''): Publish {
  const { operations, preconditions, basis } = request;
  checkCount(operations.length, `${prefix}operations`, 'operationsPerDiffMax', operationsPerDiffMax, 1);
  checkCount(
    preconditions.length,
    `${prefix}preconditions`,
    'preconditionsPerDiffMax',
    preconditionsPerDiffMax,
  );
  checkCount(basis.length, `${prefix}basis`, 'basisEntriesMax', basisEntriesMax);
  const id = checkRequestId(request.requestId);
  return {
    kind: 'publish',
    ghostId: request.ghostId,
    operations: operations.map((each, index) => operationFrom(each, `${prefix}operations[${index}]`)),
    preconditions: preconditions.map((each, index) =>
      preconditionFrom(each, `${prefix}preconditions[${index}]`),
    ),
    basis: basis.map((each, index) => basisFrom(each, `${prefix}basis[${index}]`)),
    label: checkLabel(request.label),
    author: checkAuthor(request.author),
    request: id === '' ? null : { id, fingerprint: crc32(toBinary(PublishRequestSchema, request)) },
  };
}

export function publishResponse(settled: Settled): PublishResponse {
  const { revision, sequence } = successOf(settled, 'published');
  const { repeated } = settled;
  return create(PublishResponseSchema, { revision: BigInt(revision), sequence: BigInt(sequence), repeated });
}
