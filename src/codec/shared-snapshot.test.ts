/**
 * Goal: what brokers share beside entries of a log comes back as it was, and what is not ours is damage. Method: one of each with all of its fields; flips of
 * bytes from a seed.
 */
import { expect, test } from 'vitest';
import { seededRandom } from '../base/random.ts';
import { agreedFormat, NewerFormat } from './agreed-format.ts';
import { CodecDamage } from './damage.ts';
import { decodeForestsEntry, encodeForestsEntry } from './forests-entry.ts';
import type { ForestsEntry } from './forests-entry.ts';
import { decodeSharedSnapshot, encodeSharedSnapshot } from './shared-snapshot.ts';
import type { SharedSnapshot } from './shared-snapshot.ts';

const seed = 20_261_122;

const part = {
  object: 'part',
  bytes: 4_194_304,
  checksum: 2 ** 32 - 1,
  firstPosition: 8,
  lastPosition: 2 ** 40,
};
const shared: SharedSnapshot = {
  sequence: 2 ** 40,
  position: 2 ** 41,
  stateHash: 'f'.repeat(32),
  state: [part, { ...part, firstPosition: 0, lastPosition: 0 }],
  basePosition: 7,
  base: [part],
  records: [part],
  retainedName: 'retained-7',
  retained: [part],
  table: {
    numbers: [
      ['one', 1],
      ['two', 2 ** 40],
    ],
    heard: [['ghost', 3]],
    openMark: { replica: 'one', sequence: 9, timeMs: 2 ** 41, grownBytes: 5 },
    taken: [{ sequence: 4, object: 'all', stateHash: 'abc', bytes: 6, storedBytes: 2 ** 40 }],
    grownBytes: 11,
    olderBytes: 2 ** 40,
    timeMs: 2 ** 41,
    format: { format: 1, question: 2 ** 40 },
    restored: { object: 'what', request: { id: 'r', fingerprint: 2 ** 32 - 1 } },
  },
};
const entry: ForestsEntry = {
  replica: 'one',
  number: 3,
  change: { kind: 'restore', forest: 'team', request: { id: 'r', fingerprint: 2 ** 32 - 1 } },
  log: 'team-Xabc',
  formats: { asks: 0, knows: 0, raises: 2, question: 2 ** 40 },
};

test('a shared snapshot comes back as it was', () => {
  expect(decodeSharedSnapshot(encodeSharedSnapshot(shared))).toStrictEqual(shared);
  const bare = { ...shared, table: { ...shared.table, openMark: null, taken: [], restored: null } };
  expect(decodeSharedSnapshot(encodeSharedSnapshot(bare))).toStrictEqual(bare);
});

test('an entry of the log of forests comes back as it was', () => {
  expect(decodeForestsEntry(encodeForestsEntry(entry, 1))).toStrictEqual(entry);
  const waiting = { ...entry, change: null, log: '', formats: null };
  expect(decodeForestsEntry(encodeForestsEntry(waiting, 1))).toStrictEqual(waiting);
});

test('what a newer broker has made is refused, and read by whoever knows its format', () => {
  const next = agreedFormat + 1;
  const format = { format: next, question: 0 };
  const newer = { ...shared, table: { ...shared.table, format } };
  for (const [bytes, decode, made] of [
    [encodeSharedSnapshot(newer), decodeSharedSnapshot, newer],
    [encodeForestsEntry(entry, next), decodeForestsEntry, entry],
  ] as const) {
    expect(() => decode(bytes)).toThrow(new RegExp(`format ${next}`));
    expect(() => decode(bytes)).toThrow(NewerFormat);
    expect(decode(bytes, next)).toStrictEqual(made);
  }
});

test('flipped bytes give something or damage, never anything else', () => {
  const random = seededRandom(seed);
  for (let round = 0; round < 2_000; round += 1) {
    for (const [bytes, decode] of [
      [encodeSharedSnapshot(shared), decodeSharedSnapshot],
      [encodeForestsEntry(entry, 1), decodeForestsEntry],
    ] as const) {
      for (let flips = random.below(4); flips >= 0; flips -= 1)
        bytes[random.below(bytes.length)] = random.below(256);
      try {
        decode(bytes);
      } catch (error) {
        expect(error, `seed ${seed}, round ${round}`).toBeInstanceOf(CodecDamage);
      }
    }
  }
});
