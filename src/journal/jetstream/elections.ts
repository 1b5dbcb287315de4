/** What passes by itself: servers of NATS that elect who leads them, or that are on their way. */
import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import type { Clock } from '../../base/clock.ts';
import { appendPauseMs, electionMsMax } from '../../base/limits.ts';

/** Works again and again while servers elect who leads them. */
export async function patiently<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
  const endMs = clock.monotonicMs() + electionMsMax;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!passes(error) || clock.monotonicMs() > endMs) throw error;
      await new Promise<void>((resolve) => {
        clock.setTimer(appendPauseMs, resolve);
      });
    }
  }
}

/** Nobody has answered; or JetStream says that nobody leads it, or that too few of its servers are there. */
export function passes(error: unknown): boolean {
  if (error instanceof errors.TimeoutError) return true;
  return error instanceof JetStreamApiError && electing.has(error.code);
}

/** Codes of JetStream's errors: temporarily unavailable; no suitable peers for placement. */
const electing: ReadonlySet<number> = new Set([10_008, 10_005]);
