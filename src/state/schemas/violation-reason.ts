/** The reason of an attempt that a schema gate has ended. */
import { reasonBytesMax } from '../../base/limits.ts';
import { utf8Length } from '../../trie/path.ts';
import type { Rejection } from '../outcome.ts';

// So that the first of many still leaves room for others.
const descriptionCharactersMax = 500;

const beginning = 'values do not fit';

/** What the retry reads: each value that does not fit, as far as a reason may be long. */
export function violationReason({ violations }: Rejection): string {
  const more = (count: number): string => (count === 0 ? '' : `; and ${count} more`);
  let reason = beginning;
  for (const [index, { field, description }] of violations.entries()) {
    const longer = `${reason}${index === 0 ? ': ' : '; '}${cut(`${field}: ${description}`)}`;
    const left = violations.length - index - 1;
    if (utf8Length(longer + more(left)) > reasonBytesMax) return reason + more(left + 1);
    reason = longer;
  }
  return reason;
}

/** A text without what such a reason in it says of values. */
export function withoutViolations(text: string): string {
  const at = text.indexOf(`${beginning}: `);
  return at < 0 ? text : text.slice(0, at + beginning.length);
}

function cut(description: string): string {
  const text = description.toWellFormed();
  if (text.length <= descriptionCharactersMax) return text;
  return `${text.slice(0, descriptionCharactersMax).toWellFormed()}…`;
}
