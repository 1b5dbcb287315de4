/**
 * Commands in process groups of their own, so that nothing that they started outlives them. Such a group hears no Ctrl-C:
 * while one runs, we end it when we are ended.
 */
import type { ChildProcess } from 'node:child_process';

const signals = ['SIGINT', 'SIGTERM'] as const;
const running = new Set<ChildProcess>();

/** Ends a command that was started detached, and all that it started. */
export function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // Nothing of it is left, as it should be.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** From now on a command ends when we do. The result takes that back. */
export function endWithUs(child: ChildProcess): () => void {
  if (running.size === 0) {
    process.once('exit', endAll);
    for (const signal of signals) process.once(signal, endBySignal);
  }
  running.add(child);
  return () => {
    running.delete(child);
    if (running.size > 0) return;
    process.off('exit', endAll);
    for (const signal of signals) process.off(signal, endBySignal);
  };
}

function endAll(): void {
  for (const child of running) endGroup(child);
}

function endBySignal(signal: NodeJS.Signals): void {
  endAll();
  process.exit(signal === 'SIGINT' ? 130 : 143);
}
