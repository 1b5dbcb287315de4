/**
 * How wide texts are on a terminal, which is not how long they are: an ideograph takes two places, a combining mark none. Cuts go
 * between what a reader sees as one character.
 */
import stringWidth from 'string-width';

// eslint-disable-next-line no-control-regex
const plain = /^[\u0020-\u007E]*$/;
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
const ellipsis = '…';

/** The places that a text takes on a terminal. Escape sequences count: there are none in what is measured. */
export function widthOf(text: string): number {
  return plain.test(text) ? text.length : stringWidth(text, { countAnsiEscapeCodes: true });
}

/** The beginning of a text, with an ellipsis where something is missing, at most `width` places wide. */
export function cutEnd(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  return beginning(text, width - 1) + (width > 0 ? ellipsis : '');
}

/** Beginning and end of a text, at most `width` places wide: what tells paths apart is at both. */
export function cutMiddle(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const tail = Math.ceil((width - 1) / 2);
  return width < 5 ? cutEnd(text, width) : beginning(text, width - 1 - tail) + ellipsis + ending(text, tail);
}

/** Fills up with spaces behind the text. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** Fills up with spaces before the text. */
export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text;
}

function beginning(text: string, width: number): string {
  if (plain.test(text)) return text.slice(0, Math.max(0, width));
  let [taken, places] = ['', 0];
  for (const { segment } of segmenter.segment(text)) {
    places += widthOf(segment);
    if (places > width) break;
    taken += segment;
  }
  return taken;
}

function ending(text: string, width: number): string {
  if (plain.test(text)) return width > 0 ? text.slice(-width) : '';
  const segments = Array.from(segmenter.segment(text), ({ segment }) => segment);
  let [taken, places] = ['', 0];
  for (const segment of segments.reverse()) {
    places += widthOf(segment);
    if (places > width) break;
    taken = segment + taken;
  }
  return taken;
}
