/** How a script ends that started processes and opened sockets. */

/** How long what is still open may take to close by itself. */
const patienceMs = 5_000;

/**
 * Ends the process with `code` as soon as nothing is open any more. Where something stays open, says what, and ends it
 * all the same: whoever waits for this process must never wait for a forgotten handle.
 */
export function endWith(code: number): void {
  process.exitCode = code;
  const late = setTimeout(() => {
    console.error(`still open at the end: ${process.getActiveResourcesInfo().join(', ')}`);
    process.exit();
  }, patienceMs);
  late.unref();
}
