/** Goal: a backup is read back whole or not at all. Method: every cut and every flipped bit of a small one, and random pieces. */
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../base/random.ts';
import { CodecDamage } from '../codec/damage.ts';
import { readBackup, writeBackup } from './backup-format.ts';

async function* each(...pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

async function joined(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

describe('a backup', () => {
  test('reads back in whatever pieces it comes', async () => {
    const random = seededRandom(7);
    const snapshot = Uint8Array.from({ length: 300_000 }, () => random.below(256));
    const backup = await joined(writeBackup(each(snapshot.subarray(0, 5), snapshot.subarray(5))));
    for (const size of [1_000, 65_536, 1_000_000]) {
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < backup.length; at += size) pieces.push(backup.subarray(at, at + size));
      expect((await joined(readBackup(each(...pieces)))).equals(snapshot)).toBe(true);
    }
  });

  test('of nothing reads back as nothing', async () => {
    expect(await joined(readBackup(writeBackup(each())))).toHaveLength(0);
  });

  test('that is cut anywhere, or has a bit flipped anywhere, or something behind it, is damaged', async () => {
    const backup = await joined(writeBackup(each(Buffer.from('some state'), Buffer.from('and more of it'))));
    for (let length = 0; length < backup.length; length += 1) {
      await expect(joined(readBackup(each(backup.subarray(0, length))))).rejects.toThrow(CodecDamage);
    }
    for (let bit = 0; bit < backup.length * 8; bit += 1) {
      const flipped = Buffer.from(backup);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await expect(joined(readBackup(each(flipped)))).rejects.toThrow(CodecDamage);
    }
    await expect(joined(readBackup(each(backup, Buffer.of(0))))).rejects.toThrow(CodecDamage);
  });

  test('whose frames are out of order or doubled is damaged', async () => {
    const frames: Uint8Array[] = [];
    for await (const piece of writeBackup(each(Buffer.from('aaaa'), Buffer.from('bbbb')))) frames.push(piece);
    const [magic, first, second, end] = frames as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    for (const order of [
      [magic, second, first, end],
      [magic, first, first, second, end],
      [magic, first, end],
      [magic, end],
    ]) {
      await expect(joined(readBackup(each(...order)))).rejects.toThrow(CodecDamage);
    }
  });
});
