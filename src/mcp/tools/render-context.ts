import * as z from 'zod';

import { mcpPatternsMax } from '../../base/limits.ts';
import { atRevisionField, ghostField } from '../fields.ts';
import { defineTool, readsOnly } from '../tool.ts';

const tokensMin = 128;
const tokensMax = 100_000;
const tokensDefault = 8_000;

export const renderContext = defineTool({
  name: 'render_context',
  title: 'State as text',
  description:
    'Tells whole subtrees as one text under a budget of tokens: the cheapest way to get to know a session. Parts with a higher priority are kept where the budget is short; the text says what was left out. To hear only what is new, call again with base_revision and since_revision of this answer; in a ghost that is the whole text again.',
  input: {
    parts: z
      .array(
        z.strictObject({
          pattern: z
            .string()
            .describe('Which nodes: /session_1/**, or /session_1/*/notes. * is one segment, ** any number.'),
          priority: z.int().min(0).max(1_000).default(0),
          token_budget: z.int().min(1).max(tokensMax).optional(),
        }),
      )
      .min(1)
      .max(mcpPatternsMax),
    token_budget: z
      .int()
      .min(tokensMin)
      .max(tokensMax)
      .default(tokensDefault)
      .describe('The most tokens of the text.'),
    ghost_id: ghostField,
    at_revision: atRevisionField,
    base_revision: z
      .int()
      .min(1)
      .optional()
      .describe('The base_revision of an earlier answer: the text begins the same way.'),
    since_revision: z
      .int()
      .min(1)
      .optional()
      .describe(
        'With base_revision: only what comes behind the text that ended with this revision. In a ghost all of it, since what is staged may be taken back.',
      ),
  },
  output: z.object({
    text: z.string(),
    revision: z.int().describe('Give it as since_revision for what comes next.'),
    base_revision: z.int().describe('Give it as base_revision for what comes next.'),
    tokens: z.int(),
    left_out: z.int().describe('Nodes and changes for which there was no room.'),
  }),
  hints: readsOnly,
  async run(args, { within, signal }) {
    const parts = args.parts.map(({ pattern, priority, token_budget }) => ({
      pattern,
      priority,
      tokenBudget: token_budget,
    }));
    const options = {
      tokenBudget: args.token_budget,
      atRevision: args.at_revision,
      baseRevision: args.base_revision ?? args.since_revision,
      sinceRevision: args.ghost_id === undefined ? args.since_revision : undefined,
      signal,
    };
    const rendered = await within(args.ghost_id, (verbs) => verbs.renderContext(parts, options));
    const { text, revision, baseRevision, tokens, leftOut } = rendered;
    return { structured: { text, revision, base_revision: baseRevision, tokens, left_out: leftOut } };
  },
});
