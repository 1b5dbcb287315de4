/** Goal: digests are those of everybody else. Method: Node's own, over lengths around every edge of a block, in pieces of all sizes. */
import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Sha256 } from './sha256.ts';

const expected = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test('every length up to three blocks', () => {
  for (let length = 0; length <= 200; length += 1) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 37 + length) & 255);
    expect(new Sha256().update(bytes).digest('hex')).toBe(expected(bytes));
  }
});

test('pieces make no difference', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 12 }), (pieces) => {
      const hash = new Sha256();
      for (const piece of pieces) hash.update(piece);
      expect(hash.digest('hex')).toBe(expected(Buffer.concat(pieces)));
    }),
    { seed: 5, numRuns: 200 },
  );
});

test('the digest of nothing, and that of a long text, are the known ones', () => {
  expect(new Sha256().digest('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  const million = new TextEncoder().encode('a'.repeat(1_000_000));
  expect(new Sha256().update(million).digest('hex')).toBe(
    'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0',
  );
});
