/** A part of a long text: what a model reads at a time. */
import * as z from 'zod';

import { mcpCharactersDefault, mcpCharactersMax, mcpPreviewCharacters } from '../../base/limits.ts';

/** Which part. */
export interface Window {
  /** Where it begins, in UTF-16 code units. */
  readonly offset: number;
  readonly charactersMax: number;
}

/** As much of a value as a list shows of it. */
export const preview: Window = { offset: 0, charactersMax: mcpPreviewCharacters };

export const windowInput = {
  offset: z
    .int()
    .min(0)
    .default(0)
    .describe('Where to begin in a long value: the next_offset of the part before.'),
  max_characters: z
    .int()
    .min(1)
    .max(mcpCharactersMax)
    .default(mcpCharactersDefault)
    .describe('A value that is longer comes in parts of this length.'),
};

export const partShape = z
  .object({
    text: z.string(),
    offset: z.int(),
    characters_total: z.int(),
    next_offset: z.int().optional().describe('Absent in the last part.'),
  })
  .describe('Of a long value.');

export type Part = z.output<typeof partShape>;

/** Whether a text has to be told in parts. */
export function isLong(text: string, { offset, charactersMax }: Window): boolean {
  return offset > 0 || text.length > charactersMax;
}

/** The part of a text that the window shows. No character is cut in two. */
export function partOf(text: string, { offset, charactersMax }: Window): Part {
  const begin = wholeAt(text, Math.min(offset, text.length));
  const end = Math.max(wholeAt(text, Math.min(begin + charactersMax, text.length)), begin);
  // A window of one unit on a character of two would never get anywhere.
  const until = end === begin && end < text.length ? Math.min(begin + 2, text.length) : end;
  return {
    text: text.slice(begin, until),
    offset: begin,
    characters_total: text.length,
    ...(until < text.length ? { next_offset: until } : {}),
  };
}

/** The beginning of a text, with an ellipsis where it goes on. */
export function beginningOf(text: string, charactersMax = mcpPreviewCharacters): string {
  return text.length <= charactersMax ? text : `${text.slice(0, wholeAt(text, charactersMax))}…`;
}

/** The nearest place at or before `at` that is not within a surrogate pair. */
function wholeAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return at > 0 && code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}
