/** The outcome of a write. */
import * as z from 'zod';

import type { Published } from '../../../clients/typescript/src/index.ts';

export const publishedShape = z.object({
  revision: z.int().describe('The revision of the trunk that it made; 0 in a ghost.'),
  staged_sequence: z.int().optional().describe('In a ghost: the number of the staged diff.'),
  repeated: z.boolean().describe('The outcome of an earlier call with the same request_id.'),
});

export function tellPublished({ revision, sequence, repeated }: Published): z.output<typeof publishedShape> {
  return { revision, ...(sequence === 0 ? {} : { staged_sequence: sequence }), repeated };
}
