import * as z from 'zod';

import type { Clock } from '../../base/clock.ts';
import {
  mcpChangesMax,
  mcpGatherMsMax,
  mcpPatternsMax,
  mcpWaitSecondsDefault,
  mcpWaitSecondsMax,
} from '../../base/limits.ts';
import type { Client, Event } from '../../../clients/typescript/src/index.ts';
import { eventShape, tellEvent } from '../shapes/event.ts';
import { defineTool, readsOnly } from '../tool.ts';

export const waitForChange = defineTool({
  name: 'wait_for_change',
  title: 'Wait for a change',
  description:
    'Waits until something changes on the trunk at paths that match, and tells what. Give after_revision, so that nothing is missed between two calls: what has happened since then is told at once. When the time is over without a change, call again with the revision of the answer, if there is still something to wait for.',
  input: {
    patterns: z
      .array(z.string())
      .min(1)
      .max(mcpPatternsMax)
      .describe('Paths; * is one segment, ** any number: /session_1/** is all that is below /session_1.'),
    after_revision: z.int().min(0).optional().describe('The revision that you know. Default: the newest.'),
    wait_seconds: z
      .number()
      .min(1)
      .max(mcpWaitSecondsMax)
      .default(mcpWaitSecondsDefault)
      .describe('How long at most.'),
  },
  output: z.object({
    changed: z.boolean(),
    revision: z.int().describe('Give it as after_revision the next time.'),
    events: z.array(eventShape),
  }),
  hints: readsOnly,
  async run({ patterns, after_revision, wait_seconds }, call) {
    const { client, bridge, signal } = call;
    const after = after_revision ?? (await client.status({ signal })).forest.revision;
    const { clock } = bridge.options;
    const waitMs = wait_seconds * 1_000;
    const seen = await bridge.waiting(waitMs, signal, (given) =>
      gather(client, clock, patterns, after, waitMs, given),
    );
    return {
      structured: {
        changed: seen.events.length > 0,
        revision: seen.revision,
        events: seen.events.map(tellEvent),
      },
    };
  },
});

/** The first change after a revision, with what comes right behind it. */
async function gather(
  client: Client,
  clock: Clock,
  patterns: readonly string[],
  after: number,
  waitMs: number,
  signal: AbortSignal,
): Promise<{ readonly revision: number; readonly events: readonly Event[] }> {
  const enough = new AbortController();
  let timer = clock.setTimer(waitMs, () => enough.abort());
  const events: Event[] = [];
  let revision = after;
  const subscription = client.subscribe(patterns, {
    start: { afterRevision: after },
    form: 'json',
    bookmarks: true,
    bookmarkIntervalMs,
    signal: AbortSignal.any([enough.signal, signal]),
  });
  try {
    for await (const item of subscription) {
      revision = Math.max(revision, item.revision);
      if (item.kind !== 'event') continue;
      events.push(item.event);
      if (events.length >= mcpChangesMax) break;
      if (events.length > 1) continue;
      timer.cancel();
      timer = clock.setTimer(mcpGatherMsMax, () => enough.abort());
    }
  } catch (error) {
    // What was heard is told, whatever keeps it from hearing more.
    if (events.length === 0 && (!enough.signal.aborted || signal.aborted)) throw error;
  } finally {
    timer.cancel();
  }
  return { revision, events };
}

/** What is told when nothing has changed should be as new as can be. */
const bookmarkIntervalMs = 1_000;
