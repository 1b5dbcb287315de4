/** Arguments that several tools have in common, under the same names and words. */
import * as z from 'zod';

import { labelBytesMax, mcpPathsMax, mcpWaitSecondsMax, reasonBytesMax } from '../base/limits.ts';

export const pathField = z.string().describe('Absolute, such as /session_1/notes.');
export const belowField = z
  .string()
  .default('/')
  .describe('The subtree, such as /session_1; / is all of the forest.');
export const ghostField = z
  .string()
  .min(1)
  .optional()
  .describe('The ghost to work in. Without it: the trunk, which everybody sees.');
export const atRevisionField = z
  .int()
  .min(1)
  .optional()
  .describe('As it was at this revision. Not together with ghost_id.');
export const labelField = z.string().max(labelBytesMax).optional().describe('What it is, in a few words.');
export const reasonField = z
  .string()
  .max(reasonBytesMax)
  .default('')
  .describe('Why, for whoever tries again and for whoever reads the history.');
export const fencingField = z
  .array(z.int().min(1))
  .max(mcpPathsMax)
  .default([])
  .describe('The fencing_token of each lock of yours on what this writes.');
export const waitField = (what: string) =>
  z.number().min(0).max(mcpWaitSecondsMax).default(0).describe(`How long to wait ${what}. 0: not at all.`);
