/** Makes a run that breaks a promise as short as it gets, so that there is less to read. */
import { simulate } from './world.ts';
import type { RunResult, WorldOptions } from './world.ts';

/** The shortest run of the same seed that still breaks a promise, found by halving the time that clients work. */
export async function shrink(
  options: WorldOptions,
  failed: RunResult,
): Promise<{ workMs: number; result: RunResult }> {
  let shortest = { workMs: options.workMs, result: failed };
  let enough = options.workMs;
  let tooShort = 0;
  while (enough - tooShort > 5) {
    const workMs = Math.floor((enough + tooShort) / 2);
    const result = await simulate({ ...options, workMs });
    if (result.violations.length === 0) tooShort = workMs;
    else {
      enough = workMs;
      shortest = { workMs, result };
    }
  }
  return shortest;
}
