/** `ForestService` but for its streams: the operation of forests. */
import { create } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { durationFromMs, timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  CompactRequestSchema,
  CompactResponseSchema,
  CreateForestRequestSchema,
  CreateForestResponseSchema,
  DeleteForestRequestSchema,
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
import { meterMessage } from '../convert/meter.ts';
import { orRefuse } from '../errors.ts';
import { defineMethod, type Method } from '../transport.ts';
import { forestOf, requestKey } from './service.ts';
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
      handle: async (request) => {
        const name = checkForestName(request.name, 'name');
        const key = requestKey(request.requestId, CreateForestRequestSchema, request);
        const { outcome, repeated } = await forests.create(name, key);
        orRefuse(outcome);
        return create(CreateForestResponseSchema, { forest: forestNamed(context, name), repeated });
      },
    }),
    defineMethod({
      kind: 'unary',
      descriptor: listForests,
      handle: (_request, { caller }) =>
        create(ListForestsResponseSchema, {
          forests: forests
            .list()
            .filter(({ name }) => caller.in(name).isAny)
            .map(forestMessage),
        }),
    }),
    defineMethod({
      kind: 'unary',
      descriptor: deleteForest,
      handle: async (request) => {
        const name = checkNeeded(request.name, 'name', 'nameBytesMax', nameBytesMax);
        const key = requestKey(request.requestId, DeleteForestRequestSchema, request);
        const { outcome, repeated } = await forests.delete(name, key);
        orRefuse(outcome);
        return create(DeleteForestResponseSchema, { repeated });
      },
    }),
    defineMethod({
      kind: 'unary',
      descriptor: compact,
      handle: async (request) => {
        const key = requestKey(request.requestId, CompactRequestSchema, request);
        const done = await forestOf(context, request.forest).compact(toNumber(request.revision), key);
        const { compactedRevision, freedBytes, repeated } = orRefuse(done);
        return create(CompactResponseSchema, {
          compactedRevision: BigInt(compactedRevision),
          freedBytes: BigInt(freedBytes),
          repeated,
        });
      },
    }),
    defineMethod({ kind: 'unary', descriptor: getStatus, handle: (request) => status(context, request) }),
  ];
}

/** A forest that was made; of one that is gone again there is only the name to tell. */
export function forestNamed({ forests }: ServiceContext, name: string): ForestMessage {
  const forest = forests.get(name);
  return 'reason' in forest ? create(ForestSchema, { name }) : forestMessage(forest);
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
    writeStopReason: told.writeStopReason === '' ? told.diskFullReason : told.writeStopReason,
    nodesMax: toldBound(told.bounds.nodes),
    bytesMax: toldBound(told.bounds.bytes),
    requestIds: BigInt(told.requestIds),
    leases: BigInt(told.leases),
    locksHeld: BigInt(told.locksHeld),
    locksWaiting: BigInt(told.locksWaiting),
    ...(request.includeMeters ? metersOf(forest) : {}),
  });
}

/** What agents have moved in a forest. */
function metersOf({ meters }: Forest): MessageInitShape<typeof GetStatusResponseSchema> {
  if (meters === null) return {};
  return {
    meters: meters.reports().map(meterMessage),
    metersPosition: BigInt(meters.position),
    metersAfterPosition: BigInt(meters.afterPosition),
    cachedTokenPrice: meters.cachedTokenPrice,
  };
}

/** 0 where there is none. */
function toldBound(bound: number): bigint {
  return bound === Infinity ? 0n : BigInt(bound);
}
