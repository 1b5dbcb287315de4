/**
 * Looks at the broker from inside: loaded into its process with `--import`, it does what the plan in SOAK_PROBE says. It holds no
 * descriptor and keeps nothing, so that what grows is the broker's own.
 */
import { appendFileSync } from 'node:fs';
import { PerformanceObserver, constants, monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ProbePlan } from './broker.ts';
import type { ProbeSample } from './sample.ts';

const { file, sampleMs, collectMs } = JSON.parse(process.env['SOAK_PROBE'] ?? '') as ProbePlan;
const nsPerMs = 1e6;
const lookMs = 200;

let liveHeapBytes = 0;
let liveExternalBytes = 0;
let fullCollections = 0;
let pauseMs = 0;
let leastResidentBytes = Infinity;
let leastExternalBytes = Infinity;

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

function look(): void {
  const { rss, external } = process.memoryUsage();
  leastResidentBytes = Math.min(leastResidentBytes, rss);
  leastExternalBytes = Math.min(leastExternalBytes, external);
}

function write(): void {
  look();
  const { heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage();
  const sample: ProbeSample = {
    heapUsedBytes: heapUsed,
    heapTotalBytes: heapTotal,
    externalBytes: external,
    arrayBufferBytes: arrayBuffers,
    liveHeapBytes,
    liveExternalBytes,
    leastResidentBytes,
    leastExternalBytes,
    fullCollections,
    pauseMs,
    loopDelayP50Ms: loopDelay.percentile(50) / nsPerMs,
    loopDelayP99Ms: loopDelay.percentile(99) / nsPerMs,
    loopDelayMaxMs: loopDelay.max / nsPerMs,
  };
  loopDelay.reset();
  pauseMs = 0;
  leastResidentBytes = Infinity;
  leastExternalBytes = Infinity;
  appendFileSync(file, `${JSON.stringify(sample)}\n`);
}

setFlagsFromString('--expose-gc');
/** Not the flavour that V8 takes by itself: this one also gives back the pages that it keeps for what may come. */
const collect = runInNewContext('gc') as (how: { type: 'major'; flavor: 'last-resort' }) => void;

setInterval(look, lookMs).unref();
setInterval(write, sampleMs).unref();
setInterval(() => collect({ type: 'major', flavor: 'last-resort' }), collectMs).unref();
