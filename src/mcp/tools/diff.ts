import * as z from 'zod';

import { belowField } from '../fields.ts';
import { nextPage, onePage, pageInput, pageOutput } from '../page.ts';
import { differenceShape, tellDifference } from '../shapes/node.ts';
import { defineTool, readsOnly } from '../tool.ts';
import { WrongUse } from '../wrong-use.ts';

export const diff = defineTool({
  name: 'diff',
  title: 'Compare',
  description:
    'Tells path by path what differs between two revisions of the trunk, or, with ghost_id, what a ghost has staged: what a commit of it would bring. Long values are shortened.',
  input: {
    ghost_id: z.string().min(1).optional().describe('The ghost, compared with what it stands on.'),
    from_revision: z.int().min(0).optional().describe('The older revision; 0 is the empty beginning.'),
    to_revision: z.int().min(1).optional().describe('The newer revision. Default: the newest.'),
    path: belowField,
    ...pageInput,
  },
  output: z.object({ differences: z.array(differenceShape), ...pageOutput }),
  hints: readsOnly,
  async run(
    { ghost_id, from_revision, to_revision, path, page_size, page_token },
    { agent, client, signal },
  ) {
    const options = { path, pageSize: page_size, form: 'json', signal } as const;
    if ((ghost_id === undefined) === (from_revision === undefined))
      throw new WrongUse('give exactly one of ghost_id and from_revision');
    if (ghost_id !== undefined && to_revision !== undefined)
      throw new WrongUse('to_revision goes with from_revision: a ghost is compared with what it stands on');
    const page =
      ghost_id === undefined
        ? await onePage(client.diff(from_revision ?? 0, to_revision, options), page_token)
        : await agent.inGhost(ghost_id, (ghost) => onePage(ghost.diff(options), page_token));
    return { structured: { differences: page.items.map(tellDifference), ...nextPage(page) } };
  },
});
