/**
 * A stream goes on for as long as its caller may have it: when rules change, and when the credentials end, the caller is looked up
 * again. A stream whose credentials are over, or that may not be had any more, ends with the reason; one that shows a choice by rights
 * that are others now ends so that its client begins anew.
 */
import { renewTimerMsMax } from '../../base/limits.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Caller } from '../../access/caller.ts';
import type { Gatekeeper } from '../../access/gatekeeper.ts';
import { NotAdmitted } from '../../access/refusals.ts';
import { reject, type Rejection } from '../../state/outcome.ts';
import { Refused } from '../errors.ts';
import type { Call, Metadata } from '../transport.ts';

export interface SupervisionOptions {
  readonly gatekeeper: Gatekeeper;
  readonly clock: Clock;
  /** Other rights end the stream, even if it may go on: what it tells was chosen by them. */
  readonly endsWithRights: boolean;
  /** Throws for a call that may not be made any more. */
  readonly check: (call: Call) => Promise<void>;
}

/** Serves until that is done, or until the caller may not have it any more. */
export async function supervised<Result>(
  call: Call,
  options: SupervisionOptions,
  serve: (call: Call) => Promise<Result>,
): Promise<Result> {
  const watched = new SupervisedCall(call, options);
  try {
    return await Promise.race([serve(watched), watched.ended]);
  } finally {
    watched.close();
  }
}

class SupervisedCall implements Call {
  /** Rejects when the caller may not have it any more. */
  readonly ended: Promise<never>;
  caller: Caller;
  readonly #call: Call;
  readonly #options: SupervisionOptions;
  readonly #end: (error: unknown) => void;
  readonly #onCancel: (() => void)[] = [];
  readonly #unwatch: () => void;
  #timer: Timer | undefined;
  #isOver = false;

  constructor(call: Call, options: SupervisionOptions) {
    const { promise, reject: end } = Promise.withResolvers<never>();
    // Whoever races it may be done before.
    promise.catch(() => undefined);
    this.ended = promise;
    this.#end = end;
    this.#call = call;
    this.caller = call.caller;
    this.#options = options;
    this.#unwatch = options.gatekeeper.onChange(() => void this.#renew());
    this.#schedule();
  }

  get method(): string {
    return this.#call.method;
  }

  get metadata(): Metadata {
    return this.#call.metadata;
  }

  get peer(): string {
    return this.#call.peer;
  }

  get deadlineMs(): number | undefined {
    return this.#call.deadlineMs;
  }

  get cancelled(): boolean {
    return this.#isOver || this.#call.cancelled;
  }

  onCancel(callback: () => void): void {
    if (this.#isOver) {
      callback();
      return;
    }
    let isCalled = false;
    const once = (): void => {
      if (isCalled) return;
      isCalled = true;
      callback();
    };
    this.#onCancel.push(once);
    this.#call.onCancel(once);
  }

  onLeave(callback: (rejection: Rejection) => void): void {
    this.#call.onLeave(callback);
  }

  setHeader(name: string, value: string | Uint8Array): void {
    this.#call.setHeader(name, value);
  }

  setTrailer(name: string, value: string | Uint8Array): void {
    this.#call.setTrailer(name, value);
  }

  /** Nothing is watched any more. */
  close(): void {
    this.#unwatch();
    this.#timer?.cancel();
  }

  #schedule(): void {
    const { clock } = this.#options;
    this.#timer?.cancel();
    const { renewMs } = this.caller;
    if (renewMs === Infinity) return;
    const delayMs = Math.max(0, Math.min(renewMs - clock.nowMs(), renewTimerMsMax));
    this.#timer = clock.setTimer(delayMs, () => void this.#renew());
  }

  async #renew(): Promise<void> {
    if (this.cancelled) return;
    const { gatekeeper, check, endsWithRights } = this.#options;
    const before = this.caller;
    try {
      const now = await gatekeeper.renew(before);
      this.caller = now;
      const isSame = now.name === before.name && now.fingerprint === before.fingerprint;
      if (!isSame) {
        await check(this);
        if (endsWithRights)
          throw new Refused(reject('ACCESS_CHANGED', 'what you may see has changed: begin anew'));
      }
      this.#schedule();
    } catch (error) {
      this.#stop(error instanceof NotAdmitted ? new Refused(error.rejection) : error);
    }
  }

  #stop(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.close();
    this.#end(error);
    for (const callback of this.#onCancel) callback();
  }
}
