import * as z from 'zod';

import { nameBytesMax } from '../../base/limits.ts';
import { adds, defineTool } from '../tool.ts';

export const checkpoint = defineTool({
  name: 'checkpoint',
  title: 'Make a checkpoint in a ghost',
  description:
    'Names the present state of a ghost, so that revert with checkpoint can go back to it. Make one whenever a part of the work is verified.',
  input: {
    ghost_id: z.string().min(1).describe('The ghost.'),
    name: z.string().min(1).max(nameBytesMax).describe('The name, unique in the ghost.'),
  },
  output: z.object({
    ghost_id: z.string(),
    checkpoint: z.string(),
    staged_operations: z.int().describe('How much is staged up to here.'),
  }),
  hints: adds,
  async run({ ghost_id, name }, { agent, signal }) {
    const made = await agent.inGhost(ghost_id, (ghost) => ghost.checkpoint(name, { signal }));
    return {
      structured: { ghost_id, checkpoint: made.name, staged_operations: made.stagedOperations },
    };
  },
});
