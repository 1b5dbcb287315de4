/** A part of a text around what was found in it. */
import type { Found } from './needle.ts';

/** A part of a text; places and lengths in Unicode characters. */
export interface Excerpt {
  readonly text: string;
  /** Where what was found begins in it. */
  readonly match: number;
  /** How long that is there. */
  readonly matchLength: number;
}

/** UTF-16 units around what was found, and of that at most. */
const unitsBefore = 60;
const unitsAfter = 100;
const unitsFoundMax = 300;

export function excerptOf(text: string, { start, end }: Found): Excerpt {
  const foundEnd = wholeBefore(text, Math.min(end, start + unitsFoundMax));
  const from = wholeFrom(text, Math.max(0, start - unitsBefore));
  const to = wholeBefore(text, Math.min(text.length, foundEnd + unitsAfter));
  return {
    text: text.slice(from, to),
    match: characters(text.slice(from, start)),
    matchLength: characters(text.slice(start, foundEnd)),
  };
}

/** The place, or the one behind it where that would halve a pair. */
function wholeFrom(text: string, at: number): number {
  return isBetweenHalves(text, at) ? at + 1 : at;
}

function wholeBefore(text: string, at: number): number {
  return isBetweenHalves(text, at) ? at - 1 : at;
}

function isBetweenHalves(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
}

function characters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
