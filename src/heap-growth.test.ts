/**
 * Goal: a heap that fills stays near what lives in it. Method: processes of their own fill 100 MB and throw as much away again and
 * again once it has grown old; one bounds its growth, the other does not. A unit test drives the clock.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

import type { Clock } from './base/clock.ts';
import { growthPercent, startHeapGrowth } from './heap-growth.ts';

const execute = promisify(execFile);

function program(isBounded: boolean): string {
  const clock = JSON.stringify(new URL('./base/clock.ts', import.meta.url).href);
  const growth = JSON.stringify(new URL('./heap-growth.ts', import.meta.url).href);
  return `
    import { systemClock } from ${clock};
    import { startHeapGrowth } from ${growth};
    const make = () => Array.from({ length: 300 }, () => new Array(1_000).fill(0.5));
    const kept = Array.from({ length: 40 }, make);
    const timer = ${isBounded} ? startHeapGrowth(systemClock) : null;
    let most = 0;
    for (let round = 0; round < 300; round += 1) {
      kept[round % 40] = make();
      most = Math.max(most, process.memoryUsage().heapTotal);
    }
    timer?.cancel();
    console.log(most);
  `;
}

async function mostBytes(isBounded: boolean): Promise<number> {
  // One thread: otherwise it is up to the machine how much is allocated while another thread still collects.
  const flags = ['--single-threaded-gc', '--max-semi-space-size=8'];
  const args = [...flags, '--input-type=module', '--eval', program(isBounded)];
  const { stdout } = await execute(process.execPath, args, { timeout: 55_000 });
  return Number(stdout);
}

describe('the growth of a heap', () => {
  it('is less where it is bounded', async () => {
    const [bounded, free] = [await mostBytes(true), await mostBytes(false)];
    expect(bounded).toBeGreaterThan(0);
    expect(bounded).toBeLessThan(0.85 * free);
  });

  it('is a number of megabytes, within limits', () => {
    const megabyte = 1024 * 1024;
    expect(growthPercent(0)).toBe(300);
    expect(growthPercent(10 * megabyte)).toBe(300);
    expect(growthPercent(72 * megabyte)).toBe(100);
    expect(growthPercent(288 * megabyte)).toBe(25);
    expect(growthPercent(10_000 * megabyte)).toBe(15);
  });

  it('is set at once and whenever the heap has changed, until it is cancelled', () => {
    let due: (() => void) | null = null;
    const clock: Clock = {
      nowMs: () => 0,
      monotonicMs: () => 0,
      setTimer(_, callback) {
        due = callback;
        return { cancel: () => (due = null) };
      },
    };
    const beat = (): void => due?.();
    let usedBytes = 72 * 1024 * 1024;
    const set: number[] = [];
    const timer = startHeapGrowth(clock, {
      usedBytes: () => usedBytes,
      setGrowthPercent: (percent) => set.push(percent),
    });
    beat();
    usedBytes *= 2;
    beat();
    beat();
    expect(set).toEqual([100, 50]);
    timer.cancel();
    expect(due).toBeNull();
  });
});
