/** Events as tools tell them. */
import * as z from 'zod';

import { mcpChangesMax } from '../../base/limits.ts';
import {
  stringifyJson,
  TypedMessage,
  type Change,
  type Event,
  type JsonValue,
} from '../../../clients/typescript/src/index.ts';
import { beginningOf } from './window.ts';

const changeShape = z.object({
  path: z.string(),
  action: z.enum(['put', 'append', 'merge', 'increment', 'delete', 'copy']),
  text: z.string().optional().describe('What was written; the beginning where it is long.'),
  scope: z.enum(['subtree', 'node']).optional().describe('Of a delete.'),
  source: z.string().optional().describe('Of a copy.'),
  author: z.string().optional().describe('Where it is not that of the event.'),
});

export const eventShape = z.object({
  revision: z.int().describe('0: in a ghost.'),
  position: z.int().describe('In the journal.'),
  time: z.string(),
  author: z.string(),
  label: z.string().optional(),
  ghost_id: z.string().optional(),
  ghost_event: z
    .string()
    .optional()
    .describe('Such as begun, staged, rewound, reverted, committed, expired, approved.'),
  reason: z.string().optional().describe('Why it was reverted.'),
  reverted_revision: z.int().optional().describe('The revision that it took back.'),
  changes: z.array(changeShape).describe(`At most ${mcpChangesMax} of them.`),
  changes_total: z.int(),
});
export type ToldEvent = z.output<typeof eventShape>;

/** Tells an event, with the beginnings of what it wrote. */
export function tellEvent(event: Event): ToldEvent {
  const { transition } = event;
  return {
    revision: event.revision,
    position: event.position,
    time: event.time.toISOString(),
    author: event.author,
    ...given('label', event.label),
    ...given('ghost_id', event.ghostId),
    ...(transition === undefined
      ? {}
      : { ghost_event: transition.kind, ...given('reason', transition.reason) }),
    ...(event.revertedRevision === 0 ? {} : { reverted_revision: event.revertedRevision }),
    changes: event.changes.slice(0, mcpChangesMax).map(tellChange),
    changes_total: event.changes.length,
  };
}

function tellChange(change: Change): z.output<typeof changeShape> {
  const { path, action, author } = change;
  return { path, action, ...detailOf(change), ...given('author', author) };
}

function detailOf(change: Change): { text?: string; scope?: 'subtree' | 'node'; source?: string } {
  switch (change.action) {
    case 'put':
      return { text: beginningOf(change.json ?? textOf(change.value ?? '')) };
    case 'append':
      return { text: beginningOf(change.json?.join(', ') ?? textOf(change.addition)) };
    case 'merge':
      return { text: beginningOf(change.json ?? textOf(change.patch)) };
    case 'increment':
      return { text: `${change.amount}, which makes ${stringifyJson(change.sum)}` };
    case 'delete':
      return { scope: change.scope };
    case 'copy':
      return {
        source: change.source + (change.sourceRevision === 0 ? '' : ` at revision ${change.sourceRevision}`),
      };
  }
}

function textOf(value: JsonValue | Uint8Array | TypedMessage): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value instanceof TypedMessage) return `${value.typeUrl}, ${value.bytes.length} bytes`;
  return stringifyJson(value);
}

function given<Name extends string>(name: Name, text: string): { [name in Name]?: string } {
  return (text === '' ? {} : { [name]: text }) as { [name in Name]?: string };
}
