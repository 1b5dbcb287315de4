/**
 * Fuzzes for some minutes: `node --expose-gc test/http2/fuzz-for.ts MINUTES [SEED] [engine|transport]`, the engine by default.
 * Tells memory at each round.
 */
import { systemClock } from '../../src/base/clock.ts';
import { fuzz } from './fuzz.ts';
import { fuzzTransport, startFuzzedServer } from './transport-fuzz.ts';

const minutes = Number(process.argv[2] ?? 10);
let seed = Number(process.argv[3] ?? 1);
const isTransport = process.argv[4] === 'transport';
const endMs = systemClock.monotonicMs() + minutes * 60_000;
let count = 0;
const server = isTransport ? await startFuzzedServer() : undefined;
while (systemClock.monotonicMs() < endMs) {
  if (server === undefined) count += await fuzz(seed, 5_000);
  else count += await fuzzTransport(server, seed, 500);
  globalThis.gc?.();
  const heap = (process.memoryUsage().heapUsed / 1_048_576).toFixed(1);
  console.log(`seed ${seed}: ${count} conversations so far, heap ${heap} MB`);
  seed += 1;
}
await server?.transport.close(0);
