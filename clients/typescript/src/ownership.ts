/** What writes under a lock carry, and what keeps them from going on once it is lost. */
import type { HyperloomError } from './errors.ts';
import type { CallLimits } from './transport.ts';

/** The right that a lock gives, as writes through it and through the ghosts begun in it use it. */
export interface Ownership {
  readonly leaseId: string;
  /** Aborts with the reason when the lease is lost. */
  readonly lost: AbortSignal;
  /** Tokens of the locks that are held, this one's last. */
  tokens(): readonly number[];
  /** Why nothing may be done under it any more. Looks at the clock, so that a process that stood still learns of it in time. */
  refusal(): HyperloomError | undefined;
}

/** The same limits, and the loss of the lease: what is under way is given up then. */
export function limitsUnder<Limits extends CallLimits>(
  ownership: Pick<Ownership, 'lost'> | undefined,
  limits: Limits,
): Limits {
  if (ownership === undefined) return limits;
  const { signal } = limits;
  return {
    ...limits,
    signal: signal === undefined ? ownership.lost : AbortSignal.any([signal, ownership.lost]),
  };
}
