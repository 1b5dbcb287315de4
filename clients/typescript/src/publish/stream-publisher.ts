/**
 * Publishes over one `PublishStream`, many in flight. The rules:
 *
 * - Diffs go out and outcomes come back in the order of the calls. What is published in one turn of the event loop shares a write.
 * - At most a window of them is in flight; the others wait, and beyond a bound are refused.
 * - When the stream breaks, what has no outcome yet goes out again, in order, on a new one. Request ids keep the broker from
 *   applying anything twice.
 * - A refusal is an outcome, except that the broker cannot write just now (UNAVAILABLE): then the stream is given up at this diff and
 *   tried again from it, so that order holds.
 * - A caller who stops waiting gets its error at once; whether the diff took effect is then unknown.
 */
import { Backoff, type Clock, type Random, type Timer } from '../time.ts';
import type { Diagnostics } from '../diagnostics.ts';
import { closedError } from '../closed-error.ts';
import { HyperloomError, makeError, type Code } from '../errors.ts';
import { publishBytesQueuedMax, publishesQueuedMax, unexplainedBreaksMax } from '../limits.ts';
import { outlived } from '../token.ts';
import type { ByteStream, CallLimits, StreamReceiver } from '../transport.ts';
import { readOutcome } from './decode.ts';
import type { Diff, OutcomeObserver, Published, Publisher } from './diff.ts';
import { FramePacker } from './frame-packer.ts';
import { PendingQueue, settle, type Pending } from './pending.ts';

/** What a stream publisher needs. */
export interface StreamPublisherOptions {
  readonly open: (receiver: StreamReceiver) => ByteStream;
  readonly clock: Clock;
  readonly random: Random;
  /** False: a broken stream fails what is in flight instead of being tried again. */
  readonly retry: boolean;
  readonly inFlightMax: number;
  readonly bytesInFlightMax: number;
  readonly diagnostics: Diagnostics;
}

export class StreamPublisher implements Publisher {
  readonly #options: StreamPublisherOptions;
  readonly #packer = new FramePacker();
  readonly #queue = new PendingQueue();
  readonly #backoff: Backoff;
  #stream: ByteStream | undefined;
  #retryTimer: Timer | undefined;
  #deadlineTimer: { readonly atMs: number; readonly timer: Timer } | undefined;
  #flushPlanned = false;
  /** Breaks that no outage explains, since the last outcome. */
  #unexplained = 0;
  #lastFailure: HyperloomError | undefined;
  #closed = false;
  #published = 0;
  #readyWaiters: (() => void)[] = [];
  /** In the order of their last publishes. */
  #flushWaiters: { readonly last: number; readonly resolve: () => void }[] = [];

