/** How long the caller of an RPC waits for locks. */
import type { Duration } from '@bufbuild/protobuf/wkt';
import { lockWaitMsMax } from '../../base/limits.ts';
import type { Patience } from '../../sequencer/patience.ts';
import { checkDuration } from '../checks.ts';
import type { Call } from '../transport.ts';

/** Milliseconds that a write waits for locks of others; 0: not at all. */
export function lockWaitMs(lockWait: Duration | undefined): number {
  return checkDuration(lockWait, 'lock_wait', { byDefaultMs: 0, minMs: 0, maxMs: lockWaitMsMax });
}

/** The patience of a call. */
export function patienceOf(call: Call, waitMs: number): Patience {
  return { waitMs, deadlineMs: call.deadlineMs, onCancel: (callback) => call.onCancel(callback) };
}

/** A request without how long it waits and which edition of a ghost it knows: they do not make it another request. */
export function withoutWait<
  Request extends { readonly lockWait?: Duration | undefined; readonly edition: bigint },
>(request: Request): Request {
  const { lockWait: _wait, ...rest } = request;
  return { ...rest, edition: 0n } as Request;
}
