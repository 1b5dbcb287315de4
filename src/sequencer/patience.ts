/** How long somebody waits for locks. */

export interface Patience {
  /** At most this long; `Infinity`: as long as the caller is there. */
  readonly waitMs: number;
  /** When the caller stops waiting, in the clock's monotonic milliseconds; `undefined`: it did not say. */
  readonly deadlineMs: number | undefined;
  /** Calls back once when the caller has gone. */
  onCancel(callback: () => void): void;
}
