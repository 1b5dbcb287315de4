import * as z from 'zod';

import { atRevisionField, belowField, ghostField } from '../fields.ts';
import { nextPage, onePage, pageInput, pageOutput } from '../page.ts';
import { nodeShape, tellNode } from '../shapes/node.ts';
import { defineTool, readsOnly } from '../tool.ts';

export const list = defineTool({
  name: 'list',
  title: 'List what is below a node',
  description:
    'Lists the nodes below a path in pages: the direct children, or everything. Long values are shortened; read shows them whole. Start with path / to see which trees there are: as a rule one for each session.',
  input: {
    path: belowField,
    depth: z
      .int()
      .min(0)
      .max(64)
      .default(1)
      .describe('How deep. 1: the direct children. 0: everything below.'),
    values: z.boolean().default(true).describe('false: paths and authors only.'),
    ghost_id: ghostField,
    at_revision: atRevisionField,
    ...pageInput,
  },
  output: z.object({
    nodes: z.array(nodeShape),
    revision: z.int().describe('The revision of the trunk that was read. Give it to changes_since later.'),
    ...pageOutput,
  }),
  hints: readsOnly,
  async run({ path, depth, values, ghost_id, at_revision, page_size, page_token }, { within, signal }) {
    const options = {
      depth,
      keysOnly: !values,
      pageSize: page_size,
      atRevision: at_revision,
      form: 'json',
      signal,
    } as const;
    const page = await within(ghost_id, (verbs) => onePage(verbs.list(path, options), page_token));
    const nodes = page.items.map((node) => tellNode(node));
    return { structured: { nodes, revision: page.revision, ...nextPage(page) } };
  },
});
