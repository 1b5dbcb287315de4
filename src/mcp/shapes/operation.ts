/** Operations and preconditions as models hand them in. */
import * as z from 'zod';

import {
  operation,
  precondition,
  type Addition,
  type JsonValue,
  type Operation,
  type Precondition,
} from '../../../clients/typescript/src/index.ts';
import { pathField } from '../fields.ts';
import { asUse, WrongUse } from '../wrong-use.ts';
import { newValueFields, readNewValue } from './value.ts';

export const additionFields = {
  text: z.string().optional().describe('Added to the end of a text.'),
  items: z.array(z.unknown()).optional().describe('Instead of text: items added to the end of a JSON array.'),
};

export const operationShape = z.discriminatedUnion('op', [
  z
    .strictObject({ op: z.literal('put'), path: pathField, ...newValueFields })
    .describe('Sets the value; the node is made if it is not there.'),
  z
    .strictObject({ op: z.literal('append'), path: pathField, ...additionFields })
    .describe('Adds to the end, without a need to read or send what is there. Never conflicts.'),
  z
    .strictObject({
      op: z.literal('merge'),
      path: pathField,
      patch: z.record(z.string(), z.unknown()).describe('RFC 7396: keys that are null are removed.'),
    })
    .describe('Changes some keys of a JSON object and leaves the others.'),
  z
    .strictObject({
      op: z.literal('increment'),
      path: pathField,
      amount: z.number().describe('Integers are added exactly, fractions in double precision.'),
    })
    .describe('Adds to a number. Never conflicts.'),
  z
    .strictObject({
      op: z.literal('delete'),
      path: pathField,
      scope: z
        .enum(['subtree', 'node'])
        .default('subtree')
        .describe('The node and all below it, or its own value only.'),
    })
    .describe('Removes a node.'),
  z
    .strictObject({
      op: z.literal('copy'),
      path: pathField.describe('Where the copy goes.'),
      source: z.string().describe('The subtree that is copied.'),
      source_revision: z.int().min(0).default(0).describe('As it was at this revision; 0: as it is now.'),
    })
    .describe('Copies a whole subtree, also out of the past. It costs no more than a single write.'),
]);

export const preconditionShape = z.discriminatedUnion('must_be', [
  z.strictObject({ must_be: z.literal('present'), path: pathField }),
  z.strictObject({ must_be: z.literal('absent'), path: pathField }),
  z
    .strictObject({ must_be: z.literal('at_revision'), path: pathField, revision: z.int().min(0) })
    .describe('The value was last changed at this revision: the revision that read told.'),
  z
    .strictObject({ must_be: z.literal('at_version'), path: pathField, version: z.int().min(0) })
    .describe('The value has this version. Works in ghosts, too.'),
  z
    .strictObject({ must_be: z.literal('unchanged_since'), path: pathField, revision: z.int().min(0) })
    .describe('Nothing at or below the path was changed after this revision.'),
]);

export function readOperation(given: z.output<typeof operationShape>): Operation {
  return asUse(() => {
    switch (given.op) {
      case 'put':
        return operation.put(given.path, readNewValue(given));
      case 'append':
        return operation.append(given.path, readAddition(given));
      case 'merge':
        return operation.merge(given.path, given.patch as JsonValue);
      case 'increment':
        return operation.increment(given.path, given.amount);
      case 'delete':
        return operation.delete(given.path, given.scope);
      case 'copy':
        return operation.copy(given.source, given.path, given.source_revision);
    }
  });
}

/** Reads what is to be added. Throws where not exactly one of text and items is given. */
export function readAddition(given: {
  readonly text?: string | undefined;
  readonly items?: readonly unknown[] | undefined;
}): Addition {
  const { text, items } = given;
  if (text !== undefined && items === undefined) return text;
  if (items !== undefined && text === undefined) return items as readonly JsonValue[];
  throw new WrongUse('give exactly one of text and items');
}

export function readPrecondition(given: z.output<typeof preconditionShape>): Precondition {
  switch (given.must_be) {
    case 'present':
      return precondition.present(given.path);
    case 'absent':
      return precondition.absent(given.path);
    case 'at_revision':
      return precondition.modifiedRevision(given.path, given.revision);
    case 'at_version':
      return precondition.version(given.path, given.version);
    case 'unchanged_since':
      return precondition.subtreeUnchangedSince(given.path, given.revision);
  }
}
