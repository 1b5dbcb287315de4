import * as z from 'zod';

import {
  mcpGhostTtlSecondsDefault,
  mcpPatternsMax,
  mcpTtlSecondsMax,
  nameBytesMax,
} from '../../base/limits.ts';
import { gate, type Gate } from '../../../clients/typescript/src/index.ts';
import { labelField } from '../fields.ts';
import { ghostShape, tellGhost } from '../shapes/ghost.ts';
import { adds, defineTool } from '../tool.ts';
import { WrongUse } from '../wrong-use.ts';

export const beginGhost = defineTool({
  name: 'begin_ghost',
  title: 'Begin a ghost',
  description:
    'Begins a ghost: a speculative branch to try something in. Give its ghost_id to publish, append and read; nobody else sees what you write there until commit, and revert drops all of it at once. Use it for work that may turn out wrong, that someone must approve, or that is to appear as one. End every ghost with commit or revert.',
  input: {
    label: labelField.describe('What you try in it, in a few words.'),
    scope: z
      .string()
      .optional()
      .describe('The only subtree that it may write to. Default: the whole forest.'),
    base_revision: z.int().min(1).optional().describe('The revision to stand on. Default: the newest.'),
    parent_ghost_id: z
      .string()
      .min(1)
      .optional()
      .describe('Begins it in another ghost, into which it is committed.'),
    ttl_seconds: z
      .number()
      .min(1)
      .max(mcpTtlSecondsMax)
      .default(mcpGhostTtlSecondsDefault)
      .describe('It is reverted when nothing is done in it for this long.'),
    reviewers: z
      .array(z.string().min(1).max(nameBytesMax))
      .max(mcpPatternsMax)
      .default([])
      .describe('Programs or people who must approve before a commit takes effect.'),
    may_touch: z
      .array(z.string())
      .max(mcpPatternsMax)
      .default([])
      .describe('The only paths that it may write, as patterns: * is one segment, ** any number of them.'),
  },
  output: ghostShape,
  hints: adds,
  async run(args, { agent, client, bridge, signal }) {
    const options = {
      label: args.label,
      scope: args.scope,
      ttlMs: args.ttl_seconds * 1_000,
      gates: gatesOf(args.reviewers, args.may_touch),
      signal,
    };
    const parent = args.parent_ghost_id;
    if (parent !== undefined && args.base_revision !== undefined)
      throw new WrongUse(
        'base_revision does not go with parent_ghost_id: a ghost in a ghost stands on its present state',
      );
    if (parent !== undefined) await agent.inGhost(parent, (ghost) => ghost.state());
    const as = { forest: client.forest, author: client.author };
    const ghost = await bridge.briefly(as, async (brief) => {
      if (parent === undefined) return brief.ghost({ ...options, baseRevision: args.base_revision });
      const around = await brief.attach(parent);
      return around.ghost(options);
    });
    if (client.author === '') bridge.seenAs(ghost.info.author);
    return { structured: tellGhost(ghost.info) };
  },
});

function gatesOf(reviewers: readonly string[], patterns: readonly string[]): Gate[] {
  const gates = reviewers.map((reviewer) => gate.review(reviewer));
  return patterns.length === 0 ? gates : [...gates, gate.limit({ patterns })];
}
