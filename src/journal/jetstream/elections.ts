/** What passes by itself: servers of NATS that elect who leads them, or that are on their way; readers that others have left behind. */
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

/** Nobody has answered; or JetStream says that nobody leads it, that too few of its servers are there, or that a stream has too many readers. */
export function passes(error: unknown): boolean {
  if (error instanceof errors.TimeoutError) return true;
  return error instanceof JetStreamApiError && passing.has(error.code);
}

/** Codes of JetStream's errors: temporarily unavailable; no suitable peers for placement; maximum consumers limit reached. */
const passing: ReadonlySet<number> = new Set([10_008, 10_005, 10_026]);
