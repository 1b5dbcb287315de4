/** Streams of brokers on NATS, for those who move a forest into or out of them. */
import { systemClock } from '../base/clock.ts';
import { randomId, systemRandom } from '../base/random.ts';
import { Stopped } from '../cli/failure.ts';
import { patiently } from '../journal/jetstream/elections.ts';
import { JetStream } from '../journal/jetstream/jetstream.ts';
import { ReadOnlyLog } from '../journal/read-only-logs.ts';
import { forestsIn, ForestsLog } from '../sequencer/agreed/forests-log.ts';
import { defaultForest } from '../sequencer/local-forests.ts';
import type { ForestChange } from '../state/forest-change.ts';
import type { Place } from './place.ts';

/** The log that says which forests there are. */
export const forestsLog = 'FORESTS';

/** How NATS syncs and stores is judged by brokers, at their start. */
export function connectStreams({ address }: Extract<Place, { kind: 'streams' }>): Promise<JetStream> {
  return JetStream.connect({ ...address, checks: 'warn' }, systemClock, () => undefined);
}

/** Asks NATS again while it elects who leads it, or is slow. What is asked for may be done twice. */
export function persistently<T>(work: () => Promise<T>): Promise<T> {
  return patiently(systemClock, work);
}

/** What a log holds now. */
export function readLog(streams: JetStream, name: string): Promise<ReadOnlyLog> {
  return persistently(async () => ReadOnlyLog.of(await streams.openLog(name)));
}

/** The log of each forest that there is. */
export async function forestLogs(streams: JetStream): Promise<ReadonlyMap<string, string>> {
  if (!(await streams.names()).includes(forestsLog)) return new Map([[defaultForest, defaultForest]]);
  return forestsIn(await readLog(streams, forestsLog));
}

/**
 * Makes a forest of a log, or deletes one, for all brokers. NATS that is away is waited for. Throws {@link Stopped} where it is refused.
 */
export async function proposeForest(
  streams: JetStream,
  kind: Exclude<ForestChange['kind'], 'create'>,
  forest: string,
  log: string,
): Promise<void> {
  const faults = Promise.withResolvers<never>();
  faults.promise.catch(() => undefined);
  const registry = new ForestsLog({
    log: await streams.openLog(forestsLog),
    clock: systemClock,
    replica: `move-${randomId(systemRandom)}`,
    onStart: () => Promise.resolve(),
    onChange: () => Promise.resolve(),
    onFatal: (error) => faults.reject(error),
  });
  try {
    await registry.start();
    const request = { id: `move-${randomId(systemRandom)}`, fingerprint: 0 };
    for (;;) {
      const settled = registry.propose({ kind, forest, request }, log);
      const { outcome } = await Promise.race([settled, faults.promise]);
      if (outcome.kind !== 'rejected') return;
      // The same request has the same outcome, whether it was stored before or not.
      if (outcome.reason === 'JOURNAL_UNAVAILABLE') continue;
      throw new Stopped(outcome.reason === 'FOREST_EXISTS' ? 'conflict' : 'state', outcome.message);
    }
  } finally {
    await registry.close();
  }
}