  constructor(options: StreamPublisherOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.random);
  }

  publish(diff: Diff, limits: CallLimits, observer: OutcomeObserver): Promise<Published> {
    return new Promise((resolve, reject) => {
      const signal = limits.signal;
      if (signal?.aborted === true) throw signal.reason;
      this.#refuseWhenFull();
      const { bytes, start, end } = this.#packer.pack(diff);
      const deadlineMs = this.#options.clock.monotonicMs() + (limits.timeoutMs ?? Infinity);
      const abort = (): void => this.#giveUp(entry, signal?.reason);
      const release =
        signal === undefined ? undefined : (): void => signal.removeEventListener('abort', abort);
      this.#published += 1;
      const entry: Pending = {
        number: this.#published,
        bytes,
        start,
        end,
        deadlineMs,
        observer,
        resolve,
        reject,
        release,
        settled: false,
      };
      signal?.addEventListener('abort', abort);
      this.#queue.push(entry);
      this.#watchDeadline(deadlineMs);
      this.#planFlush();
    });
  }

  ready(): Promise<void> {
    if (!this.#windowFull()) return Promise.resolve();
    return new Promise((resolve) => this.#readyWaiters.push(resolve));
  }

  flush(): Promise<void> {
    if (this.#queue.size === 0) return Promise.resolve();
    // Not until the queue is empty: others may go on publishing for ever.
    const last = this.#published;
    return new Promise((resolve) => this.#flushWaiters.push({ last, resolve }));
  }

  close(): void {
    this.#closed = true;
    this.#stream?.cancel();
    this.#stream = undefined;
    this.#retryTimer?.cancel();
    this.#failAll(closedError());
  }

  #refuseWhenFull(): void {
    if (this.#closed) throw closedError();
    if (this.#queue.size < publishesQueuedMax && this.#queue.bytes < publishBytesQueuedMax) return;
    throw makeError({
      code: 'RESOURCE_EXHAUSTED',
      reason: 'QUOTA_EXCEEDED',
      message: `${this.#queue.size} publishes wait for their outcomes: await them, or ready(), before publishing more`,
      metadata: { limit: 'publishesQueuedMax', maximum: String(publishesQueuedMax) },
    });
  }

  #windowFull(): boolean {
    // What waits counts too: whoever asks wants to know whether one more would go out at once.
    return (
      this.#queue.size >= this.#options.inFlightMax || this.#queue.bytes >= this.#options.bytesInFlightMax
    );
  }

  #planFlush(): void {
    if (this.#flushPlanned || this.#retryTimer !== undefined) return;
    this.#flushPlanned = true;
    this.#options.clock.endOfTurn(() => {
      this.#flushPlanned = false;
      this.#send();
    });
  }

  /** Sends what fits the window; neighbours in one chunk become one write. */
  #send(): void {
    if (this.#closed || this.#retryTimer !== undefined || this.#queue.nextUnsent() === undefined) return;
    const stream = this.#stream ?? this.#tryToOpen();
    if (stream === undefined) return;
    let bytes: Uint8Array | undefined;
    let start = 0;
    let end = 0;
    for (let entry = this.#queue.nextUnsent(); entry !== undefined; entry = this.#queue.nextUnsent()) {
      if (this.#queue.sent >= this.#options.inFlightMax) break;
      if (this.#queue.sent > 0 && this.#queue.sentBytes >= this.#options.bytesInFlightMax) break;
      if (entry.bytes !== bytes || entry.start !== end) {
        if (bytes !== undefined) stream.write(bytes.subarray(start, end));
        bytes = entry.bytes;
        start = entry.start;
      }
      end = entry.end;
      this.#queue.markSent(entry);
    }
    if (bytes !== undefined) stream.write(bytes.subarray(start, end));
  }

  /** Whoever publishes is told why no stream can even be asked for, as where the program's own function for tokens throws. */
  #tryToOpen(): ByteStream | undefined {
    try {
      this.#stream = this.#open();
    } catch (error) {
      this.#failAll(error instanceof Error ? error : new Error(String(error)));
    }
    return this.#stream;
  }

  #open(): ByteStream {
    // A stream that was given up may still speak: only the newest is listened to.
    let current = true;
    let mayGoOn = false;
    const stream = this.#options.open({
      onMessage: (bytes, start, end) => {
        mayGoOn = this.#options.retry;
        if (current) current = this.#onOutcome(readOutcome(bytes, start, end));
      },
      onEnd: (error) => {
        if (current) this.#onBroken(mayGoOn ? outlived(error) : error);
        current = false;
      },
    });
    return stream;
  }

  /** Takes the outcome of the oldest diff in flight. False: the stream was given up. */
  #onOutcome(outcome: Published | HyperloomError): boolean {
    if (outcome instanceof HyperloomError && outcome.code === 'UNAVAILABLE' && this.#options.retry) {
      this.#stream?.cancel();
      this.#onBroken(outcome);
      return false;
    }
    const entry = this.#queue.shift();
    if (entry === undefined) return true;
    if (this.#lastFailure !== undefined) this.#recovered();
    settle(entry, outcome);
    this.#wake();
    if (this.#queue.nextUnsent() !== undefined) this.#planFlush();
    return true;
  }

  #recovered(): void {
    this.#unexplained = 0;
    this.#lastFailure = undefined;
    this.#backoff.reset();
  }

  #onBroken(error: HyperloomError): void {
    this.#stream = undefined;
    if (this.#closed) return;
    this.#queue.rewind();
    this.#lastFailure = error;
    if (!this.#options.retry || hopeless.has(error.code)) {
      this.#failAll(error);
      return;
    }
    if (error.code !== 'UNAVAILABLE') this.#unexplained += 1;
    if (this.#unexplained > unexplainedBreaksMax) {
      // Probably the oldest diff is what the broker chokes on: the others must not wait for it for ever.
      this.#unexplained = 0;
      const entry = this.#queue.nextUnsent();
      if (entry !== undefined) {
        settle(entry, error);
        this.#queue.rewind();
      }
    }
    this.#wake();
    if (this.#queue.size === 0) {
      this.#recovered();
      return;
    }
    const delayMs = this.#backoff.nextMs();
    this.#options.diagnostics({ kind: 'publish_stream_lost', error, delayMs, resending: this.#queue.size });
    this.#retryTimer = this.#options.clock.setTimer(
      delayMs,
      () => {
        this.#retryTimer = undefined;
        this.#send();
      },
      true,
    );
  }

  #failAll(error: Error): void {
    for (const entry of this.#queue) settle(entry, error);
    this.#queue.rewind();
    this.#deadlineTimer?.timer.cancel();
    this.#deadlineTimer = undefined;
    this.#wake();
  }

  #giveUp(entry: Pending, reason: unknown): void {
    if (entry.settled) return;
    entry.settled = true;
    entry.release?.();
    entry.reject(reason);
    this.#queue.dropSettledUnsent();
    this.#wake();
  }

  /** One timer serves all: it stands at the earliest deadline. */
  #watchDeadline(atMs: number): void {
    if (atMs === Infinity || (this.#deadlineTimer !== undefined && this.#deadlineTimer.atMs <= atMs)) return;
    this.#deadlineTimer?.timer.cancel();
    const delayMs = Math.max(0, atMs - this.#options.clock.monotonicMs());
    const timer = this.#options.clock.setTimer(delayMs, () => this.#onDeadline());
    this.#deadlineTimer = { atMs, timer };
  }

  #onDeadline(): void {
    this.#deadlineTimer = undefined;
    const nowMs = this.#options.clock.monotonicMs();
    let next = Infinity;
    for (const entry of this.#queue) {
      if (entry.settled) continue;
      if (entry.deadlineMs <= nowMs) settle(entry, this.#lateError());
      else next = Math.min(next, entry.deadlineMs);
    }
    this.#queue.dropSettledUnsent();
    this.#watchDeadline(next);
    this.#wake();
  }

  #lateError(): HyperloomError {
    const cause = this.#lastFailure;
    const why = cause === undefined ? '' : `; the connection had failed: ${cause.message}`;
    const message = `no outcome before the deadline${why}; the diff may or may not have taken effect`;
    return makeError({ code: 'DEADLINE_EXCEEDED', message, cause });
  }

  #wake(): void {
    if (this.#readyWaiters.length > 0 && !this.#windowFull()) {
      for (const resolve of this.#readyWaiters.splice(0)) resolve();
    }
    if (this.#flushWaiters.length === 0) return;
    const oldest = this.#queue.peek()?.number ?? Infinity;
    const waiting = this.#flushWaiters.findIndex(({ last }) => last >= oldest);
    const done = this.#flushWaiters.splice(0, waiting === -1 ? Infinity : waiting);
    for (const { resolve } of done) resolve();
  }
}

/** Codes that another try cannot change and that concern every diff on the stream. */
const hopeless: ReadonlySet<Code> = new Set(['UNAUTHENTICATED', 'PERMISSION_DENIED', 'UNIMPLEMENTED']);
