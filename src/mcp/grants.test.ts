/** Goal: grants name exactly the tools that there are, and say what is no tool. Method: the list of tools itself, and examples. */
import { describe, expect, it } from 'vitest';

import { allGrants, parseGrants, readingGrants } from './grants.ts';
import { allTools } from './tools/all.ts';

it('knows every tool, and which of them change nothing', () => {
  expect([...allGrants].sort()).toEqual(allTools.map(({ name }) => name).sort());
  const reading = allTools.filter(({ hints }) => hints.readOnlyHint).map(({ name }) => name);
  expect([...readingGrants].sort()).toEqual(reading.sort());
});

describe('a list of grants', () => {
  it.each([
    ['all', [...allGrants]],
    ['read-only', [...readingGrants]],
    ['read', ['read']],
    [' read , append,read', ['read', 'append']],
    ['read-only,append', [...readingGrants, 'append']],
  ])('%s is read', (text, names) => {
    expect([...parseGrants(text)]).toEqual(names);
  });

  it.each(['', 'read,', 'reed', 'Read', 'read;list', 'readonly', 'constructor'])('%j is refused', (text) => {
    expect(() => parseGrants(text)).toThrow(/is not a tool; there are all, read-only, read, list/);
  });
});
