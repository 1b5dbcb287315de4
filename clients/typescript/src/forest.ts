/** What the broker tells of itself and its forests. */
import { durationMs, timestampDate } from '@bufbuild/protobuf/wkt';
import type * as wire from './gen/hyperloom/v1/forest_service_pb.ts';
import { readMeter, type Meter } from './meter.ts';

/** A forest. */
export interface Forest {
  readonly name: string;
  /** Newest durable revision. */
  readonly revision: number;
  /** History below it is gone; 0: none is. */
  readonly compactedRevision: number;
  /** Nodes that have a value. */
  readonly nodes: number;
  /** Live ghosts. */
  readonly ghosts: number;
  /** Bytes on disk. */
  readonly storedBytes: number;
}

/** How the broker and a forest are. */
export interface Status {
  readonly version: string;
  readonly startTime: Date;
  readonly forest: Forest;
  readonly position: number;
  readonly durablePosition: number;
  /** 0: there is no snapshot yet. */
  readonly snapshotPosition: number;
  /** 32 hex digits; empty unless asked for. */
  readonly stateHash: string;
  readonly stateHashPosition: number;
  readonly subscriptions: number;
  readonly subscriptionsCatchingUp: number;
  readonly residentBytes: number;
  readonly cpuTimeMs: number;
  /** `embedded` or `memory`. */
  readonly journal: string;
  /** Why writes are refused. Empty while they are not. */
  readonly writeStopReason: string;
  /** How many nodes the forest may have; 0: nobody says. */
  readonly nodesMax: number;
  /** How many bytes it may take on disk; 0: nobody says. */
  readonly bytesMax: number;
  readonly requestIds: number;
  /** Live leases. */
  readonly leases: number;
  readonly locksHeld: number;
  readonly locksWaiting: number;
  /** What each agent has moved in each tree; empty unless asked for. */
  readonly meters: readonly Meter[];
  /** Publishes are metered up to this journal position. */
  readonly metersPosition: number;
  /** Publishes are metered from behind this journal position. */
  readonly metersAfterPosition: number;
  /** What a token out of a provider's prompt cache costs in the prices, in uncached ones. */
  readonly cachedTokenPrice: number;
}

/** Reads a forest from its message. */
export function readForest(forest: wire.Forest | undefined): Forest {
  return {
    name: forest?.name ?? '',
    revision: Number(forest?.revision ?? 0),
    compactedRevision: Number(forest?.compactedRevision ?? 0),
    nodes: Number(forest?.nodes ?? 0),
    ghosts: Number(forest?.ghosts ?? 0),
    storedBytes: Number(forest?.storedBytes ?? 0),
  };
}

/** Reads a status from its message. */
export function readStatus(status: wire.GetStatusResponse): Status {
  return {
    version: status.version,
    startTime: status.startTime === undefined ? new Date(0) : timestampDate(status.startTime),
    forest: readForest(status.forest),
    position: Number(status.position),
    durablePosition: Number(status.durablePosition),
    snapshotPosition: Number(status.snapshotPosition),
    stateHash: status.stateHash,
    stateHashPosition: Number(status.stateHashPosition),
    subscriptions: Number(status.subscriptions),
    subscriptionsCatchingUp: Number(status.subscriptionsCatchingUp),
    residentBytes: Number(status.residentBytes),
    cpuTimeMs: status.cpuTime === undefined ? 0 : durationMs(status.cpuTime),
    journal: status.journal,
    writeStopReason: status.writeStopReason,
    nodesMax: Number(status.nodesMax),
    bytesMax: Number(status.bytesMax),
    requestIds: Number(status.requestIds),
    leases: Number(status.leases),
    locksHeld: Number(status.locksHeld),
    locksWaiting: Number(status.locksWaiting),
    meters: status.meters.map(readMeter),
    metersPosition: Number(status.metersPosition),
    metersAfterPosition: Number(status.metersAfterPosition),
    cachedTokenPrice: status.cachedTokenPrice,
  };
}
