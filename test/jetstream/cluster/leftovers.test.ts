/**
 * Goal: what a killed run leaves on the machine goes with the next one. Method: a process that makes a machine and a disk as a run does, starts
 * something there, and is killed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

import { sweepLeftovers } from './leftovers.ts';
import { Network } from './network.ts';

const obstacle = await Network.obstacle();
const folder = mkdtempSync(join(tmpdir(), 'hyperloom-leftovers-'));
const run = fileURLToPath(new URL('leftovers-run.ts', import.meta.url));

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test.skipIf(obstacle !== '')('a killed run leaves nothing behind the next one', async () => {
  const killed = spawn(process.execPath, [run, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = (await once(createInterface(killed.stdout), 'line')) as [string];
  const { left, space } = JSON.parse(said) as { readonly left: number; readonly space: string };
  const ended = once(killed, 'exit');
  killed.kill('SIGKILL');
  await ended;
  const isMounted = (): boolean => readFileSync('/proc/mounts', 'utf8').includes(folder);
  const isThere = (): boolean => existsSync(join('/run/netns', space));
  expect([isMounted(), isThere(), isRunning(left)]).toEqual([true, true, true]);
  await sweepLeftovers();
  expect([isMounted(), isThere()]).toEqual([false, false]);
  await expect.poll(() => isRunning(left)).toBe(false);
});

/** Nobody may have waited yet for one that has ended: that is none any more. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
