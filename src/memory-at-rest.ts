/**
 * Lets the engine give memory back while the broker rests. After a bulk load, or after recovery, half of what is resident can
 * be garbage and empty pages. V8 has a part for that, its memory reducer: some seconds after a collection, and every so many from then on, it
 * looks whether hardly anything is being allocated, and then collects in small steps, compacts, and returns what is free to the system.
 *
 * Its measure is too strict for a broker: the young, the old and the embedder's generation must each be filled at less than 0.7 % of the speed at
 * which they are collected (`Heap::HasLowAllocationRate` in V8 13.6). Tokens that are counted behind a load or after a start, a
 * snapshot, and, where the embedder's heap is as small as Node's, a few hundred bytes a second there are more than that: a
 * broker with 1,000,000 nodes stayed at the 830 MB of its load for minutes. So whether it rests is decided here: hardly anything is written, and the
 * event loop is idle most of the time. As long as it does, the engine is told to prefer size to speed (`ShouldOptimizeForMemoryUsage`), which is what
 * its memory reducer asks for beside those rates.
 *
 * It has a price: a collection that prefers size lets go of the shapes of objects that none is alive of just then (`MarkCompactCollector::RetainMaps`),
 * requests and their replies above all, and with them of the compiled code that knows them. The next 6,000 calls took 93 µs each instead of 35, the 20,000
 * behind them 50. Agents rest between two calls of a model, so that happens only where there is much to be given back. Otherwise V8
 * collects at rest as it does at work, which costs the next call nothing and leaves 60 to 80 MB of empty pages.
 *
 * V8 reads the flags whenever it looks. The worst that can happen where a later V8 does not is that nothing happens.
 */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import type { Clock, Timer } from './base/clock.ts';

const beatMs = 1_000;
/** Beats in a row that look like rest before it counts as one, and like work before it is over: a collection keeps the event loop too. */
const restBeats = 3;
const workBeats = 2;
/** What of its time the event loop of a broker at rest may work: counting tokens behind takes a third. */
const busyShareMax = 0.4;
/** Entries that may be written in a beat. */
const writtenMax = 20;
/** What the heap must have grown by for it to be worth the price, in bytes: more than the young generation, which grows with any work. */
const growthMin = 128 * 1024 ** 2;
/** What a rest of so many beats has not given back is in use. */
const doneBeats = 30;

export interface MemoryAtRestOptions {
  readonly clock: Clock;
  /** How long the event loop has been busy since it began, in milliseconds. */
  readonly busyMs: () => number;
  /** Entries written so far, in all forests. It may fall when one goes. */
  readonly written: () => number;
  /** What the engine's heap takes of the system. Default: that of this process. */
  readonly heapBytes?: () => number;
  /** Turns a flag of the engine on or off. Default: of that of this process. */
  readonly setFlag?: (flag: EngineFlag, isOn: boolean) => void;
}

/** Collect where memory can be given back; let those collections that the memory reducer begins prefer size to speed. */
export type EngineFlag = 'optimize-for-size' | 'memory-reducer-favors-memory';

/** Looks every second until it is cancelled. */
export function startMemoryAtRest(options: MemoryAtRestOptions): Timer {
  const { clock, busyMs, written, heapBytes = heapBytesOfEngine, setFlag = setFlagOfEngine } = options;
  let last = { atMs: clock.monotonicMs(), busyMs: busyMs(), written: written() };
  let isAtRest = false;
  /** Beats in a row that speak against what is held to be so, and beats at rest so far. */
  let contrary = 0;
  let rested = 0;
  /** Whether there is much to be given back, and what the heap took when it had been. */
  let isMuch = false;
  let keptBytes = 0;
  const flags = new Map<EngineFlag, boolean>();
  const set = (flag: EngineFlag, isOn: boolean): void => {
    if (flags.get(flag) !== isOn) setFlag(flag, isOn);
    flags.set(flag, isOn);
  };
  let timer = clock.setTimer(beatMs, beat);
  function beat(): void {
    const now = { atMs: clock.monotonicMs(), busyMs: busyMs(), written: written() };
    const busyShare = (now.busyMs - last.busyMs) / Math.max(1, now.atMs - last.atMs);
    const looksAtRest = busyShare <= busyShareMax && Math.abs(now.written - last.written) <= writtenMax;
    last = now;
    contrary = looksAtRest === isAtRest ? 0 : contrary + 1;
    if (contrary >= (isAtRest ? workBeats : restBeats)) {
      isAtRest = !isAtRest;
      contrary = 0;
    }
    rested = isAtRest ? rested + 1 : 0;
    const bytes = heapBytes();
    if (isMuch && rested >= doneBeats) [isMuch, keptBytes] = [false, bytes];
    else isMuch ||= bytes - keptBytes >= growthMin;
    set('memory-reducer-favors-memory', isMuch);
    set('optimize-for-size', isMuch && isAtRest);
    timer = clock.setTimer(beatMs, beat);
  }
  return { cancel: () => timer.cancel() };
}

function heapBytesOfEngine(): number {
  return getHeapStatistics().total_heap_size;
}

function setFlagOfEngine(flag: EngineFlag, isOn: boolean): void {
  setFlagsFromString(isOn ? `--${flag}` : `--no-${flag}`);
}
