/** Goal: a search's line shows what was found, and says where it shows a part of a text only. Method: excerpts as a broker tells them, of texts of all lengths. */
import { describe, expect, it } from 'vitest';

import type { Node, SearchHit } from '../../../clients/typescript/src/index.ts';
import { excerptText } from './excerpt-text.ts';
import { styleFor } from './style.ts';
import { widthOf } from './width.ts';

/** What a broker tells of `found` in a text: some of what is around it, and how long the text is. */
function hitIn(text: string, found: string, field = ''): SearchHit {
  const at = text.indexOf(found);
  const excerpt = text.slice(Math.max(0, at - 60), at + found.length + 100);
  const node: Node = {
    path: '/a',
    kind: 'none',
    value: undefined,
    json: undefined,
    formProblem: undefined,
    revision: 1,
    createdRevision: 1,
    modifiedRevision: 1,
    version: 1,
    author: '',
    subtreeRevision: 1,
    stagedSequence: 0,
    childCount: 0,
    valueBytes: Buffer.byteLength(text),
    leaseId: '',
  };
  return { node, excerpt, excerptMatch: Math.min(60, at), excerptMatchLength: found.length, field };
}

const shown = (hit: SearchHit, width: number): string => excerptText(hit, styleFor(false), width);
const long = 'a'.repeat(200);

describe('an excerpt', () => {
  it('of a whole text has no ellipsis', () => {
    expect(shown(hitIn('one two three', 'two'), 80)).toBe('one two three');
    expect(shown(hitIn(`${'a'.repeat(60)}two${'b'.repeat(100)}`, 'two'), 200)).not.toContain('…');
  });

  it('says where the terminal is too narrow for it', () => {
    expect(shown(hitIn('one two three four five six seven', 'two'), 24)).toBe('one two three four fiv…');
    expect(shown(hitIn('one two three four five six seven', 'seven'), 24)).toBe('…ee four five six seven');
    expect(shown(hitIn('one two three four five six seven', 'four'), 24)).toBe('…wo three four five six…');
  });

  it('says where the broker has told a part of the text', () => {
    expect(shown(hitIn(`two${long}`, 'two'), 300)).toMatch(/^twoa+…$/);
    expect(shown(hitIn(`${long}two`, 'two'), 300)).toMatch(/^…a+two$/);
    expect(shown(hitIn(`${long}two${long}`, 'two'), 300)).toMatch(/^…a+twoa+…$/);
    expect(shown(hitIn(`${long}two${long}`, 'two', 'claim'), 300)).toMatch(/^claim: …a+twoa+…$/);
    expect(shown(hitIn('one two three', 'two', 'claim'), 300)).toBe('claim: one two three');
  });

  it('fits, whatever letters it is of', () => {
    for (const letter of ['a', '日', '\n'])
      for (const width of [24, 60, 140]) {
        const line = shown(hitIn(`${letter.repeat(200)}found${letter.repeat(200)}`, 'found'), width);
        expect(widthOf(line)).toBeLessThanOrEqual(width);
        expect(line).toContain('found');
      }
  });
});
