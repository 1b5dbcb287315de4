/** Nodes as tools tell them. */
import * as z from 'zod';

import type { Node, NodeDifference } from '../../../clients/typescript/src/index.ts';
import { tellValue, valueFields } from './value.ts';
import { preview, type Window } from './window.ts';

export const nodeShape = z
  .object({
    path: z.string(),
    ...valueFields,
    revision: z.int().describe('Of the last change; 0: staged in a ghost.'),
    created_revision: z.int(),
    version: z.int(),
    author: z.string(),
    children: z.int().describe('How many.'),
    size_bytes: z.int(),
    lease_id: z.string().optional().describe('It is deleted when this lease ends.'),
  })
  .meta({ id: 'Node' });
export type ToldNode = z.output<typeof nodeShape>;

/** Tells a node, with the part of its value that the window shows. */
export function tellNode(node: Node, window: Window = preview): ToldNode {
  return {
    path: node.path,
    ...tellValue(node, window),
    revision: node.modifiedRevision,
    created_revision: node.createdRevision,
    version: node.version,
    author: node.author,
    children: node.childCount,
    size_bytes: node.valueBytes,
    ...(node.leaseId === '' ? {} : { lease_id: node.leaseId }),
  };
}

export const differenceShape = z.object({
  path: z.string(),
  change: z.enum(['added', 'changed', 'removed']),
  before: nodeShape.optional(),
  after: nodeShape.optional(),
});
export type ToldDifference = z.output<typeof differenceShape>;

/** Tells what differs at a path, with the beginnings of long values. */
export function tellDifference({ path, before, after }: NodeDifference): ToldDifference {
  return {
    path,
    change: before === undefined ? 'added' : after === undefined ? 'removed' : 'changed',
    ...(before === undefined ? {} : { before: tellNode(before) }),
    ...(after === undefined ? {} : { after: tellNode(after) }),
  };
}
