/**
 * Makes calls that outlive a lost connection: what is safe to repeat is tried again on UNAVAILABLE, with growing pauses, for
 * as long as the caller's deadline allows. Reads are safe, and mutations because they carry a request id.
 */
import type { DescMessage, DescMethodUnary, MessageShape } from '@bufbuild/protobuf';
import type { Diagnostics } from './diagnostics.ts';
import { makeError, UnavailableError, type HyperloomError } from './errors.ts';
import { timeoutMsDefault } from './limits.ts';
import { Backoff, delay, orAborted, type Clock, type Random } from './time.ts';
import type { CallLimits, Transport } from './transport.ts';

/** What a caller needs. */
export interface CallerOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  /** For calls that set none. */
  readonly timeoutMs?: number | undefined;
  /** False: UNAVAILABLE is thrown at once. */
  readonly retry: boolean;
  readonly diagnostics: Diagnostics;
  /** The trace context of the moment. */
  readonly traceParent?: (() => string | undefined) | undefined;
}

export class Caller {
  readonly transport: Transport;
  readonly #options: CallerOptions;

  constructor(options: CallerOptions) {
    this.transport = options.transport;
    this.#options = options;
  }

  /** How long a call may take when its caller says nothing. */
  get timeoutMs(): number {
    return this.#options.timeoutMs ?? timeoutMsDefault;
  }

  /** The trace context in which a call is made now; empty: none. */
  traceParent(): string {
    return this.#options.traceParent?.() ?? '';
  }

  /** Makes a call that is safe to repeat. Throws the last UNAVAILABLE when the deadline leaves no room for another try. */
  async unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageShape<I>,
    limits: CallLimits = {},
  ): Promise<MessageShape<O>> {
    const traceParent = this.traceParent();
    const traced = traceParent === '' ? {} : { traceParent };
    return this.repeat(method.name, limits, (left) =>
      this.transport.unary(method, request, { ...left, ...traced }),
    );
  }

  /** The same for any call: `call` makes it once, within the limits that are left. */
  async repeat<Result>(
    method: string,
    limits: CallLimits,
    call: (left: CallLimits) => Promise<Result>,
  ): Promise<Result> {
    const { clock, random, retry, diagnostics } = this.#options;
    const deadlineMs = clock.monotonicMs() + (limits.timeoutMs ?? this.timeoutMs);
    const backoff = new Backoff(random);
    for (;;) {
      const timeoutMs = deadlineMs - clock.monotonicMs();
      try {
        return await call({ signal: limits.signal, timeoutMs });
      } catch (error) {
        if (!retry || !(error instanceof UnavailableError)) throw error;
        const delayMs = backoff.nextMs();
        if (clock.monotonicMs() + delayMs >= deadlineMs) throw error;
        diagnostics({ kind: 'retry', method, error, delayMs });
        await delay(clock, delayMs, limits.signal);
        limits.signal?.throwIfAborted();
      }
    }
  }

  /** Waits for what a call must not overtake, and tells the limits that are left for it then. Throws where they end before. */
  async behind(earlier: Promise<unknown>, limits: CallLimits): Promise<CallLimits> {
    const { clock } = this.#options;
    const { signal, timeoutMs = this.timeoutMs } = limits;
    const deadlineMs = clock.monotonicMs() + timeoutMs;
    const late = new AbortController();
    const timer =
      timeoutMs === Infinity ? undefined : clock.setTimer(timeoutMs, () => late.abort(lateError()));
    try {
      await orAborted(earlier, signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]));
    } finally {
      timer?.cancel();
    }
    return { signal, timeoutMs: deadlineMs - clock.monotonicMs() };
  }
}

function lateError(): HyperloomError {
  const message = 'no outcomes of what was published before, until the deadline: it was not sent';
  return makeError({ code: 'DEADLINE_EXCEEDED', message });
}
