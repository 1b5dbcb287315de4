/**
 * Goal: memory that a load has left behind goes back to the system while the process rests. Method: a process of its own
 * lets 80 MB grow old, drops them, and looks every now and then how much of it is resident; the engine's first look is
 * brought forward, since nothing else is being waited for. A unit test counts the beats.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

import type { Clock } from './base/clock.ts';
import { startMemoryPulse } from './memory-pulse.ts';

const execute = promisify(execFile);

const program = `
  import { systemClock } from ${JSON.stringify(new URL('./base/clock.ts', import.meta.url).href)};
  import { startMemoryPulse } from ${JSON.stringify(new URL('./memory-pulse.ts', import.meta.url).href)};
  startMemoryPulse(systemClock);
  let kept = Array.from({ length: 20 }, () => Array.from({ length: 100_000 }, (_, index) => ({ index })));
  const most = process.memoryUsage.rss();
  kept = [];
  const looking = setInterval(() => {
    const now = process.memoryUsage.rss();
    if (now > most / 2) return;
    clearInterval(looking);
    console.log(JSON.stringify({ most, now }));
  }, 50);
`;

describe('the pulse of a process at rest', () => {
  it('lets the engine give back what a load has left', async () => {
    const flags = ['--gc-memory-reducer-start-delay-ms=200', '--input-type=module', '--eval', program];
    const { stdout } = await execute(process.execPath, flags, { timeout: 55_000 });
    const { most, now } = JSON.parse(stdout) as { most: number; now: number };
    expect(most).toBeGreaterThan(100e6);
    expect(now).toBeLessThan(most / 2);
  });

  it('beats until it is cancelled', () => {
    let waiting: (() => void) | null = null;
    let cancelled = 0;
    const clock: Clock = {
      nowMs: () => 0,
      monotonicMs: () => 0,
      setTimer(_, callback) {
        waiting = callback;
        return { cancel: () => (cancelled += 1) };
      },
    };
    const pulse = startMemoryPulse(clock);
    for (let beat = 0; beat < 3; beat += 1) {
      const due = waiting as (() => void) | null;
      expect(due).not.toBeNull();
      waiting = null;
      due?.();
    }
    expect(waiting).not.toBeNull();
    pulse.cancel();
    expect(cancelled).toBe(1);
  });
});
