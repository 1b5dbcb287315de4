/** Takes something back: a ghost, what a ghost did since a checkpoint, or a revision of the trunk. */
import { create } from '@bufbuild/protobuf';
import type { Duration } from '@bufbuild/protobuf/wkt';
import type { Agent } from './agent.ts';
import { readCascadeReport, wireCascade, type Cascade } from './cascade.ts';
import type { Connection } from './connection.ts';
import { ContextService, RevertRequestSchema } from './gen/hyperloom/v1/context_service_pb.ts';
import { readAttempt, readCheckpoint } from './ghost-info.ts';
import type { FenceOptions } from './options.ts';
import type { Reverted } from './outcomes.ts';
import { limitsUnder, under, type Ownership } from './ownership.ts';
import { cutReason } from './reasons.ts';
import type { CallLimits } from './transport.ts';
import { fence } from './fence.ts';

/** What is to be taken back. */
export type RevertTarget =
  | { readonly case: 'ghostId'; readonly value: string }
  | { readonly case: 'rewind'; readonly value: { readonly ghostId: string; readonly checkpoint: string } }
  | { readonly case: 'revision'; readonly value: bigint };

/** Options of `revertRevision`. */
export interface RevertOptions extends CallLimits, FenceOptions {
  /** Of a trunk revision: whether all that was derived from it goes with it. Default: `none`. */
  readonly cascade?: Cascade | undefined;
}

export async function revert(
  connection: Connection,
  agent: Agent,
  target: RevertTarget,
  reason: string,
  options: RevertOptions,
  ownership?: Ownership,
): Promise<Reverted> {
  const request = create(RevertRequestSchema, {
    forest: agent.forest,
    target,
    reason: cutReason(reason),
    author: agent.author,
    requestId: connection.nextRequestId(),
    cascade: wireCascade(options.cascade ?? 'none'),
    ...fence(options, ownership),
  });
  const limits = limitsUnder(ownership, options);
  const { revert: method } = ContextService.method;
  const response = await under(ownership, () => connection.caller.unary(method, request, limits));
  const revision = Number(response.revision);
  agent.see(revision);
  return {
    revision,
    checkpoint: response.checkpoint === undefined ? undefined : readCheckpoint(response.checkpoint),
    attempts: response.attempts.map(readAttempt),
    droppedOperations: Number(response.droppedOperations),
    brokerTimeMs: response.brokerTime === undefined ? 0 : exactMs(response.brokerTime),
    repeated: response.repeated,
    edition: Number(response.edition),
    cascade: response.cascade === undefined ? undefined : readCascadeReport(response.cascade),
  };
}

/** Milliseconds to the nanosecond: the library's own conversion rounds to whole ones, which reverts do not take. */
function exactMs({ seconds, nanos }: Duration): number {
  return Number(seconds) * 1_000 + nanos / 1_000_000;
}
