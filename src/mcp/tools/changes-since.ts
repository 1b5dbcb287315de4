import * as z from 'zod';

import { belowField } from '../fields.ts';
import { nextPage, onePage, pageInput, pageOutput } from '../page.ts';
import { differenceShape, tellDifference } from '../shapes/node.ts';
import { defineTool, readsOnly } from '../tool.ts';

export const changesSince = defineTool({
  name: 'changes_since',
  title: 'What is new since a revision',
  description:
    'Tells what is different now from what it was at a revision, path by path: use it when you come back to a session, with the revision of your last read. What was changed and changed back does not show; history tells every step. To wait for the next change, use wait_for_change.',
  input: {
    revision: z
      .int()
      .min(0)
      .describe('The revision that you know, as read, list or this tool told it. 0: tells everything.'),
    path: belowField,
    to_revision: z
      .int()
      .min(1)
      .optional()
      .describe(
        'Up to this revision; for further pages: the revision of the first one. Default: the newest.',
      ),
    ...pageInput,
  },
  output: z.object({
    revision: z.int().describe('What you know now: give it the next time.'),
    differences: z.array(differenceShape),
    ...pageOutput,
  }),
  hints: readsOnly,
  async run({ revision, path, to_revision, page_size, page_token }, { client, signal }) {
    const until = to_revision ?? (await client.status({ signal })).forest.revision;
    if (until === revision) return { structured: { revision, differences: [] } };
    const options = { path, pageSize: page_size, form: 'json', signal } as const;
    const page = await onePage(client.diff(revision, until, options), page_token);
    return {
      structured: { revision: until, differences: page.items.map(tellDifference), ...nextPage(page) },
    };
  },
});
