import * as z from 'zod';

import { nextPage, onePage, pageInput, pageOutput } from '../page.ts';
import { belowField } from '../fields.ts';
import { eventShape, tellEvent } from '../shapes/event.ts';
import { defineTool, readsOnly } from '../tool.ts';

export const history = defineTool({
  name: 'history',
  title: 'What happened',
  description:
    'Tells what happened at or below a path, newest first: who wrote what, when, and under which label. With ghosts also what happened in ghosts, reverted work and its reasons included.',
  input: {
    path: belowField,
    after_revision: z.int().min(0).default(0).describe('Only what came after this revision.'),
    order: z.enum(['newest_first', 'oldest_first']).default('newest_first'),
    ghosts: z.boolean().default(false).describe('Tells what happened in ghosts too.'),
    ...pageInput,
  },
  output: z.object({ events: z.array(eventShape), ...pageOutput }),
  hints: readsOnly,
  async run({ path, after_revision, order, ghosts, page_size, page_token }, { client, signal }) {
    const options = {
      path: path === '/' ? undefined : path,
      afterRevision: after_revision,
      newestFirst: order === 'newest_first',
      everything: ghosts,
      pageSize: page_size,
      form: 'json',
      signal,
    } as const;
    const page = await onePage(client.history(options), page_token);
    return { structured: { events: page.items.map(tellEvent), ...nextPage(page) } };
  },
});
