/**
 * Goal: memory that a load has left behind goes back to the system while the process rests, even where a little is allocated all the time, and
 * where there is not much of it the engine's collections at rest leave compiled code alone. Method: a process of its own lets 200 MB grow old, drops them,
 * allocates some megabytes a second, and looks every now and then how much is resident; another one compiles a function for a class of which nothing is
 * alive behind it, and looks what is left of it after a rest in which the engine would collect, were it told to. The engine's first look is brought forward to right behind the beginning of rest.
 * Unit tests drive the clock.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

import { ManualClock } from '../test/support/manual-clock.ts';
import { startMemoryAtRest } from './memory-at-rest.ts';

const execute = promisify(execFile);

const start = `
  import { performance } from 'node:perf_hooks';
  import { systemClock } from ${JSON.stringify(new URL('./base/clock.ts', import.meta.url).href)};
  import { startMemoryAtRest } from ${JSON.stringify(new URL('./memory-at-rest.ts', import.meta.url).href)};
  const busyMs = () => performance.eventLoopUtilization().active;
  startMemoryAtRest({ clock: systemClock, busyMs, written: () => 0 });
`;

const leavesMuch = `${start}
  let kept = Array.from({ length: 50 }, () => Array.from({ length: 100_000 }, (_, index) => ({ index })));
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

/** Longer than it takes until the engine would collect, were it told to. */
const restMs = 12_000;

const leavesLittle = `${start}
  class Request { constructor(id) { this.id = id; this.text = ''; } }
  const serve = (id) => new Request(id).id;
  const isCompiled = () => (%GetOptimizationStatus(serve) & 16) !== 0;
  for (let id = 0; id < 1_000_000; id += 1) serve(id);
  const before = isCompiled();
  let kept = Array.from({ length: 10 }, () => Array.from({ length: 100_000 }, (_, index) => ({ index })));
  kept = [];
  setTimeout(() => {
    console.log(JSON.stringify({ before, after: isCompiled() }));
    process.exit();
  }, ${restMs});
`;

/** What a process that runs the program prints. */
async function printed(program: string): Promise<unknown> {
  const flags = ['--allow-natives-syntax', '--gc-memory-reducer-start-delay-ms=4000', '--input-type=module'];
  const { stdout } = await execute(process.execPath, [...flags, '--eval', program], { timeout: 55_000 });
  return JSON.parse(stdout) as unknown;
}

const megabyte = 1024 ** 2;
const toMuch = ['+memory-reducer-favors-memory', '+optimize-for-size'];
const toLittle = ['-memory-reducer-favors-memory', '-optimize-for-size'];

/** A second of the process: what its event loop was busy, entries written, and what the heap takes at its end. */
interface Beat {
  readonly busyMs?: number;
  readonly written?: number;
  readonly megabytes?: number;
}

/** What the engine is told in so many seconds that are alike. */
function driven(): {
  readonly beats: (count: number, beat?: Beat) => readonly string[];
  readonly cancel: () => void;
} {
  const clock = new ManualClock();
  const told: string[] = [];
  const done = { busyMs: 0, written: 0, bytes: 0 };
  const timer = startMemoryAtRest({
    clock,
    busyMs: () => done.busyMs,
    written: () => done.written,
    heapBytes: () => done.bytes,
    setFlag: (flag, isOn) => told.push(`${isOn ? '+' : '-'}${flag}`),
  });
  const beats = (
    count: number,
    { busyMs = 0, written = 0, megabytes = 500 }: Beat = {},
  ): readonly string[] => {
    for (let beat = 0; beat < count; beat += 1) {
      done.busyMs += busyMs;
      done.written += written;
      done.bytes = megabytes * megabyte;
      clock.advance(1_000);
    }
    return told.splice(0);
  };
  return { beats, cancel: () => timer.cancel() };
}

describe('a process at rest', () => {
  it('lets the engine give back what a load has left', async () => {
    const { most, now } = (await printed(leavesMuch)) as { most: number; now: number };
    expect(most).toBeGreaterThan(200e6);
    expect(now).toBeLessThan(most / 2);
  });

  it('keeps compiled code for objects of which none is alive, where the load was small', async () => {
    expect(await printed(leavesLittle)).toEqual({ before: true, after: true });
  });

  it('is one that has hardly written anything and was mostly idle for three seconds', () => {
    const { beats } = driven();
    expect(beats(1, { busyMs: 100, written: 21 })).toEqual([
      '+memory-reducer-favors-memory',
      '-optimize-for-size',
    ]);
    expect(beats(10, { busyMs: 100, written: 21 })).toEqual([]);
    expect(beats(10, { busyMs: 401 })).toEqual([]);
    expect(beats(2, { busyMs: 400, written: 20 })).toEqual([]);
    expect(beats(1)).toEqual(['+optimize-for-size']);
    expect(beats(10)).toEqual([]);
  });

  it('works again after two seconds of work, not after one: that may have been the collection', () => {
    const { beats } = driven();
    expect(beats(3).at(-1)).toBe('+optimize-for-size');
    expect(beats(1, { busyMs: 1_000 })).toEqual([]);
    expect(beats(1)).toEqual([]);
    expect(beats(1, { written: 100 })).toEqual([]);
    expect(beats(1, { busyMs: 1_000 })).toEqual(['-optimize-for-size']);
    expect(beats(2)).toEqual([]);
    expect(beats(1)).toEqual(['+optimize-for-size']);
  });

  it('has nothing to give back after half a minute, until the heap has grown again', () => {
    const { beats } = driven();
    expect(beats(30)).toEqual([...toMuch.slice(0, 1), '-optimize-for-size', '+optimize-for-size']);
    expect(beats(2)).toEqual(toLittle);
    expect(beats(60, { megabytes: 627 })).toEqual([]);
    expect(beats(1, { megabytes: 628 })).toEqual(toMuch);
  });

  it('has nothing to give back of a small heap', () => {
    const { beats } = driven();
    expect(beats(60, { megabytes: 127 })).toEqual(toLittle);
    expect(beats(1, { megabytes: 128 })).toEqual(toMuch);
  });

  it('is not looked at any more once that is cancelled', () => {
    const { beats, cancel } = driven();
    cancel();
    expect(beats(10)).toEqual([]);
  });
});
