/**
 * Goal: no conversation whatsoever makes the engine throw, send what no client can read, or leave streams behind. Method:
 * random conversations from a seed (`test/http2/fuzz.ts`); `node test/http2/fuzz-for.ts MINUTES` goes on for longer.
 */
import { expect, test } from 'vitest';
import { fuzz } from '../../../test/http2/fuzz.ts';

test('random conversations are survived', async () => {
  const seed = 20_261_121;
  console.log(`seed ${seed}`);
  expect(await fuzz(seed, 1_500)).toBe(1_500);
});
