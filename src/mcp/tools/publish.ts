import * as z from 'zod';

import { mcpOperationsMax, requestIdBytesMax } from '../../base/limits.ts';
import { fencingField, ghostField, labelField, waitField } from '../fields.ts';
import { operationShape, preconditionShape, readOperation, readPrecondition } from '../shapes/operation.ts';
import { publishedShape, tellPublished } from '../shapes/published.ts';
import { defineTool, replaces } from '../tool.ts';

export const publish = defineTool({
  name: 'publish',
  title: 'Publish changes',
  description:
    'Writes one context diff: all of its operations take effect together as one revision, or none does. Publish only what changed, not whole documents, and use append, merge and increment where they fit: they never overwrite what others do at the same time. To replace something that you have read, add the condition at_revision for it. For work that may turn out wrong, begin a ghost and publish there.',
  input: {
    operations: z.array(operationShape).min(1).max(mcpOperationsMax).describe('In order; at most 1,000.'),
    conditions: z
      .array(preconditionShape)
      .max(mcpOperationsMax)
      .default([])
      .describe('All of them must hold at the moment of the write, or nothing is written.'),
    label: labelField,
    ghost_id: ghostField,
    fencing_tokens: fencingField,
    lock_wait_seconds: waitField('for locks of others that are in the way'),
    request_id: z
      .string()
      .min(1)
      .max(requestIdBytesMax)
      .optional()
      .describe('An id of your own: a call that is repeated with it within an hour takes effect only once.'),
  },
  output: publishedShape,
  hints: replaces,
  async run(args, { within, signal, bridge }) {
    const operations = args.operations.map(readOperation);
    const lockWaitMs = args.lock_wait_seconds * 1_000;
    const options = {
      preconditions: args.conditions.map(readPrecondition),
      label: args.label,
      requestId: args.request_id,
      lockWaitMs,
      ...(args.fencing_tokens.length === 0 ? {} : { fencingTokens: args.fencing_tokens }),
    };
    const published = await bridge.waiting(lockWaitMs, signal, (given) =>
      within(args.ghost_id, (verbs) => verbs.publish(operations, { ...options, signal: given })),
    );
    return { structured: tellPublished(published) };
  },
});
