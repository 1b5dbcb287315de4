/**
 * Looks at the broker from inside: loaded into its process with `--import`, it appends a line to SOAK_PROBE_FILE every
 * SOAK_PROBE_MS. It holds no descriptor and keeps nothing, so that what grows is the broker's own.
 */
import { appendFileSync } from 'node:fs';
import { PerformanceObserver, constants, monitorEventLoopDelay } from 'node:perf_hooks';
import type { ProbeSample } from './sample.ts';

const file = process.env['SOAK_PROBE_FILE'] ?? '';
const everyMs = Number(process.env['SOAK_PROBE_MS'] ?? 5_000);
const nsPerMs = 1e6;

let liveHeapBytes = 0;
let liveExternalBytes = 0;
let fullCollections = 0;
let pauseMs = 0;

const collections = new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    pauseMs += entry.duration;
    const detail: unknown = 'detail' in entry ? entry.detail : null;
    if (typeof detail !== 'object' || detail === null || !('kind' in detail)) continue;
    if (detail.kind !== constants.NODE_PERFORMANCE_GC_MAJOR) continue;
    fullCollections += 1;
    const { heapUsed, external } = process.memoryUsage();
    liveHeapBytes = heapUsed;
    liveExternalBytes = external;
  }
});
collections.observe({ entryTypes: ['gc'] });

const loopDelay = monitorEventLoopDelay({ resolution: 10 });
loopDelay.enable();

function write(): void {
  const { heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage();
  const sample: ProbeSample = {
    heapUsedBytes: heapUsed,
    heapTotalBytes: heapTotal,
    externalBytes: external,
    arrayBufferBytes: arrayBuffers,
    liveHeapBytes,
    liveExternalBytes,
    fullCollections,
    pauseMs,
    loopDelayP50Ms: loopDelay.percentile(50) / nsPerMs,
    loopDelayP99Ms: loopDelay.percentile(99) / nsPerMs,
    loopDelayMaxMs: loopDelay.max / nsPerMs,
  };
  loopDelay.reset();
  pauseMs = 0;
  appendFileSync(file, `${JSON.stringify(sample)}\n`);
}

if (file !== '') setInterval(write, everyMs).unref();
