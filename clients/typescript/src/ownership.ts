/** What writes under a lock carry, and what keeps them from going on once it is lost. */
import type { HyperloomError } from './errors.ts';
import type { CallLimits } from './transport.ts';

/** The right that a lock gives, as writes through it and through the ghosts begun in it use it. */
export interface Ownership {
  readonly leaseId: string;
  /** Aborts with the reason when the lock is lost, with its lease or alone. */
  readonly lost: AbortSignal;
  /** Tokens of the locks that are held, this one's last. */
  tokens(): readonly number[];
  /** Why nothing may be done under it any more. Looks at the clock, so that a process that stood still learns of it in time. */
  refusal(): HyperloomError | undefined;
  /** Hears of a publish under it, which its release must not overtake. */
  onPublish(outcome: Promise<unknown>): void;
  /** Hears what came of a call under it: the broker may know better what is still held. */
  onFailed(error: unknown): void;
}

/** The same limits, and the loss of the lock: what is under way is given up then. */
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

/** Makes a call under a lock: not at all where that is lost or released, and with an ear for what the broker says of it. */
export async function under<Result>(
  ownership: Ownership | undefined,
  call: () => Promise<Result>,
): Promise<Result> {
  const refusal = ownership?.refusal();
  if (refusal !== undefined) throw refusal;
  try {
    return await call();
  } catch (error) {
    ownership?.onFailed(error);
    throw error;
  }
}
