/** Prompts: what a user picks to set a model to work on something that is already there. */
import { completable, type GetPromptResult } from '@modelcontextprotocol/server';
import * as z from 'zod';

import type { Client } from '../../../clients/typescript/src/index.ts';
import { agentOf, type Session } from '../call.ts';
import { asProtocolError } from '../resources/read-resource.ts';
import { completeGhosts } from '../resources/register.ts';
import { writeUri } from '../resources/uri.ts';
import { handOver } from './hand-over.ts';
import { resumeGhost, reviewGhost } from './ghost-prompts.ts';

export function registerPrompts(session: Session): void {
  const { server, bridge } = session;
  const client = (): Client => agentOf(session, {}).client;
  const ghost = completable(z.string().min(1).describe('The id of the ghost.'), (begun) =>
    completeGhosts(bridge.client, begun),
  );
  const told = async (uri: string, text: Promise<string>): Promise<GetPromptResult> => {
    try {
      return { messages: [{ role: 'user', content: { type: 'text', text: await text } }] };
    } catch (error) {
      throw asProtocolError(error, uri);
    }
  };
  const ghostUri = (ghostId: string): string => writeUri(client().forest, '/', { ghostId });

  server.registerPrompt(
    'resume_ghost',
    {
      title: 'Resume from a ghost',
      description:
        'Goes on with the work in a ghost: what it is for, what is staged, and why earlier attempts were reverted.',
      argsSchema: z.object({ ghost_id: ghost }),
    },
    ({ ghost_id }) => told(ghostUri(ghost_id), resumeGhost(client(), ghost_id)),
  );
  server.registerPrompt(
    'review_ghost',
    {
      title: 'Review a ghost',
      description: 'Judges what a ghost would bring, and says whether it should be committed.',
      argsSchema: z.object({
        ghost_id: ghost,
        criteria: z.string().optional().describe('What to look for.'),
      }),
    },
    ({ ghost_id, criteria }) => told(ghostUri(ghost_id), reviewGhost(client(), ghost_id, criteria)),
  );
  server.registerPrompt(
    'hand_over_session',
    {
      title: 'Hand over a session',
      description:
        'Takes over a session from another agent: its state as text, what happened last, and what is still open.',
      argsSchema: z.object({
        path: z.string().min(1).describe('The tree of the session, such as /session_1.'),
      }),
    },
    ({ path }) => told(writeUri(client().forest, path), handOver(client(), path)),
  );
}
