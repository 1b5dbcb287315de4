/**
 * Counts how often each block of the source runs: `HYPERLOOM_COUNTED=1 node --import THIS …`. It has to begin before the source
 * is loaded, since only what is compiled with counters counts.
 */
import { Session } from 'node:inspector/promises';

const session = new Session();

/** Whether anything is counted in this process. */
export const isCounting = process.env['HYPERLOOM_COUNTED'] === '1';

if (isCounting) {
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
}

/** How often blocks of sources whose path matches ran since this was asked last. */
export async function takeCount(path: RegExp): Promise<number> {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const ranges = result
    .filter(({ url }) => path.test(url))
    .flatMap(({ functions }) => functions.flatMap((each) => each.ranges));
  return ranges.reduce((sum, range) => sum + range.count, 0);
}
