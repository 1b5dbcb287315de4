/**
 * Goal: entries of agreed logs are what `agreed.proto` says, and nothing is lost or guessed. Method: random entries against protobuf-es in both
 * directions; damage from a seed.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { seededRandom } from '../base/random.ts';
import { AgreedEntrySchema, type SnapshotTakenSchema } from '../gen/hyperloom/journal/v1/agreed_pb.ts';
import { noEffects } from '../state/describe.ts';
import { decodeAgreedEntry, encodeAgreedCommand, encodeAgreedEntry } from './agreed-entry.ts';
import type { AgreedEntry, SnapshotTaken } from './agreed-entry.ts';
import { CodecDamage } from './damage.ts';
import { recordMessage } from './record-message.ts';
import { Samples } from './samples.ts';

const seed = 20_261_122;
const random = seededRandom(seed);
const samples = new Samples(random);

function taken(): SnapshotTaken {
  return {
    sequence: random.below(2 ** 32),
    object: `object_${random.below(9)}`,
    stateHash: 'abc',
    bytes: random.below(9),
  };
}

function takenMessage({
  sequence,
  object,
  stateHash,
  bytes,
}: SnapshotTaken): MessageInitShape<typeof SnapshotTakenSchema> {
  return { sequence: BigInt(sequence), object, stateHash, bytes: BigInt(bytes) };
}

function sample(): AgreedEntry {
  const commands = Array.from({ length: random.below(5) }, () => ({
    command: samples.proposal(1).command,
    givesWay: random.below(2) === 1,
    seenSequence: random.below(3) === 0 ? random.below(2 ** 32) : 0,
  }));
  return {
    replica: `replica_${random.below(9)}`,
    number: 1 + random.below(2 ** 32),
    commands,
    living: Array.from({ length: random.below(3) }, (_, index) => `ghost_${index}`),
    marksSnapshot: random.below(2) === 1,
    taken: random.below(2) === 1 ? taken() : null,
  };
}

function encode({ commands, ...rest }: AgreedEntry): Uint8Array {
  return encodeAgreedEntry({
    ...rest,
    commands: commands.map(({ command, ...how }) => ({ record: encodeAgreedCommand(command), ...how })),
  });
}

test('random entries become the bytes that protobuf-es writes, and come back equal', () => {
  for (let round = 0; round < 1_000; round += 1) {
    const entry = sample();
    const { replica, number, living } = entry;
    const message = create(AgreedEntrySchema, {
      format: 1,
      replica,
      number: BigInt(number),
      commands: entry.commands.map(({ command, givesWay, seenSequence }) => ({
        record: recordMessage({ position: 0, timeMs: 0, command }, noEffects),
        givesWay,
        seenSequence: BigInt(seenSequence),
      })),
      living: [...living],
      marksSnapshot: entry.marksSnapshot,
      ...(entry.taken === null ? {} : { taken: takenMessage(entry.taken) }),
    });
    const bytes = encode(entry);
    expect(Buffer.from(bytes).toString('hex'), `seed ${seed}, round ${round}`).toBe(
      Buffer.from(toBinary(AgreedEntrySchema, message)).toString('hex'),
    );
    expect(decodeAgreedEntry(bytes), `seed ${seed}, round ${round}`).toStrictEqual(entry);
  }
});

test('an entry of a newer format is refused with what to do', () => {
  const bytes = encode(sample());
  expect(bytes[0]).toBe(8);
  bytes[1] = 2;
  expect(() => decodeAgreedEntry(bytes)).toThrow(/format 2.*bring it up/);
});

test('flipped bytes give an entry or damage, never anything else', () => {
  for (let round = 0; round < 2_000; round += 1) {
    const bytes = encode(sample());
    for (let flips = random.below(4); flips >= 0; flips -= 1)
      bytes[random.below(bytes.length)] = random.below(256);
    try {
      decodeAgreedEntry(bytes);
    } catch (error) {
      expect(error, `seed ${seed}, round ${round}`).toBeInstanceOf(CodecDamage);
    }
  }
});
