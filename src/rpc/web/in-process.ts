/** The broker's methods for code in the same process, without a socket: the same way in as for Connect over HTTP. */
import { createRouterTransport, type Transport } from '@connectrpc/connect';
import type { Clock } from '../../base/clock.ts';
import { openDoor } from '../access/door.ts';
import { CallHost, type OnError, type OnRefusal, type WatchOf } from '../http2/call-host.ts';
import { transportLimits } from '../http2/transport-limits.ts';
import type { Method } from '../transport.ts';
import { addMethods, type CallerOf } from './connect-methods.ts';

export interface InProcessOptions {
  readonly methods: readonly Method[];
  readonly clock: Clock;
  readonly onError: OnError;
  readonly onRefusal: OnRefusal;
  readonly watchOf: WatchOf;
  /** For whom calls are made. */
  readonly callerOf: CallerOf;
}

export function inProcessTransport({
  methods,
  clock,
  onError,
  onRefusal,
  watchOf,
  callerOf,
}: InProcessOptions): Transport {
  const limits = transportLimits();
  const host = new CallHost(clock, limits, onError, onRefusal, openDoor, watchOf);
  return createRouterTransport((router) => addMethods(router, methods, host, callerOf), {
    router: { readMaxBytes: limits.messageBytesMax },
    transport: { readMaxBytes: limits.replyBytesQueuedMax },
  });
}
