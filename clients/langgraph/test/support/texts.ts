/** Texts that are all different, from a seed: nothing in them can be compressed away by chance. */

/** The text of a turn, of so many characters. */
export function text(turn: number, length: number): string {
  let state = (turn + 1) * 2_654_435_761;
  let words = `turn ${turn}:`;
  while (words.length < length) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    words += ` ${state.toString(36)}`;
  }
  return words.slice(0, length);
}
