/** Randomness, injected everywhere so that a run can be repeated from one seed. */
export interface Random {
  /** An integer in [0, bound). `bound` is at most 2^32. */
  below(bound: number): number;
}

/** Words that are asked of the machine at a time: a call for one takes 3 µs, and an id needs 16. */
const wordsAtATime = 1_024;
const words = new Uint32Array(wordsAtATime);
let wordsUsed = wordsAtATime;

/** The machine's cryptographic random source. */
export const systemRandom: Random = {
  below(bound) {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const word = nextWord();
      if (word < limit) return word % bound;
    }
  },
};

/** Each word is given out once and not kept. */
function nextWord(): number {
  if (wordsUsed === wordsAtATime) {
    crypto.getRandomValues(words);
    wordsUsed = 0;
  }
  const word = words[wordsUsed] as number;
  words[wordsUsed] = 0;
  wordsUsed += 1;
  return word;
}

/** A small repeatable generator (mulberry32) for tests, fixtures and the simulator; never for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    below(bound) {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
    },
  };
}

const idAlphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** A random identifier of 16 characters (80 bits, Crockford's base 32 in lower case). */
export function randomId(random: Random): string {
  const next = (): number => idAlphabet.charCodeAt(random.below(32));
  // In two pieces: a text that grows by characters is a chain of 15, each with a head of its own.
  const first = String.fromCharCode(next(), next(), next(), next(), next(), next(), next(), next());
  return first + String.fromCharCode(next(), next(), next(), next(), next(), next(), next(), next());
}
