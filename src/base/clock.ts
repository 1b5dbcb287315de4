/** A timer that was set; `cancel` is idempotent. */
export interface Timer {
  cancel(): void;
}

/** Time, injected everywhere so that the simulator can drive it. */
export interface Clock {
  /** Wall time, milliseconds since the Unix epoch. May jump. */
  nowMs(): number;
  /** Monotonic time in milliseconds with a fraction, from an arbitrary origin. Never goes back. */
  monotonicMs(): number;
  /** Calls `callback` once after at least `delayMs`. A pending timer does not keep the process alive; without a delay it does, since that is work which goes on. */
  setTimer(delayMs: number, callback: () => void): Timer;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer(delayMs, callback) {
    const handle = setTimeout(callback, delayMs);
    if (delayMs > 0) handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Resolves after at least `forMs`. */
export function pause(clock: Clock, forMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(forMs, resolve);
  });
}

/** Keeps the process alive until that is cancelled or somebody ends it, since no pending timer of the clock does. */
export function stayAlive(): Timer {
  const handle = setInterval(() => undefined, 2 ** 31 - 1);
  return { cancel: () => clearInterval(handle) };
}
