/** Subscribers: one that stays and must keep up, and many that come and go, some of them slow. */
import { setTimeout as sleep } from 'node:timers/promises';

import { NotFoundError, RevisionError, connect } from '../../../clients/typescript/src/index.ts';
import type { LoadContext } from './context.ts';
import { happens, randomSession } from './paths.ts';

/** What the subscriber that stays has seen. */
export interface Watch {
  readonly revision: number;
}

/** How many of all events are timed: it is a sample, and keeps the generator light. */
const timedEvery = 10;
const slowMs = 25;

/** Watches the whole trunk until the load ends: every revision must come, once and in order. */
export function watchAll({ address, meter, close }: LoadContext): {
  readonly watch: Watch;
  readonly done: Promise<void>;
} {
  const watch = { revision: 0 };
  const follow = async (): Promise<void> => {
    await using client = connect(address, { author: 'watcher', trackBasis: false });
    const { forest } = await client.status();
    watch.revision = forest.revision;
    const options = { start: { afterRevision: watch.revision }, signal: close };
    for await (const item of client.subscribe('/**', options)) {
      if (item.kind !== 'event') continue;
      const { revision, time } = item.event;
      if (revision !== watch.revision + 1)
        meter.failed('watcher', new Error(`revision ${revision} came after ${watch.revision}`));
      watch.revision = revision;
      if (revision % timedEvery === 0) meter.lag(Math.max(0, Date.now() - time.getTime()));
    }
  };
  const done = follow().catch((error: unknown) => {
    if (!close.aborted) meter.failed('watcher', error);
  });
  return { watch, done };
}

/** Begins visits: each is a connection of its own that subscribes to something for a while. */
export function startVisitors(context: LoadContext, visitMsMax: number): void {
  const { pacer, factor } = context;
  pacer.start({
    name: 'visitor',
    perSecond: 0.3 * factor,
    inFlightMax: 30,
    run: () => visit(context, visitMsMax),
  });
}

async function visit({ address, meter, random, stop }: LoadContext, visitMsMax: number): Promise<void> {
  const isSlow = happens(random, 33);
  const pattern = happens(random, 40) ? '/**' : `${randomSession(random)}/**`;
  const isEverything = happens(random, 25);
  const isFromNow = happens(random, 50);
  const endMs = visitMsMax / 8 + random.below((visitMsMax * 7) / 8);
  const leave = AbortSignal.any([AbortSignal.timeout(endMs), stop]);
  await using client = connect(address, { author: 'visitor', trackBasis: false });
  const options = {
    start: isFromNow ? 'now' : 'snapshot',
    everything: isEverything,
    includePrevious: happens(random, 20),
    detail: happens(random, 20) ? 'result' : 'operation',
    signal: leave,
  } as const;
  const kind = isSlow ? 'visit, slow' : 'visit';
  await meter.time(kind, async () => {
    try {
      let position = 0;
      for await (const item of client.subscribe(pattern, options)) {
        if (item.position < position) throw new Error(`position ${item.position} came after ${position}`);
        position = item.position;
        if (isSlow) await sleep(slowMs);
      }
    } catch (error) {
      // A slow one may be so far behind that its history is given up.
      const isPastHistory = isSlow && (error instanceof RevisionError || error instanceof NotFoundError);
      if (!leave.aborted && !isPastHistory) throw error;
    }
  });
}
