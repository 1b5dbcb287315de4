/**
 * Goal: records on disk are what `record.proto` says, and nothing is lost or guessed. Method: random records against
 * protobuf-es in both directions; each kind of damage by hand; random damage from a seed.
 */
import { toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { RecordSchema } from '../gen/hyperloom/journal/v1/record_pb.ts';
import { seededRandom } from '../base/random.ts';
import { noEffects } from '../state/describe.ts';
import { CodecDamage } from './damage.ts';
import { decodeRecord, encodeRecord, revisionOfRecord } from './record.ts';
import { recordMessage } from './record-message.ts';
import { Samples } from './samples.ts';
import { WireWriter } from './wire-writer.ts';

const seed = 20_261_121;

test('random records become the bytes that protobuf-es writes, and come back equal', () => {
  const samples = new Samples(seededRandom(seed));
  for (let round = 0; round < 5_000; round += 1) {
    const proposal = samples.proposal(round);
    const effects = samples.effects();
    const expected = toBinary(RecordSchema, recordMessage(proposal, effects));
    const bytes = encodeRecord(proposal, effects).slice();
    expect(hex(bytes), `seed ${seed}, round ${round}`).toBe(hex(expected));
    expect(decodeRecord(bytes, round), `seed ${seed}, round ${round}`).toStrictEqual({ proposal, effects });
    expect(revisionOfRecord(bytes), `seed ${seed}, round ${round}`).toBe(effects.revision);
  }
});

test('a record may be a part of a larger buffer', () => {
  const samples = new Samples(seededRandom(seed));
  const [proposal, effects] = [samples.proposal(3), samples.effects()];
  const bytes = encodeRecord(proposal, effects);
  const around = new Uint8Array(bytes.length + 20).fill(0xff);
  around.set(bytes, 7);
  expect(decodeRecord(around.subarray(7, 7 + bytes.length), 3)).toStrictEqual({ proposal, effects });
});

test('a record cut off anywhere is damaged, or lacks whole fields only', () => {
  const samples = new Samples(seededRandom(seed + 1));
  for (let round = 0; round < 50; round += 1) {
    const bytes = encodeRecord(samples.proposal(1), samples.effects()).slice();
    for (let end = 0; end < bytes.length; end += 1) {
      expect(['a record', 'damage']).toContain(whatComesOf(bytes.subarray(0, end)));
    }
  }
});

test('flipped and random bytes give a record or damage, never anything else', () => {
  const random = seededRandom(seed + 2);
  const samples = new Samples(random);
  let damaged = 0;
  for (let round = 0; round < 20_000; round += 1) {
    const bytes = encodeRecord(samples.proposal(1), samples.effects()).slice();
    for (let flips = random.below(4); flips >= 0; flips -= 1)
      bytes[random.below(bytes.length)] = random.below(256);
    const came = whatComesOf(bytes);
    expect(['a record', 'damage'], `seed ${seed + 2}, round ${round}`).toContain(came);
    if (came === 'damage') damaged += 1;
  }
  expect(damaged).toBeGreaterThan(5_000);
});

test.each([
  ['no command', (writer: WireWriter) => writer.uint(1, 5), 'a record without a command'],
  ['an unknown field', (writer: WireWriter) => writer.uint(99, 5), 'field 99 of Record is unknown'],
  [
    'an unknown field of a command',
    (writer: WireWriter) => inside(writer, 13, () => writer.uint(2, 5)),
    'field 2 of Compact',
  ],
  ['a wrong wire type', (writer: WireWriter) => writer.text(1, 'x'), 'wire type 2 where 0 is due'],
  [
    'a number beyond 2^53',
    (writer: WireWriter) => writer.sintBigAlways(1, 2n ** 62n),
    'an integer beyond 2\\^53',
  ],
  ['text that is not UTF-8', (writer: WireWriter) => writer.binary(14, 'a\xff'), 'a text that is not UTF-8'],
  ['a truth that is neither', (writer: WireWriter) => writer.uint(4, 2), 'neither 0 nor 1'],
])('refuses %s and says so', (_, write, message) => {
  const writer = new WireWriter();
  write(writer);
  expect(() => decodeRecord(writer.view(), 1)).toThrow(CodecDamage);
  expect(() => decodeRecord(writer.view(), 1)).toThrow(new RegExp(message));
});

test('refuses a message that claims more bytes than there are', () => {
  expect(() => decodeRecord(Uint8Array.of(0x2a, 5, 0), 1)).toThrow(/5 bytes where only 1 are left/);
});

test('a record of many megabytes is encoded, and the next one too', () => {
  const data = 'ü'.repeat(3_000_000);
  const value = { kind: 'text', data, bytes: 6_000_000, type: '' } as const;
  for (const operations of [[{ kind: 'put', path: ['a'], value } as const], []]) {
    const command = {
      kind: 'publish',
      ghostId: '',
      operations,
      preconditions: [],
      label: '',
      basis: [],
    } as const;
    const proposal = { position: 1, timeMs: 1, command: { ...command, author: '', request: null } };
    expect(decodeRecord(encodeRecord(proposal, noEffects), 1)).toStrictEqual({
      proposal,
      effects: noEffects,
    });
  }
});

function inside(writer: WireWriter, field: number, write: () => void): void {
  const mark = writer.open(field, 0);
  write();
  writer.close(mark);
}

function whatComesOf(bytes: Uint8Array): unknown {
  try {
    decodeRecord(bytes, 1);
    return 'a record';
  } catch (error) {
    return error instanceof CodecDamage ? 'damage' : error;
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
