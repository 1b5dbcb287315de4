import * as z from 'zod';

import { mcpChangesMax } from '../../base/limits.ts';
import type { GhostInfo, Reverted } from '../../../clients/typescript/src/index.ts';
import type { Call } from '../call.ts';
import { confirmed } from '../confirm.ts';
import { fencingField, reasonField } from '../fields.ts';
import { attemptShape } from '../shapes/ghost.ts';
import { defineTool, replaces } from '../tool.ts';
import { WrongUse } from '../wrong-use.ts';

const output = z.object({
  reverted: z.enum(['ghost', 'to_checkpoint', 'revision', 'nothing']),
  revision: z.int().describe('The new revision that takes back the one that was named; 0 for ghosts.'),
  checkpoint: z.string().optional().describe('What was gone back to.'),
  dropped_operations: z.int(),
  attempts: z
    .array(attemptShape)
    .describe('Reverted attempts of the ghost, this one included, oldest first.'),
  also_undone: z
    .array(z.object({ revision: z.int(), author: z.string(), label: z.string() }))
    .optional()
    .describe('With cascade: what goes with it, because it was made from it.'),
  not_undone: z
    .array(z.object({ path: z.string(), cause: z.string() }))
    .optional()
    .describe('With cascade: what stays, and why.'),
  affected_ghosts: z.array(z.string()).optional().describe('Live ghosts that have read what is taken back.'),
});
type Output = z.output<typeof output>;

export const revert = defineTool({
  name: 'revert',
  title: 'Revert a ghost or a revision',
  description:
    'Takes something back. With ghost_id: drops the ghost with all that is staged in it, or with checkpoint goes back to that point while the ghost lives on. With revision: writes the inverse of a revision of the trunk as a new one; refused where others have built on it, unless cascade is all, which takes back everything that was made from it as well. Use cascade report first: it changes nothing and tells what would go. If the ghost is of another agent, the user is asked.',
  input: {
    ghost_id: z.string().min(1).optional().describe('The ghost. Give either this or revision.'),
    checkpoint: z
      .string()
      .optional()
      .describe('With ghost_id: go back to this checkpoint; empty: to the newest, or the beginning.'),
    revision: z.int().min(1).optional().describe('The revision of the trunk.'),
    cascade: z
      .enum(['none', 'report', 'all'])
      .default('none')
      .describe('With revision: whether what was made from it goes too.'),
    reason: reasonField,
    fencing_tokens: fencingField,
  },
  output,
  hints: replaces,
  async run({ ghost_id, checkpoint, revision, cascade, reason, fencing_tokens }, call) {
    if ((ghost_id === undefined) === (revision === undefined))
      throw new WrongUse('give exactly one of ghost_id and revision');
    if (ghost_id !== undefined && cascade !== 'none')
      throw new WrongUse(
        'cascade goes with revision alone: nobody outside a ghost has built on what is staged in it',
      );
    if (revision !== undefined && checkpoint !== undefined)
      throw new WrongUse('checkpoint goes with ghost_id alone: the trunk has none');
    if (ghost_id !== undefined) return revertGhost(call, ghost_id, checkpoint, reason);
    const options = {
      cascade,
      signal: call.signal,
      ...(fencing_tokens.length === 0 ? {} : { fencingTokens: fencing_tokens }),
    };
    const reverted = await call.client.revertRevision(revision ?? 0, reason, options);
    return { structured: tell(reverted, cascade === 'report' ? 'nothing' : 'revision') };
  },
});

function revertGhost(call: Call, ghostId: string, checkpoint: string | undefined, reason: string) {
  const { agent, signal } = call;
  return agent.inGhost(ghostId, async (ghost) => {
    const info = await ghost.state({ signal });
    const deed = deedOf(info, checkpoint);
    const { question } = await confirmed(call, info, deed);
    if (question !== undefined) return question;
    if (deed.verb === 'revert') return { structured: tell(await ghost.revert(reason, { signal }), 'ghost') };
    const reverted = await ghost.rewind({ checkpoint: deed.checkpoint, reason, signal });
    return { structured: tell(reverted, 'to_checkpoint') };
  });
}

/** The newest checkpoint is named, so that it stays the one that the user was asked about. */
function deedOf({ checkpoints }: GhostInfo, checkpoint: string | undefined) {
  if (checkpoint === undefined) return { verb: 'revert' } as const;
  const name = checkpoint === '' ? (checkpoints.at(-1)?.name ?? '') : checkpoint;
  return { verb: 'rewind', checkpoint: name } as const;
}

function tell(
  { revision, checkpoint, attempts, droppedOperations, cascade }: Reverted,
  what: Output['reverted'],
): Output {
  return {
    reverted: what,
    revision,
    ...(checkpoint === undefined ? {} : { checkpoint: checkpoint.name }),
    dropped_operations: droppedOperations,
    attempts: attempts.map(({ reason, checkpoint, author }) => ({ reason, checkpoint, author })),
    ...(cascade === undefined
      ? {}
      : {
          also_undone: cascade.undone
            .slice(0, mcpChangesMax)
            .map(({ revision, author, label }) => ({ revision, author, label })),
          not_undone: cascade.notUndone.slice(0, mcpChangesMax).map(({ path, cause }) => ({ path, cause })),
          affected_ghosts: cascade.ghosts.slice(0, mcpChangesMax).map(({ ghostId }) => ghostId),
        }),
  };
}
