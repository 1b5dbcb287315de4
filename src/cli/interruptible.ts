/** Long work that Ctrl-C ends: at once, with nothing half done left behind, and with an exit code that says so. */
import type { Context } from './context.ts';
import { exitCodes } from './exit-codes.ts';

/** Runs work that uses the context's client, or gives up when `signal` aborts. */
export async function interruptible(
  context: Context,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { client, output, surroundings } = context;
  const signal = context.interruption();
  // Calls that are under way end with the connection, wherever the work is waiting for them.
  const giveUp = (): void => client.destroy();
  signal.addEventListener('abort', giveUp);
  try {
    await work(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    if (!output.closed.aborted) surroundings.setExitCode(exitCodes.interrupted.code);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
