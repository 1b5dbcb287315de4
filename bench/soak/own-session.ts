/**
 * Broker and loads run in sessions of their own (`detached`), because Linux may share out the processors by session: in one, the load
 * would take from the broker what it then waits for. So a signal to the terminal does not reach them, and this ends them. And a
 * session does not take over the priority that the soak was started with (`nice`), so this passes it on.
 */
import type { ChildProcess } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';

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
  passPriorityOn(child);
  child.once('exit', () => children.delete(child));
}

/** Linux has a priority for each session, where it shares out processors by session. */
function passPriorityOn(child: ChildProcess): void {
  const file = `/proc/${child.pid}/autogroup`;
  if (getPriority() !== 0 && existsSync(file)) writeFileSync(file, String(getPriority()));
}
