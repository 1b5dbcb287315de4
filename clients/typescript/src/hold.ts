/** The right that a lock gives, apart from its verbs: what is sent along with writes, and what refuses them. */
import { LeaseLostError, makeError, StaleFencingTokenError, type HyperloomError } from './errors.ts';
import type { Lease } from './lease.ts';
import type { LockInfo } from './lock-info.ts';
import type { Ownership } from './ownership.ts';
import { Outstanding } from './publish/outstanding.ts';

export class Hold implements Ownership {
  readonly lease: Lease;
  /** Aborts when it is lost: with its lease, with a lock around it, or because the broker does not hold it any more. */
  readonly lost: AbortSignal;
  isReleased = false;
  readonly #info: LockInfo;
  readonly #outer: Hold | undefined;
  readonly #stale = new AbortController();
  readonly #outstanding = new Outstanding();

  constructor(lease: Lease, info: LockInfo, outer: Hold | undefined) {
    this.lease = lease;
    this.lost = AbortSignal.any([outer?.lost ?? lease.lost, this.#stale.signal]);
    this.#info = info;
    this.#outer = outer;
  }

  get leaseId(): string {
    return this.lease.id;
  }

  tokens(): readonly number[] {
    const outer = this.#outer?.tokens() ?? [];
    return this.isReleased ? outer : [...outer, this.#info.fencingToken];
  }

  refusal(): HyperloomError | undefined {
    const refusal = this.lease.refusal();
    if (this.lost.aborted) return this.lost.reason as HyperloomError;
    if (!this.isReleased) return refusal;
    const { id, fencingToken } = this.#info;
    return makeError({
      code: 'FAILED_PRECONDITION',
      message: `lock ${id} was released: nothing may be done under it any more`,
      metadata: { lock_id: id, fencing_token: String(fencingToken) },
    });
  }

  /** Those through a lock in it carry its token too. */
  onPublish(outcome: Promise<unknown>): void {
    this.#outstanding.add(outcome);
    this.#outer?.onPublish(outcome);
  }

  /** Resolves when all publishes so far that carry its token have their outcomes. */
  published(): Promise<void> {
    return this.#outstanding.settled();
  }

  /** The broker tells one call only; what it says holds for all that follow. */
  onFailed(error: unknown): void {
    if (error instanceof StaleFencingTokenError) this.#onStale(error.metadata['fencing_token'] ?? '', error);
    else if (isEndOf(this.leaseId, error)) this.lease.lose();
  }

  #onStale(token: string, cause: StaleFencingTokenError): void {
    if (this.#outer !== undefined) this.#outer.#onStale(token, cause);
    const { id, leaseId, fencingToken } = this.#info;
    if (this.isReleased || token !== String(fencingToken)) return;
    const message = `lock ${id} is lost: the broker does not hold it any more`;
    const metadata = { lease_id: leaseId, lock_id: id, fencing_token: token };
    this.#stale.abort(
      makeError({ code: 'FAILED_PRECONDITION', reason: 'LEASE_LOST', message, metadata, cause }),
    );
  }
}

/** The broker's own word, not what this client has made of it. */
function isEndOf(leaseId: string, error: unknown): boolean {
  if (!(error instanceof LeaseLostError) || error.reason !== 'LEASE_NOT_FOUND') return false;
  return error.metadata['lease_id'] === leaseId;
}
