/**
 * Goal: memory that a load has left behind goes back to the system while the process rests, even where a little is allocated all the time. Method: a
 * process of its own lets 80 MB grow old, drops them, allocates some megabytes a second, and looks every now and then how much
 * is resident; the engine's first look is brought forward to right behind the beginning of rest. Unit tests drive the clock.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

import { ManualClock } from '../test/support/manual-clock.ts';
import { startMemoryAtRest } from './memory-at-rest.ts';

const execute = promisify(execFile);

const program = `
  import { performance } from 'node:perf_hooks';
  import { systemClock } from ${JSON.stringify(new URL('./base/clock.ts', import.meta.url).href)};
  import { startMemoryAtRest } from ${JSON.stringify(new URL('./memory-at-rest.ts', import.meta.url).href)};
  const busyMs = () => performance.eventLoopUtilization().active;
  startMemoryAtRest({ clock: systemClock, busyMs, written: () => 0 });
  let kept = Array.from({ length: 20 }, () => Array.from({ length: 100_000 }, (_, index) => ({ index })));
  const most = process.memoryUsage.rss();
  kept = [];
  let text = '';
  const looking = setInterval(() => {
    text = JSON.stringify(Array.from({ length: 5_000 }, (_, index) => ({ index })));
    const now = process.memoryUsage.rss();
    if (now > most / 2) return;
    clearInterval(looking);
    console.log(JSON.stringify({ most, now }));
    process.exit();
  }, 50);
`;

describe('a process at rest', () => {
  it('lets the engine give back what a load has left', async () => {
    const flags = ['--gc-memory-reducer-start-delay-ms=4000', '--input-type=module', '--eval', program];
    const { stdout } = await execute(process.execPath, flags, { timeout: 55_000 });
    const { most, now } = JSON.parse(stdout) as { most: number; now: number };
    expect(most).toBeGreaterThan(100e6);
    expect(now).toBeLessThan(most / 2);
  });

  /** Beats with so much work in each, and what the engine was told until then. */
  function driven(): {
    readonly beats: (count: number, busyMs: number, written: number) => readonly boolean[];
    readonly cancel: () => void;
  } {
    const clock = new ManualClock();
    const told: boolean[] = [];
    const done = { busyMs: 0, written: 0 };
    const timer = startMemoryAtRest({
      clock,
      busyMs: () => done.busyMs,
      written: () => done.written,
      preferSize: (isPreferred) => told.push(isPreferred),
    });
    const beats = (count: number, busyMs: number, written: number): readonly boolean[] => {
      for (let beat = 0; beat < count; beat += 1) {
        done.busyMs += busyMs;
        done.written += written;
        clock.advance(1_000);
      }
      return [...told];
    };
    return { beats, cancel: () => timer.cancel() };
  }

  it('is one that has hardly written anything and was mostly idle for three seconds', () => {
    const { beats } = driven();
    expect(beats(10, 100, 21)).toEqual([]);
    expect(beats(10, 401, 0)).toEqual([]);
    expect(beats(2, 400, 20)).toEqual([]);
    expect(beats(1, 0, 0)).toEqual([true]);
    expect(beats(10, 0, 0)).toEqual([true]);
  });

  it('works again after two seconds of work, not after one: that may have been the collection', () => {
    const { beats } = driven();
    expect(beats(3, 0, 0)).toEqual([true]);
    expect(beats(1, 1_000, 0)).toEqual([true]);
    expect(beats(1, 0, 0)).toEqual([true]);
    expect(beats(1, 0, 100)).toEqual([true]);
    expect(beats(1, 1_000, 0)).toEqual([true, false]);
    expect(beats(2, 0, 0)).toEqual([true, false]);
    expect(beats(1, 0, 0)).toEqual([true, false, true]);
  });

  it('is not looked at any more once that is cancelled', () => {
    const { beats, cancel } = driven();
    cancel();
    expect(beats(10, 0, 0)).toEqual([]);
  });
});
