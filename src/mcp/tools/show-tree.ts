import * as z from 'zod';

import { mcpGhostsShownMax } from '../../base/limits.ts';
import type { GhostInfo } from '../../../clients/typescript/src/index.ts';
import { canShowApps } from '../client-capabilities.ts';
import { belowField } from '../fields.ts';
import { firstOf } from '../page.ts';
import { defineTool, readsOnly } from '../tool.ts';
import { treeAppUri } from '../tree-app.ts';

const branchShape = z.object({
  ghost_id: z.string(),
  label: z.string(),
  author: z.string(),
  scope: z.string(),
  parent_ghost_id: z.string().optional(),
  staged_operations: z.int(),
  commit_pending: z.boolean(),
});

export const showTree = defineTool({
  name: 'show_tree',
  title: 'Show the tree to the user',
  description:
    'Shows the user the living tree, with ghosts as branches of it, in clients that can show apps. It follows what happens by itself: call it once, when the user wants to see. Tells you which ghosts are live.',
  input: { path: belowField },
  output: z.object({
    shown: z.boolean().describe('Whether the client can show it.'),
    revision: z.int(),
    ghosts: z.array(branchShape).describe('Live ghosts, newest first.'),
    more_ghosts: z.boolean().describe('There are older ones, too.'),
  }),
  hints: readsOnly,
  app: treeAppUri,
  async run(_, call) {
    const { client, signal, bridge } = call;
    // Ghosts first: what has become of one that is not among them is told by the trunk up to this revision.
    const { found, isCut } = await firstOf(client.ghosts('live'), {
      isWanted: () => true,
      itemsMax: mcpGhostsShownMax,
      lookedAtMax: mcpGhostsShownMax,
    });
    const { forest } = await client.status({ signal });
    return {
      structured: {
        shown: bridge.options.treePage !== undefined && canShowApps(call),
        revision: forest.revision,
        ghosts: found.map(tellBranch),
        more_ghosts: isCut,
      },
    };
  },
});

function tellBranch(ghost: GhostInfo): z.output<typeof branchShape> {
  return {
    ghost_id: ghost.id,
    label: ghost.label,
    author: ghost.author,
    scope: ghost.scope,
    ...(ghost.parentGhostId === '' ? {} : { parent_ghost_id: ghost.parentGhostId }),
    staged_operations: ghost.stagedOperations,
    commit_pending: ghost.commitPending,
  };
}
