/** Time as the page has it; a test hands in another. */
export interface PageClock {
  nowMs(): number;
  after(ms: number, callback: () => void): () => void;
}

/** Waits; less long where what it is for ends. */
export function pauseFor(clock: PageClock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, done);
    signal.addEventListener('abort', done);
    function done(): void {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
