/** The fields by which a write proves what it is done under, and says how long it waits for locks of others. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import type { CommitRequestSchema } from './gen/hyperloom/v1/context_service_pb.ts';
import { lockWaitMsMax } from './limits.ts';
import type { FenceOptions } from './options.ts';
import type { Ownership } from './ownership.ts';

type Fence = Pick<MessageInitShape<typeof CommitRequestSchema>, 'fencingTokens' | 'lockWait'>;

/** Throws where the lock is lost or released. */
export function fence(options: FenceOptions, ownership: Ownership | undefined): Fence {
  const refusal = ownership?.refusal();
  if (refusal !== undefined) throw refusal;
  const tokens = options.fencingTokens ?? ownership?.tokens() ?? [];
  const waitMs = lockWaitMs(options);
  return {
    fencingTokens: tokens.map(BigInt),
    ...(waitMs === 0 ? {} : { lockWait: durationFromMs(waitMs) }),
  };
}

/** How long a write waits for locks: whole milliseconds, bounded. */
export function lockWaitMs({ lockWaitMs: asked = 0 }: FenceOptions): number {
  return Math.ceil(Math.min(Math.max(0, asked), lockWaitMsMax));
}
