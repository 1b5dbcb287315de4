/** Texts that stand behind each other, and go on in the next line where the terminal is too narrow. */
import { cutMiddle, widthOf } from './width.ts';

/** A text and how it looks. */
export type Part = readonly [text: string, look: (text: string) => string];

const gap = '  ';

/** The parts in as few lines as they take; what is wider than a line is cut. `indent` stands before all lines but the first. */
export function flowLines(parts: readonly Part[], columns: number, indent = '    '): readonly string[] {
  const lines: string[] = [];
  let left = 0;
  for (const [text, look] of parts) {
    if (text === '') continue;
    if (lines.length > 0 && widthOf(text) + gap.length <= left) {
      lines[lines.length - 1] += gap + look(text);
      left -= widthOf(text) + gap.length;
      continue;
    }
    const start = lines.length === 0 ? '' : indent;
    const shown = cutMiddle(text, Math.max(1, columns - widthOf(start)));
    lines.push(start + look(shown));
    left = columns - widthOf(start) - widthOf(shown);
  }
  return lines;
}

/** A sentence in as few lines as it takes, broken between words; a word that is wider than a line is not cut. */
export function wordLines(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= columns)
      lines[lines.length - 1] = `${last} ${word}`;
    // Where two spaces fall to an end of line nothing is left of them.
    else if (word !== '') lines.push(word);
  }
  return lines;
}

/** Facts behind each other with commas between them, in as few lines as they take; what is wider than a line is not cut. */
export function listLines(facts: readonly string[], columns: number): readonly string[] {
  const lines: string[] = [];
  for (const [index, fact] of facts.entries()) {
    const text = index < facts.length - 1 ? `${fact},` : fact;
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + 1 + widthOf(text) <= columns)
      lines[lines.length - 1] = `${last} ${text}`;
    else lines.push(text);
  }
  return lines;
}
