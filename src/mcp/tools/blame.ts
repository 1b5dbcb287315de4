import * as z from 'zod';

import { atRevisionField, pathField } from '../fields.ts';
import { nextPage, onePage, pageInput, pageOutput } from '../page.ts';
import { defineTool, readsOnly } from '../tool.ts';

export const blame = defineTool({
  name: 'blame',
  title: 'Who wrote this',
  description:
    'Tells for a node, or for all nodes below it, which publish made the present value: its revision, author, time and label. To see what the author was looking at then, give that revision to trace.',
  input: {
    path: pathField,
    depth: z.int().min(0).max(64).default(0).describe('How deep below the node. 0: the node alone.'),
    at_revision: atRevisionField,
    ...pageInput,
  },
  output: z.object({
    lines: z.array(
      z.object({
        path: z.string(),
        revision: z.int(),
        author: z.string(),
        time: z.string().optional().describe('Absent where that history is gone.'),
        label: z.string().optional(),
      }),
    ),
    ...pageOutput,
  }),
  hints: readsOnly,
  async run({ path, depth, at_revision, page_size, page_token }, { client, signal }) {
    const options = { depth, atRevision: at_revision, pageSize: page_size, signal };
    const page = await onePage(client.blame(path, options), page_token);
    const lines = page.items.map(({ node, event }) => ({
      path: node.path,
      revision: node.modifiedRevision,
      author: node.author,
      ...(event === undefined ? {} : { time: event.time.toISOString(), label: event.label }),
    }));
    return { structured: { lines, ...nextPage(page) } };
  },
});
