/** A timer that was set; `cancel` is idempotent. */
export interface Timer {
  cancel(): void;
}

/** Time, injected so that tests can drive it. */
export interface Clock {
  /** Monotonic milliseconds from an arbitrary origin. */
  monotonicMs(): number;
  /** Calls back once after at least `delayMs`. A pending timer does not keep the process alive unless `keepAlive`. */
  setTimer(delayMs: number, callback: () => void, keepAlive?: boolean): Timer;
  /** Calls back once when the work of this turn of the event loop is done: what is written until then goes out together. */
  endOfTurn(callback: () => void): void;
}

/** Chance, injected so that tests can seed it: a number from 0 up to but not including 1. */
export type Random = () => number;

/** The machine's own clock. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  setTimer(delayMs, callback, keepAlive = false) {
    const handle: unknown = setTimeout(callback, Math.min(delayMs, timerDelayMsMax));
    if (!keepAlive) unref(handle);
    return { cancel: () => clearTimeout(handle as Parameters<typeof clearTimeout>[0]) };
  },
  endOfTurn(callback) {
    if (typeof setImmediate === 'function') setImmediate(callback);
    else setTimeout(callback, 0);
  },
};

/** The machine's own chance, from the operating system: request ids must differ between processes that start together. */
export const systemRandom: Random = () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;

/** Longer delays overflow the runtime's 32-bit timers and would fire at once. */
const timerDelayMsMax = 2 ** 31 - 1;

/** In Node a timer is an object that can let the process end; in browsers it is a number. */
function unref(handle: unknown): void {
  if (
    typeof handle === 'object' &&
    handle !== null &&
    'unref' in handle &&
    typeof handle.unref === 'function'
  ) {
    handle.unref();
  }
}

/** Resolves after `delayMs`, or at once when `signal` aborts. */
export function delay(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      timer.cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = clock.setTimer(delayMs, finish, true);
    if (signal?.aborted === true) finish();
    else signal?.addEventListener('abort', finish);
  });
}

/** What `promise` comes to, or the signal's reason if that aborts first; the promise is then left to itself. */
export async function orAborted<Result>(
  promise: Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (signal === undefined) return promise;
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (abort !== undefined) signal.removeEventListener('abort', abort);
  }
}

/** Exponential backoff with full jitter: 50 ms doubling to 1 s, so that a fleet does not come back all at once. */
export class Backoff {
  readonly #random: Random;
  #attempt = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** How long to wait before the next attempt, in milliseconds. */
  nextMs(): number {
    const ceiling = Math.min(1_000, 50 * 2 ** this.#attempt);
    if (this.#attempt < 16) this.#attempt += 1;
    return 1 + this.#random() * ceiling;
  }

  /** Begins anew after a success. */
  reset(): void {
    this.#attempt = 0;
  }
}
