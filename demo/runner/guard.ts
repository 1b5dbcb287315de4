/**
 * Clears up when the runner cannot: it is told on standard input which processes there are (`+ID`, and `-ID` when one has ended) and
 * which folders (`/…`). When that input closes, the runner is gone, however it died: what still lives is killed, what is left is removed.
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const living = new Set<number>();
const folders: string[] = [];

for await (const line of createInterface({ input: process.stdin })) {
  const id = Number(line.slice(1));
  if (line.startsWith('+')) living.add(id);
  else if (line.startsWith('-')) living.delete(id);
  else folders.push(line);
}
for (const id of living) {
  try {
    process.kill(id, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
