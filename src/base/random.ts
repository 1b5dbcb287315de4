/** Randomness, injected everywhere so that a run can be repeated from one seed. */
export interface Random {
  /** An integer in [0, bound). `bound` is at most 2^32. */
  below(bound: number): number;
}

/** The machine's cryptographic random source. */
export const systemRandom: Random = {
  below(bound) {
    const word = new Uint32Array(1);
    const limit = 2 ** 32 - (2 ** 32 % bound);
    do crypto.getRandomValues(word);
    while ((word[0] ?? 0) >= limit);
    return (word[0] ?? 0) % bound;
  },
};

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
  let id = '';
  for (let index = 0; index < 16; index += 1) id += idAlphabet[random.below(32)];
  return id;
}
