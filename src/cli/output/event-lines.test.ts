/** Goal: what was done to messages can be read, by people and by programs. Method: events as the client tells them, without colours. */
import { describe, expect, it } from 'vitest';

import { TypedMessage, type Action, type Event } from '../../../clients/typescript/src/index.ts';
import { eventLines } from './event-lines.ts';
import { eventRecord } from './records.ts';
import { styleFor } from './style.ts';

const message = new TypedMessage('type.googleapis.com/acme.v1.Note', Uint8Array.of(10, 1, 99));

function eventWith(action: Action): Event {
  const change = { ...action, path: '/s/notes/n', author: '', result: undefined, previous: undefined };
  return {
    revision: 7,
    position: 9,
    time: new Date('2026-11-21T12:00:00Z'),
    author: 'ann',
    label: '',
    ghostId: '',
    transition: undefined,
    changes: [change],
    basis: [],
    requestId: '',
    revertedRevision: 0,
    leaseId: '',
  };
}

describe('a change of a message', () => {
  it.each<readonly [string, Action, string, object]>([
    [
      'a merge names the fields of its mask',
      { action: 'merge', patch: message, mask: ['claim', 'review.verdict'] },
      '    merge      /s/notes/n  <type.googleapis.com/acme.v1.Note, 3 B> claim, review.verdict',
      { patch: { typeUrl: message.typeUrl, bytes: 'CgFj' }, mask: ['claim', 'review.verdict'] },
    ],
    [
      'a merge without a mask names the message',
      { action: 'merge', patch: message, mask: [] },
      '    merge      /s/notes/n  <type.googleapis.com/acme.v1.Note, 3 B>',
      { patch: { typeUrl: message.typeUrl, bytes: 'CgFj' } },
    ],
    [
      'an append names the message',
      { action: 'append', addition: message },
      '    append     /s/notes/n  <type.googleapis.com/acme.v1.Note, 3 B>',
      { addition: { typeUrl: message.typeUrl, bytes: 'CgFj' } },
    ],
    [
      'an increment names the field',
      { action: 'increment', amount: 2n, field: 'citations', sum: 5 },
      '    increment  /s/notes/n  citations by 2 to 5',
      { amount: 2n, field: 'citations', sum: 5 },
    ],
  ])('%s', (_name, action, line, record) => {
    const event = eventWith(action);
    expect(eventLines(event, styleFor(false), 100)[1]).toBe(line);
    expect(eventRecord(event)['changes']).toEqual([
      { path: '/s/notes/n', author: '', action: action.action, ...record },
    ]);
  });
});
