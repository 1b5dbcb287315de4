/** Fuzzes the engine for some minutes: `node test/http2/fuzz-for.ts MINUTES [SEED]`. Tells memory at each round. */
import { systemClock } from '../../src/base/clock.ts';
import { fuzz } from './fuzz.ts';

const minutes = Number(process.argv[2] ?? 10);
let seed = Number(process.argv[3] ?? 1);
const endMs = systemClock.monotonicMs() + minutes * 60_000;
let count = 0;
while (systemClock.monotonicMs() < endMs) {
  await fuzz(seed, 5_000);
  count += 5_000;
  globalThis.gc?.();
  const heap = (process.memoryUsage().heapUsed / 1_048_576).toFixed(1);
  console.log(`seed ${seed}: ${count} conversations so far, heap ${heap} MB`);
  seed += 1;
}
