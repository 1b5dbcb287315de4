/**
 * Checks of single fields: what comes out of them is within the limits and well-formed, so that nothing behind the edge
 * has to look again. Each names the field at fault as it is called in the proto.
 */
import type { Duration } from '@bufbuild/protobuf/wkt';
import { authorBytesMax, ghostIdBytesMax, labelBytesMax, requestIdBytesMax } from '../base/limits.ts';
import { parsePath, utf8Length } from '../trie/path.ts';
import type { Path } from '../trie/path.ts';
import { parsePattern } from '../trie/pattern.ts';
import type { Pattern } from '../trie/pattern.ts';
import { Refused, violation } from './errors.ts';
import { reject } from '../state/outcome.ts';

/** A text of at most so many bytes. */
export function checkText(text: string, field: string, limit: string, bytesMax: number): string {
  if (text === '') return text;
  if (text.length > bytesMax || (text.length * 3 > bytesMax && utf8Length(text) > bytesMax)) {
    tooMuch(field, limit, bytesMax, utf8Length(text), 'bytes');
  }
  if (!text.isWellFormed()) violation(field, 'not well-formed Unicode: it has half a surrogate pair');
  return text;
}

/** A text that must not be empty. */
export function checkNeeded(text: string, field: string, limit: string, bytesMax: number): string {
  if (text === '') violation(field, 'required');
  return checkText(text, field, limit, bytesMax);
}

const authors = new Map<string, string>();
const authorsKeptMax = 4_096;

/** An author's name. */
export function checkAuthor(author: string, field = 'author'): string {
  return internAuthor(
    authors.has(author) ? author : checkText(author, field, 'authorBytesMax', authorBytesMax),
  );
}

/** The same string for equal names, because every node carries one. */
export function internAuthor(author: string): string {
  if (author === '') return author;
  const known = authors.get(author);
  if (known !== undefined) return known;
  if (authors.size >= authorsKeptMax) authors.clear();
  authors.set(author, author);
  return author;
}

export function checkLabel(label: string): string {
  return checkText(label, 'label', 'labelBytesMax', labelBytesMax);
}

export function checkRequestId(id: string): string {
  return checkText(id, 'request_id', 'requestIdBytesMax', requestIdBytesMax);
}

/** A path, the root included. */
export function checkPath(text: string, field: string): Path {
  const path = parsePath(text);
  if ('problem' in path) violation(field, path.problem, 'INVALID_PATH', { path: text });
  return path;
}

/** A path where the root is the default. */
export function checkPathOrRoot(text: string, field: string): Path {
  return text === '' ? [] : checkPath(text, field);
}

/** A pattern of paths. */
export function checkPattern(text: string, field: string): Pattern {
  const pattern = parsePattern(text);
  if ('problem' in pattern) violation(field, pattern.problem, 'INVALID_PATTERN', { pattern: text });
  return pattern;
}

/** Whether a text can be the id of a ghost: all that the broker has ever given are letters and digits. */
export function isGhostId(text: string): boolean {
  return /^[0-9a-z]+$/.test(text) && text.length <= ghostIdBytesMax;
}

/** The number of a revision, position or version. What no forest will ever reach is as good as the largest. */
export function toNumber(value: bigint): number {
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
}

/** How many of something there may be. */
export function checkCount(count: number, field: string, limit: string, maximum: number, minimum = 0): void {
  if (count > maximum) tooMuch(field, limit, maximum, count, 'of them');
  if (count < minimum)
    violation(field, minimum === 1 ? 'at least one is needed' : `at least ${minimum} are needed`);
}

/** Refuses what is larger than a limit. */
export function tooMuch(field: string, limit: string, maximum: number, actual: number, unit: string): never {
  const description = `${actual} ${unit}; ${maximum} is the maximum`;
  const violations = [{ field, description }];
  throw new Refused(
    reject('LIMIT_EXCEEDED', `${field}: ${description}`, { limit, maximum, actual }, { violations }),
  );
}

/** A page size, 0 being the default. */
export function checkPageSize(size: number, byDefault: number, maximum: number): number {
  if (size > maximum) tooMuch('page_size', 'pageSizeMax', maximum, size, 'in a page');
  return size === 0 ? byDefault : size;
}

/** Milliseconds of a duration between two bounds; `byDefault` where it is not set. */
export function checkDuration(
  duration: Duration | undefined,
  field: string,
  bounds: { readonly byDefaultMs: number; readonly minMs: number; readonly maxMs: number },
): number {
  if (duration === undefined) return bounds.byDefaultMs;
  const { seconds, nanos } = duration;
  const sameSign = nanos === 0 || seconds === 0n || nanos < 0 === seconds < 0n;
  if (nanos <= -1_000_000_000 || nanos >= 1_000_000_000 || !sameSign) violation(field, 'no valid duration');
  const durationMs = Number(seconds) * 1_000 + nanos / 1_000_000;
  if (durationMs >= bounds.minMs && durationMs <= bounds.maxMs) return Math.round(durationMs);
  return violation(field, `${durationMs} ms; it must be from ${bounds.minMs} ms to ${bounds.maxMs} ms`);
}

/** A value of an enum: `names` by number; 0 is the first one's synonym where `names[0]` says so. */
export function checkEnum<T extends string>(
  value: number,
  names: readonly (T | undefined)[],
  field: string,
): T {
  const name = names[value];
  return name ?? violation(field, value === 0 ? 'required' : `${value} is no value of this enum`);
}

/** The rule for names of forests. */
export function checkForestName(name: string, field: string): string {
  if (/^[a-z0-9][a-z0-9_-]{0,62}$/.test(name)) return name;
  return violation(field, 'a forest is named by 1 to 63 of a-z 0-9 _ -, beginning with a letter or digit');
}

/** The edition of a ghost that a request knows, if it says one. */
export function knownEdition(edition: bigint): { readonly edition?: number } {
  return edition === 0n ? {} : { edition: toNumber(edition) };
}
