/** Time as the engine needs it, given by the caller. */
export interface EngineClock {
  /** Milliseconds from an arbitrary origin. Never goes back. */
  monotonicMs(): number;
  setTimer(delayMs: number, callback: () => void): EngineTimer;
}

/** A timer that was set; `cancel` is idempotent. */
export interface EngineTimer {
  cancel(): void;
}
