import * as z from 'zod';

import { mcpPathsMax } from '../../base/limits.ts';
import { atRevisionField, ghostField } from '../fields.ts';
import { nodeShape, tellNode } from '../shapes/node.ts';
import { windowInput } from '../shapes/window.ts';
import { defineTool, readsOnly } from '../tool.ts';

export const read = defineTool({
  name: 'read',
  title: 'Read nodes',
  description:
    'Reads one node or several, all at the same revision: values, who wrote them, and at which revision. Use list to see what there is, and render_context for a whole subtree as text. What you read counts as what your next write is made from.',
  input: {
    paths: z
      .array(z.string())
      .min(1)
      .max(mcpPathsMax)
      .describe('Absolute paths, such as /session_1/memory/notes.'),
    ghost_id: ghostField,
    at_revision: atRevisionField,
    ...windowInput,
  },
  output: z.object({
    nodes: z.array(nodeShape).describe('In the order asked for.'),
    missing: z.array(z.string()).describe('Paths at which there is no node.'),
    revision: z.int().describe('The revision of the trunk that was read. Give it to changes_since later.'),
  }),
  hints: readsOnly,
  async run({ paths, ghost_id, at_revision, offset, max_characters }, { within, signal }) {
    const asked = { form: 'json', atRevision: at_revision, signal } as const;
    const { nodes, revision } = await within(ghost_id, (verbs) => verbs.batchGet(paths, asked));
    const found = new Set(nodes.map(({ path }) => path));
    // One answer holds no more than one long value would.
    const charactersMax = Math.max(1, Math.floor(max_characters / Math.max(1, nodes.length)));
    return {
      structured: {
        nodes: nodes.map((node) => tellNode(node, { offset, charactersMax })),
        missing: paths.filter((path) => !found.has(path)),
        revision,
      },
    };
  },
});
