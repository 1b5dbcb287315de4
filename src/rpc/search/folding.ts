/**
 * Case folding for search, one UTF-16 unit for one: a place in what is folded is the same place in the text. Made of what the engine
 * knows of cases, upper first, so that `ς` and `σ`, `ſ` and `s` are one letter; letters whose other case takes several
 * (`ß` and `SS`) stay what they are.
 */

const blockBits = 8;
const blockSize = 1 << blockBits;
/** Folded units by their upper half, each made when the first of them is met: all at once would take 20 ms. */
const blocks: (Uint16Array | undefined)[] = [];
/** No letter beyond has a case. */
const casedPointMax = 0x1_e943;

/** The folded unit at a place of a text. */
export function foldAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return (unit & 0xf800) === 0xd800 ? foldHalf(text, at, unit) : foldUnit(unit);
}

/** A unit that is no half of a pair, folded. */
export function foldUnit(unit: number): number {
  const block = blocks[unit >>> blockBits] ?? makeBlock(unit >>> blockBits);
  return block[unit & (blockSize - 1)] ?? unit;
}

function makeBlock(index: number): Uint16Array {
  const block = Uint16Array.from({ length: blockSize }, (_, low) => folded((index << blockBits) + low));
  blocks[index] = block;
  return block;
}

function folded(unit: number): number {
  const letter = String.fromCharCode(unit);
  const upper = letter.toUpperCase();
  const lower = (upper.length === 1 ? upper : letter).toLowerCase();
  return lower.length === 1 ? lower.charCodeAt(0) : unit;
}

/** Half of a pair: cases of the letters beyond 16 bits differ in their second halves, as a rule. */
function foldHalf(text: string, at: number, unit: number): number {
  const isFirst = unit < 0xdc00;
  const point = text.codePointAt(isFirst ? at : at - 1) ?? 0;
  if (point < 0x1_0000 || point > casedPointMax) return unit;
  const lower = String.fromCodePoint(point).toLowerCase();
  return lower.length === 2 ? lower.charCodeAt(isFirst ? 0 : 1) : unit;
}
