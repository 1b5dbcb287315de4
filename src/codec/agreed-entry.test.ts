/**
 * Goal: entries of agreed logs are what `agreed.proto` says, and nothing is lost or guessed. Method: random entries against protobuf-es in both
 * directions; damage from a seed.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { seededRandom } from '../base/random.ts';
import {
  AgreedEntrySchema,
  type AgreedBoundsSchema,
  type RestoredFromSchema,
  type SnapshotTakenSchema,
} from '../gen/hyperloom/journal/v1/agreed_pb.ts';
import { noEffects } from '../state/describe.ts';
import { decodeAgreedEntry, encodeAgreedCommand, encodeAgreedEntry } from './agreed-entry.ts';
import type { AgreedBounds, AgreedEntry, RestoredFrom, SnapshotTaken } from './agreed-entry.ts';
import { agreedFormat, NewerFormat } from './agreed-format.ts';
import type { FormatWord } from './agreed-format.ts';
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
    storedBytes: random.below(3) === 0 ? random.below(2 ** 32) : 0,
  };
}

function bounds(): AgreedBounds {
  const figure = (): number => (random.below(2) === 0 ? Infinity : random.below(3) * random.below(2 ** 31));
  return { nodes: figure(), bytes: figure(), ghosts: figure(), locks: figure() };
}

function takenMessage({
  sequence,
  object,
  stateHash,
  bytes,
  storedBytes,
}: SnapshotTaken): MessageInitShape<typeof SnapshotTakenSchema> {
  const sizes = { bytes: BigInt(bytes), storedBytes: BigInt(storedBytes) };
  return { sequence: BigInt(sequence), object, stateHash, ...sizes };
}

function boundsMessage(said: AgreedBounds): MessageInitShape<typeof AgreedBoundsSchema> {
  const bounded = Object.entries(said).filter(([, figure]) => figure !== Infinity);
  return Object.fromEntries(bounded.map(([name, figure]) => [name, BigInt(figure)]));
}

function word(): FormatWord {
  return {
    asks: random.below(3),
    knows: random.below(3),
    raises: random.below(3),
    question: random.below(9),
  };
}

function restoredFrom(): RestoredFrom {
  const id = random.below(2) === 1 ? `request_${random.below(9)}` : '';
  const fingerprint = id === '' ? 0 : random.below(2 ** 32);
  return { object: `object_${random.below(9)}`, request: { id, fingerprint } };
}

function restoredMessage({ object, request }: RestoredFrom): MessageInitShape<typeof RestoredFromSchema> {
  return { object, requestId: request.id, requestFingerprint: request.fingerprint };
}

function sample(): AgreedEntry {
  const commands = Array.from({ length: random.below(5) }, () => ({
    command: samples.proposal(1).command,
    givesWay: random.below(2) === 1,
    seenSequence: random.below(3) === 0 ? random.below(2 ** 32) : 0,
    bounds: random.below(3) === 0 ? bounds() : null,
    atRevision: random.below(3) === 0 ? random.below(2 ** 32) : 0,
    atPosition: random.below(3) === 0 ? random.below(2 ** 32) : 0,
  }));
  return {
    replica: `replica_${random.below(9)}`,
    number: 1 + random.below(2 ** 32),
    commands,
    living: Array.from({ length: random.below(3) }, (_, index) => `ghost_${index}`),
    marksSnapshot: random.below(2) === 1,
    taken: random.below(2) === 1 ? taken() : null,
    formats: random.below(2) === 1 ? word() : null,
    restored: random.below(4) === 0 ? restoredFrom() : null,
  };
}

function encode({ commands, ...rest }: AgreedEntry, format = agreedFormat): Uint8Array {
  const records = commands.map(({ command, ...how }) => ({ record: encodeAgreedCommand(command), ...how }));
  return encodeAgreedEntry({ ...rest, commands: records }, format);
}

test('random entries become the bytes that protobuf-es writes, and come back equal', () => {
  for (let round = 0; round < 1_000; round += 1) {
    const entry = sample();
    const { replica, number, living } = entry;
    const message = create(AgreedEntrySchema, {
      format: agreedFormat,
      replica,
      number: BigInt(number),
      commands: entry.commands.map(
        ({ command, givesWay, seenSequence, atRevision, atPosition, bounds: said }) => ({
          record: recordMessage({ position: 0, timeMs: 0, command }, noEffects),
          givesWay,
          seenSequence: BigInt(seenSequence),
          atRevision: BigInt(atRevision),
          atPosition: BigInt(atPosition),
          ...(said === null ? {} : { bounds: boundsMessage(said) }),
        }),
      ),
      living: [...living],
      marksSnapshot: entry.marksSnapshot,
      ...(entry.taken === null ? {} : { taken: takenMessage(entry.taken) }),
      ...(entry.formats === null
        ? {}
        : { formats: { ...entry.formats, question: BigInt(entry.formats.question) } }),
      ...(entry.restored === null ? {} : { restored: restoredMessage(entry.restored) }),
    });
    const bytes = encode(entry);
    expect(Buffer.from(bytes).toString('hex'), `seed ${seed}, round ${round}`).toBe(
      Buffer.from(toBinary(AgreedEntrySchema, message)).toString('hex'),
    );
    expect(decodeAgreedEntry(bytes), `seed ${seed}, round ${round}`).toStrictEqual(entry);
  }
});

test('an entry of a newer format is refused with what to do, and read by whoever knows it', () => {
  const entry = sample();
  const next = agreedFormat + 1;
  const bytes = encode(entry, next);
  expect(() => decodeAgreedEntry(bytes)).toThrow(new RegExp(`format ${next}.*Bring it up`));
  expect(() => decodeAgreedEntry(bytes)).toThrow(NewerFormat);
  expect(decodeAgreedEntry(bytes, next)).toStrictEqual(entry);
});

test('an entry of the first format says nothing that only a later one knows', () => {
  for (let round = 0; round < 100; round += 1) {
    const { commands, taken: told, ...rest } = sample();
    const entry = {
      ...rest,
      taken: told,
      commands: commands.map((each) => ({ ...each, atRevision: 0, atPosition: 0 })),
    };
    expect(decodeAgreedEntry(encode(entry, 1), 1)).toStrictEqual({
      ...entry,
      commands: entry.commands.map((each) => ({ ...each, bounds: null })),
      taken: told === null ? null : { ...told, storedBytes: 0 },
    });
  }
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
