/** Goal: the checksum is that of zlib, in one go and piece by piece. */
import { crc32 as zlibCrc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { crc32 } from './crc32.ts';

test('it is that of zlib, whatever the pieces', () => {
  const bytes = Uint8Array.from({ length: 10_000 }, (_, index) => (index * index * 31) & 0xff);
  for (const cut of [0, 1, 255, 9_999, 10_000]) {
    expect(crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut)))).toBe(zlibCrc32(bytes));
  }
  expect(crc32(new Uint8Array(0))).toBe(0);
});
