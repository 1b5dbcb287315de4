/** The right that a lock gives, apart from its verbs: what is sent along with writes, and what refuses them. */
import { makeError, type HyperloomError } from './errors.ts';
import type { Lease } from './lease.ts';
import type { LockInfo } from './lock-info.ts';
import type { Ownership } from './ownership.ts';

export class Hold implements Ownership {
  readonly lease: Lease;
  isReleased = false;
  readonly #info: LockInfo;
  readonly #outer: Hold | undefined;

  constructor(lease: Lease, info: LockInfo, outer: Hold | undefined) {
    this.lease = lease;
    this.#info = info;
    this.#outer = outer;
  }

  get leaseId(): string {
    return this.lease.id;
  }

  get lost(): AbortSignal {
    return this.lease.lost;
  }

  tokens(): readonly number[] {
    const outer = this.#outer?.tokens() ?? [];
    return this.isReleased ? outer : [...outer, this.#info.fencingToken];
  }

  refusal(): HyperloomError | undefined {
    const refusal = this.lease.refusal();
    if (!this.isReleased || this.lost.aborted) return refusal;
    const { id, fencingToken } = this.#info;
    return makeError({
      code: 'FAILED_PRECONDITION',
      reason: 'STALE_FENCING_TOKEN',
      message: `lock ${id} was released: nothing may be written under it any more`,
      metadata: { lock_id: id, fencing_token: String(fencingToken) },
    });
  }
}
