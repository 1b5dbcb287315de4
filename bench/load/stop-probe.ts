/**
 * Looks for stops of the event loop from inside: loaded into a process with `--import`, it appends the longest one of each step, in
 * milliseconds, to the file that STOP_PROBE_FILE names. A stop is what a timer of a few milliseconds came too late.
 */
import { appendFileSync } from 'node:fs';

const file = process.env['STOP_PROBE_FILE'] ?? '';
const tickMs = 2;
const stepMs = 200;

let lastMs = performance.now();
let stepStartMs = lastMs;
let longestMs = 0;

function tick(): void {
  const nowMs = performance.now();
  longestMs = Math.max(longestMs, nowMs - lastMs - tickMs);
  lastMs = nowMs;
  if (nowMs - stepStartMs < stepMs) return;
  appendFileSync(file, `${longestMs.toFixed(1)}\n`);
  [stepStartMs, longestMs] = [nowMs, 0];
}

if (file !== '') setInterval(tick, tickMs).unref();
