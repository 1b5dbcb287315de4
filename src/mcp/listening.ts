/** What a client of 2026-07-28 asks to hear of in `subscriptions/listen`. */
import * as z from 'zod';

import { mcpWatchesPerConnectionMax } from '../base/limits.ts';

const paramsShape = z.object({
  notifications: z.object({
    resourcesListChanged: z.boolean().optional(),
    resourceSubscriptions: z.array(z.string()).optional(),
  }),
});

export interface ListenFilter {
  readonly uris: readonly string[];
  readonly isListWatched: boolean;
}

/** Reads the parameters; whatever is malformed is refused by the SDK, and watches nothing. */
export function filterOf(params: unknown): ListenFilter {
  const read = paramsShape.safeParse(params);
  if (!read.success) return { uris: [], isListWatched: false };
  const { resourceSubscriptions = [], resourcesListChanged = false } = read.data.notifications;
  return {
    uris: [...new Set(resourceSubscriptions)].slice(0, mcpWatchesPerConnectionMax),
    isListWatched: resourcesListChanged,
  };
}
