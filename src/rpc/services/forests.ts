/** `ForestService` but for its streams: the operation of forests. */
import { create } from '@bufbuild/protobuf';
import { durationFromMs, timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  CompactResponseSchema,
  CreateForestResponseSchema,
  DeleteForestResponseSchema,
  type Forest as ForestMessage,
  ForestSchema,
  ForestService,
  type GetStatusRequest,
  type GetStatusResponse,
  GetStatusResponseSchema,
  ListForestsResponseSchema,
} from '../../gen/hyperloom/v1/forest_service_pb.ts';
import type { Forest } from '../../sequencer/forest.ts';
import { checkForestName, checkNeeded, toNumber } from '../checks.ts';
import { orRefuse, Refused } from '../errors.ts';
import { defineMethod, type Method } from '../transport.ts';
import { forestOf } from './service.ts';
import type { ServiceContext } from './service.ts';

/** No forest has a longer name; what is no name is not found. */
const nameBytesMax = 63;

export function forestMethods(context: ServiceContext): readonly Method[] {
  const { forests } = context;
  const { createForest, listForests, deleteForest, compact, getStatus } = ForestService.method;
  return [
    defineMethod({
      kind: 'unary',
      descriptor: createForest,
      handle: async ({ name }) => {
        const forest = orRefuse(await forests.create(checkForestName(name, 'name')));
        return create(CreateForestResponseSchema, { forest: forestMessage(forest) });
      },
    }),
    defineMethod({
      kind: 'unary',
      descriptor: listForests,
      handle: () => create(ListForestsResponseSchema, { forests: forests.list().map(forestMessage) }),
    }),
    defineMethod({
      kind: 'unary',
      descriptor: deleteForest,
      handle: async ({ name }) => {
        const rejection = await forests.delete(checkNeeded(name, 'name', 'nameBytesMax', nameBytesMax));
        if (rejection !== null) throw new Refused(rejection);
        return create(DeleteForestResponseSchema);
      },
    }),
    defineMethod({
      kind: 'unary',
      descriptor: compact,
      handle: async ({ forest: name, revision }) => {
        const done = orRefuse(await forestOf(context, name).compact(toNumber(revision)));
        const { compactedRevision, freedBytes } = done;
        return create(CompactResponseSchema, {
          compactedRevision: BigInt(compactedRevision),
          freedBytes: BigInt(freedBytes),
        });
      },
    }),
    defineMethod({ kind: 'unary', descriptor: getStatus, handle: (request) => status(context, request) }),
  ];
}

export function forestMessage({ status: told }: Forest): ForestMessage {
  return create(ForestSchema, {
    name: told.name,
    revision: BigInt(told.revision),
    compactedRevision: BigInt(told.compactedRevision),
    nodes: BigInt(told.nodes),
    ghosts: BigInt(told.ghosts),
    storedBytes: BigInt(told.storedBytes),
  });
}

async function status(context: ServiceContext, request: GetStatusRequest): Promise<GetStatusResponse> {
  const forest = forestOf(context, request.forest);
  const hashed = request.includeStateHash ? await forest.stateHash() : { hash: '', position: 0 };
  const told = forest.status;
  const usage = context.usage();
  return create(GetStatusResponseSchema, {
    version: context.version,
    startTime: timestampFromMs(context.startTimeMs),
    forest: forestMessage(forest),
    position: BigInt(told.position),
    durablePosition: BigInt(told.durablePosition),
    snapshotPosition: BigInt(told.snapshotPosition),
    stateHash: hashed.hash,
    stateHashPosition: BigInt(hashed.position),
    subscriptions: BigInt(forest.hub.subscriptions),
    subscriptionsCatchingUp: BigInt(forest.hub.catchingUp),
    residentBytes: BigInt(usage.residentBytes),
    cpuTime: durationFromMs(Math.round(usage.cpuMs)),
    journal: context.journal,
    writeStopReason: told.writeStopReason,
    requestIds: BigInt(told.requestIds),
  });
}
