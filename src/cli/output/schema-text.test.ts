/** Goal: people see at a glance what a schema is about and what its next version would break. Method: records of the client, without colours. */
import { describe, expect, it } from 'vitest';

import type { Schema } from '../../../clients/typescript/src/index.ts';
import { registeredText, schemaColumns, schemaRecord, triedRecord, triedText } from './schema-text.ts';
import { styleFor } from './style.ts';
import { tableLines } from './table.ts';

const style = styleFor(false);
const schema: Schema = {
  name: 'research',
  version: 3,
  bindings: [
    { path: '/{session}/notes/{note}', messageType: 'acme.v1.ResearchNote' },
    { path: '/{session}/plan', messageType: '' },
  ],
  revision: 12,
  author: 'ann\u001B[2J',
  registerTime: new Date('2026-11-21T12:00:00Z'),
  definitionBytes: 2_048,
};

describe('a schema', () => {
  it('tells its version, its paths and what may be there', () => {
    const registered = { schema, unchanged: false, mappedValues: 0 };
    expect(registeredText(registered)).toBe(`research is now at version 3 (r12)
  /{session}/notes/{note} acme.v1.ResearchNote
  /{session}/plan JSON`);
    const bare = { ...registered, schema: { ...schema, bindings: [] } };
    expect(registeredText({ ...bare, unchanged: true })).toBe('research is already at version 3 (r12)');
    expect(registeredText({ ...bare, mappedValues: 1_200 })).toBe(
      'research is now at version 3 (r12), 1,200 values mapped',
    );
  });

  it('is a line of a table, whatever is in the name of its author', () => {
    expect(tableLines(schemaColumns, [schema], style)).toEqual([
      'NAME      VERSION  REVISION     SIZE  AUTHOR        PATHS',
      'research        3       r12  2.0 KiB  ann\\u001b[2J  /{session}/notes/{note} acme.v1.ResearchNote, /{session}/plan JSON',
    ]);
  });

  it('is a JSON line for programs', () => {
    expect(schemaRecord(schema)).toEqual({ ...schema, registerTime: '2026-11-21T12:00:00.000Z' });
  });
});

describe('what a push would do', () => {
  const accepted = { accepted: true, schema, unchanged: false, revision: 14, mappedValues: 0 } as const;
  const refused = {
    accepted: false,
    reason: 'SCHEMA_BREAKING',
    message: 'clients would break',
    problems: [{ rule: 'FIELD_SAME_TYPE', subject: 'acme.v1.Note.claim', message: 'changed' }],
    revision: 14,
  } as const;

  it('is told with the version that it would make', () => {
    expect(triedText('research', accepted, style)).toContain(
      'research would be at version 3: nothing would break\n',
    );
    expect(triedText('research', { ...accepted, mappedValues: 1 }, style)).toContain(
      'research would be at version 3: 1 value would be mapped\n',
    );
    expect(triedText('research', { ...accepted, unchanged: true }, style)).toContain(
      'at version 3 already: nothing',
    );
    expect(triedRecord('research', accepted)).toMatchObject({
      accepted: true,
      version: 3,
      problems: [],
      reason: '',
    });
  });

  it('is told with each rule that it would break, and where', () => {
    expect(triedText('research', refused, style)).toBe(`research would be refused: SCHEMA_BREAKING
RULE             WHERE               WHAT
FIELD_SAME_TYPE  acme.v1.Note.claim  changed`);
    expect(triedText('research', { ...refused, problems: [] }, style)).toContain('clients would break');
    expect(triedRecord('research', refused)).toEqual({ name: 'research', ...refused });
  });
});
