/** Goal: the checksum equals the published one. Method: RFC 3720's vectors, and a bit-by-bit model on random slices. */
import { expect, test } from 'vitest';
import { crc32c } from './crc32c.ts';
import { seededRandom } from './random.ts';

const ascending = Uint8Array.from({ length: 32 }, (_, index) => index);

test.each([
  ['32 zeros', new Uint8Array(32), 0x8a9136aa],
  ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['32 ascending bytes', ascending, 0x46dd794e],
  ['32 descending bytes', ascending.toReversed(), 0x113fdb5c],
  [
    'an iSCSI read command',
    Uint8Array.from(
      Buffer.from(
        `01c00000${'0'.repeat(24)}14000000000004000000001400000018280000000000000002${'0'.repeat(14)}`,
        'hex',
      ),
    ),
    0xd9963a56,
  ],
  ['the digits 1 to 9', new TextEncoder().encode('123456789'), 0xe3069283],
  ['nothing', new Uint8Array(0), 0],
])('equals the vector of RFC 3720 for %s', (_, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected);
});

test('equals a bit-by-bit model on slices of every alignment, whole and continued', () => {
  const seed = 3_720;
  const random = seededRandom(seed);
  const bytes = Uint8Array.from({ length: 300 }, () => random.below(256));
  for (let round = 0; round < 2_000; round += 1) {
    const start = random.below(bytes.length);
    const end = start + random.below(bytes.length - start + 1);
    const middle = start + random.below(end - start + 1);
    const expected = bitByBit(bytes.subarray(start, end));
    expect(crc32c(bytes, start, end), `seed ${seed}, [${start}, ${end})`).toBe(expected);
    expect(crc32c(bytes, middle, end, crc32c(bytes, start, middle))).toBe(expected);
  }
});

function bitByBit(bytes: Uint8Array): number {
  let state = 0xffffffff;
  for (const byte of bytes) {
    state ^= byte;
    for (let bit = 0; bit < 8; bit += 1) state = (state >>> 1) ^ ((state & 1) === 1 ? 0x82f63b78 : 0);
  }
  return ~state >>> 0;
}
