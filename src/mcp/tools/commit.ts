import * as z from 'zod';

import { DeadlineExceededError } from '../../../clients/typescript/src/index.ts';
import { confirmed } from '../confirm.ts';
import { fencingField, labelField, waitField } from '../fields.ts';
import { defineTool, replaces } from '../tool.ts';

export const commit = defineTool({
  name: 'commit',
  title: 'Commit a ghost',
  description:
    'Brings what is staged in a ghost to the trunk as one revision (or into its parent ghost). Where others have changed the same paths meanwhile it is refused with each of them, nothing is changed, and the ghost lives on. Look at it with diff first. If the ghost is of another agent, the user is asked.',
  input: {
    ghost_id: z.string().min(1).describe('The ghost.'),
    isolation: z
      .enum(['writes', 'serializable'])
      .default('writes')
      .describe('serializable: refused also where what the ghost has read was changed since.'),
    label: labelField,
    fencing_tokens: fencingField,
    wait_seconds: waitField('for reviewers and for locks of others'),
  },
  output: z.object({
    state: z
      .enum(['committed', 'waiting_for_reviewers'])
      .describe(
        'waiting_for_reviewers: it stays asked for, and happens with the last approval. Call again to see.',
      ),
    revision: z
      .int()
      .describe('The revision that it made; 0 where it went into a parent, had nothing to commit, or waits.'),
    operations: z.int().describe('How many took effect.'),
  }),
  hints: replaces,
  async run(args, call) {
    const { agent, bridge, signal } = call;
    const waitMs = args.wait_seconds * 1_000;
    const options = {
      isolation: args.isolation,
      label: args.label,
      lockWaitMs: waitMs,
      timeoutMs: waitMs + graceMs,
      ...(args.fencing_tokens.length === 0 ? {} : { fencingTokens: args.fencing_tokens }),
    };
    return agent.inGhost(args.ghost_id, async (ghost) => {
      const info = await ghost.state({ signal });
      const deed = { verb: 'commit', isolation: args.isolation } as const;
      const { question, edition } = await confirmed(call, info, deed);
      if (question !== undefined) return question;
      const isReviewed = info.gates.some(({ gate }) => gate.kind === 'review');
      try {
        const { revision, operations } = await bridge.waiting(waitMs, signal, (given) =>
          ghost.commit({ ...options, exactEdition: edition, signal: given }),
        );
        return { structured: { state: 'committed' as const, revision, operations } };
      } catch (error) {
        if (!isReviewed || !(error instanceof DeadlineExceededError)) throw error;
        return { structured: { state: 'waiting_for_reviewers' as const, revision: 0, operations: 0 } };
      }
    });
  },
});

/** What an unhindered commit may take. */
const graceMs = 5_000;
