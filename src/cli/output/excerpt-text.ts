/** Where a search has found something, in one line: what was found, as much around it as there is room for, and ellipses where something is missing. */
import type { SearchHit } from '../../../clients/typescript/src/index.ts';
import type { Style } from './style.ts';
import { visible } from './text.ts';
import { widthOf } from './width.ts';

/** However narrow the terminal is, so much is shown. */
const roomMin = 20;
const ellipsis = '…';

/** UTF-16 units that the broker tells before and behind what it has found, where there are so many. */
const toldBefore = 59;
const toldBehind = 99;

/** The excerpt of a hit, with what was found in the middle where it does not all fit. */
export function excerptText(hit: SearchHit, style: Style, width: number): string {
  const characters = Array.from(hit.excerpt);
  const { excerptMatch: match, excerptMatchLength: length } = hit;
  const field = hit.field === '' ? '' : `${visible(hit.field)}: `;
  // Ideographs take two places each, so fewer of them fit.
  const places = Math.max(1, widthOf(hit.excerpt) / Math.max(1, characters.length));
  const room = Math.floor(Math.max(roomMin, width - widthOf(field) - 2 * ellipsis.length) / places);
  const spare = Math.max(0, room - length);
  const from = Math.max(0, Math.min(match - Math.floor(spare / 2), characters.length - room));
  const until = Math.min(characters.length, from + room);
  const part = (start: number, end: number): string =>
    visible(characters.slice(start, end).join('').replace(/\s/g, ' '));
  const told = toldOf(hit, characters);
  const before = part(from, match).trimStart();
  const found = part(match, Math.min(match + length, until));
  const behind = part(match + length, until).trimEnd();
  return [
    style.dim(field),
    from > 0 || !told.fromStart ? style.dim(ellipsis) : '',
    before,
    style.yellow(found),
    behind,
    until < characters.length || !told.toEnd ? style.dim(ellipsis) : '',
  ].join('');
}

/** Whether the excerpt begins and ends with the value, as far as it can be known: at worst there is nothing behind an ellipsis. */
function toldOf(
  { node, field, excerpt, excerptMatch, excerptMatchLength }: SearchHit,
  characters: readonly string[],
): { readonly fromStart: boolean; readonly toEnd: boolean } {
  // A message's size is not that of one of its fields.
  const isWhole = field === '' && Buffer.byteLength(excerpt) >= node.valueBytes;
  const unitsBefore = characters.slice(0, excerptMatch).join('').length;
  const unitsBehind = characters.slice(excerptMatch + excerptMatchLength).join('').length;
  return { fromStart: isWhole || unitsBefore < toldBefore, toEnd: isWhole || unitsBehind < toldBehind };
}
