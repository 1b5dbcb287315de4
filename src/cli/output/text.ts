/** Texts for people. What agents have written may hold anything, so nothing of it reaches a terminal unseen. */

import { cutEnd, widthOf } from './width.ts';

// eslint-disable-next-line no-control-regex
const controls = /[\u0000-\u001F\u007F-\u009F\u2028-\u202E\u2066-\u2069]/g;

/**
 * Shows control characters as escapes. A stored escape sequence could otherwise move the cursor, rename the window, or hide what else is
 * printed; a line break in a name could pass for another row of a table.
 */
export function visible(text: string): string {
  return text.replace(controls, escapeOf);
}

/** The same for what may be many lines: line breaks and tabs stay. */
export function visibleLines(text: string): string {
  return text.replace(controls, (found) => (found === '\n' || found === '\t' ? found : escapeOf(found)));
}

function escapeOf(control: string): string {
  return `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** The text in one line, at most `widthMax` places wide, without the control characters. */
export function oneLine(text: string, widthMax: number): string {
  // Cut first: values may be megabytes, and no more than a line of them is shown. A character may be of several code units.
  const lengthMax = widthMax * unitsPerPlaceMax;
  const line = visible(text.slice(0, lengthMax).replace(/\s+/g, ' ').trim());
  return text.length > lengthMax && widthOf(line) <= widthMax
    ? `${cutEnd(line, widthMax - 1)}…`
    : cutEnd(line, widthMax);
}

/** More than texts of any script take; of characters made of many only the first are looked at. */
const unitsPerPlaceMax = 4;

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** Such as `12 B` or `3.4 MiB`. */
export function byteSize(bytes: number): string {
  let size = bytes;
  let unit = 0;
  for (; size >= 1_024 && unit < byteUnits.length - 1; unit += 1) size /= 1_024;
  return `${size.toFixed(unit === 0 ? 0 : 1)} ${byteUnits[unit]}`;
}

/** Such as `1,234,567`. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

/** Such as `2026-11-21 09:14:02Z`: in UTC, and says so. */
export function timeText(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace('T', ' ')}Z`;
}

/** Such as `3 nodes` or `1 node`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}
