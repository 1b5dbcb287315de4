/**
 * Bounds the garbage that gathers between two collections of the old generation. Left alone, V8 lets a heap that grows fast reach
 * up to four times what lived after the last one: 1,000,000 nodes of 200 bytes live in 380 MB, and the broker stood at 1,430 MB
 * when the last of them had been put; with this at 660. What a forest needs is memory that its operator can plan with.
 *
 * So the growth is set to a number of megabytes rather than to a factor: small heaps stay as they are, since collecting them costs
 * little, and large ones grow by a part of what they hold. V8 reads `heap_growing_percent` at the end of each collection
 * (`MemoryController::GrowingFactor` in V8 13.6), whenever it was set. The worst that can happen where a later V8 does not is
 * that nothing happens. To be started after recovery, which fills the heap with what will live.
 */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import type { Clock, Timer } from './base/clock.ts';

const beatMs = 1_000;

/** What a heap may grow by, in bytes, before it is collected again. */
const growthBytes = 72 * 1024 * 1024;
/** A collection marks everything that lives: more often than this, and it would take more time than the work. */
const growthPercentMin = 15;
/** V8's own factor for small heaps is no less. */
const growthPercentMax = 300;

/** The heap of this process. */
export interface Heap {
  readonly usedBytes: () => number;
  readonly setGrowthPercent: (percent: number) => void;
}

const ownHeap: Heap = {
  usedBytes: () => getHeapStatistics().used_heap_size,
  setGrowthPercent: (percent) => setFlagsFromString(`--heap-growing-percent=${percent}`),
};

/** Sets the growth at once, and every second until it is cancelled. */
export function startHeapGrowth(clock: Clock, heap: Heap = ownHeap): Timer {
  let timer: Timer;
  let last = 0;
  function beat(): void {
    const percent = growthPercent(heap.usedBytes());
    if (percent !== last) heap.setGrowthPercent(percent);
    last = percent;
    timer = clock.setTimer(beatMs, beat);
  }
  beat();
  return { cancel: () => timer.cancel() };
}

/** How much a heap of so many bytes may grow, in percent. */
export function growthPercent(usedBytes: number): number {
  const percent = Math.round((100 * growthBytes) / Math.max(1, usedBytes));
  return Math.min(growthPercentMax, Math.max(growthPercentMin, percent));
}
