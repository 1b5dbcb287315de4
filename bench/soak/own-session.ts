/**
 * Broker and loads run in sessions of their own (`detached`), because Linux may share out the processors by session: in one, the load
 * would take from the broker what it then waits for. So a signal to the terminal does not reach them, and this ends them.
 */
import type { ChildProcess } from 'node:child_process';

const children = new Set<ChildProcess>();

/** Ends the child when this process ends, however that is. */
export function endWithUs(child: ChildProcess): void {
  if (children.size === 0) {
    process.on('exit', () => {
      for (const each of children) each.kill('SIGKILL');
    });
    process.once('SIGINT', () => process.exit(130));
    process.once('SIGTERM', () => process.exit(143));
  }
  children.add(child);
  child.once('exit', () => children.delete(child));
}
