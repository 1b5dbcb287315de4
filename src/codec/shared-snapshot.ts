/**
 * What a snapshot that brokers share consists of ↔ bytes, by the generated code: it is small. As strict as the other codecs: what is unknown comes
 * from a newer broker.
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { Message } from '@bufbuild/protobuf';
import { SharedSnapshotSchema } from '../gen/hyperloom/journal/v1/agreed_pb.ts';
import type {
  LogTable as LogTableMessage,
  RestoredFrom as RestoredMessage,
  SnapshotPart,
} from '../gen/hyperloom/journal/v1/agreed_pb.ts';
import type { RestoredFrom, SnapshotTaken } from './agreed-entry.ts';
import { agreedFormat, checkFormat } from './agreed-format.ts';
import type { FormatInForce } from './agreed-format.ts';
import { CodecDamage } from './damage.ts';

/** An object, and what is in it. */
export interface Part {
  readonly object: string;
  readonly bytes: number;
  /** CRC32C of its bytes. */
  readonly checksum: number;
  /** Positions of its records; 0 where it holds none. */
  readonly firstPosition: number;
  readonly lastPosition: number;
}

/** What decides, beside the state, what comes of a log's entries. */
export interface LogTableContent {
  /** The newest entry of each replica, the one that was heard of last behind. */
  readonly numbers: readonly (readonly [replica: string, number: number])[];
  /** The sequence of the newest sign of life, by ghost or lease. */
  readonly heard: readonly (readonly [id: string, sequence: number])[];
  readonly openMark: OpenMark | null;
  /** The newest shared snapshots, oldest first. */
  readonly taken: readonly SnapshotTaken[];
  readonly grownBytes: number;
  /** Bytes of entries between the marks of the two newest snapshots; 0 where it was not counted. */
  readonly olderBytes: number;
  readonly timeMs: number;
  readonly format: FormatInForce;
  /** What the forest began anew with; `null` where it was not restored into the log. */
  readonly restored: RestoredFrom | null;
}

/** A mark whose snapshot is not there yet. */
export interface OpenMark {
  readonly replica: string;
  readonly sequence: number;
  readonly timeMs: number;
  readonly grownBytes: number;
}

export interface SharedSnapshot {
  readonly sequence: number;
  readonly position: number;
  readonly stateHash: string;
  readonly state: readonly Part[];
  readonly basePosition: number;
  readonly base: readonly Part[];
  readonly records: readonly Part[];
  readonly retainedName: string;
  readonly retained: readonly Part[];
  readonly table: LogTableContent;
}

export function encodeSharedSnapshot(shared: SharedSnapshot): Uint8Array {
  const { sequence, position, stateHash, basePosition, retainedName } = shared;
  return toBinary(
    SharedSnapshotSchema,
    create(SharedSnapshotSchema, {
      // Whoever began before the format was raised can begin with it.
      format: shared.table.format.format,
      sequence: BigInt(sequence),
      position: BigInt(position),
      stateHash,
      state: shared.state.map(partMessage),
      basePosition: BigInt(basePosition),
      base: shared.base.map(partMessage),
      records: shared.records.map(partMessage),
      retainedName,
      retained: shared.retained.map(partMessage),
      table: tableMessage(shared.table),
    }),
  );
}

/**
 * What {@link encodeSharedSnapshot} was given. Throws {@link CodecDamage} where `bytes` are none, and `NewerFormat` where it is of a format behind `known`.
 */
export function decodeSharedSnapshot(bytes: Uint8Array, known = agreedFormat): SharedSnapshot {
  const message = decode(bytes, known);
  const { table, stateHash, retainedName } = message;
  if (table === undefined) throw new CodecDamage('a shared snapshot without what replicas know of the log');
  return {
    sequence: Number(message.sequence),
    position: Number(message.position),
    stateHash,
    state: message.state.map(partFrom),
    basePosition: Number(message.basePosition),
    base: message.base.map(partFrom),
    records: message.records.map(partFrom),
    retainedName,
    retained: message.retained.map(partFrom),
    table: tableFrom(whole(table)),
  };
}

function decode(
  bytes: Uint8Array,
  known: number,
): ReturnType<typeof fromBinary<typeof SharedSnapshotSchema>> {
  try {
    const message = fromBinary(SharedSnapshotSchema, bytes);
    if (message.format === 0) throw new CodecDamage('a shared snapshot that nobody made');
    checkFormat(message.format, known);
    return whole(message);
  } catch (error) {
    if (error instanceof CodecDamage) throw error;
    throw new CodecDamage(`no shared snapshot: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function whole<M extends Message>(message: M): M {
  if ((message.$unknown ?? []).length > 0) throw new CodecDamage(`an unknown field in ${message.$typeName}`);
  return message;
}

type Fields<M extends Message> = Omit<M, keyof Message>;

function partMessage({ object, bytes, checksum, firstPosition, lastPosition }: Part): Fields<SnapshotPart> {
  return {
    object,
    bytes: BigInt(bytes),
    checksum,
    firstPosition: BigInt(firstPosition),
    lastPosition: BigInt(lastPosition),
  };
}

function partFrom(message: SnapshotPart): Part {
  const { object, bytes, checksum, firstPosition, lastPosition } = whole(message);
  return {
    object,
    bytes: Number(bytes),
    checksum,
    firstPosition: Number(firstPosition),
    lastPosition: Number(lastPosition),
  };
}

type TableInit = Parameters<typeof create<typeof SharedSnapshotSchema>>[1] extends infer Init
  ? Init extends { table?: infer Table }
    ? Table
    : never
  : never;

function tableMessage(table: LogTableContent): NonNullable<TableInit> {
  const { openMark, restored } = table;
  return {
    numbers: table.numbers.map(([replica, number]) => ({ replica, number: BigInt(number) })),
    heard: table.heard.map(([id, sequence]) => ({ id, sequence: BigInt(sequence) })),
    ...(openMark === null
      ? {}
      : {
          openMark: {
            replica: openMark.replica,
            sequence: BigInt(openMark.sequence),
            timeMs: BigInt(openMark.timeMs),
            grownBytes: BigInt(openMark.grownBytes),
          },
        }),
    taken: table.taken.map(({ sequence, object, stateHash, bytes, storedBytes }) => ({
      sequence: BigInt(sequence),
      object,
      stateHash,
      bytes: BigInt(bytes),
      storedBytes: BigInt(storedBytes),
    })),
    grownBytes: BigInt(table.grownBytes),
    olderBytes: BigInt(table.olderBytes),
    timeMs: BigInt(table.timeMs),
    format: table.format.format,
    formatQuestion: BigInt(table.format.question),
    ...(restored === null ? {} : { restored: restoredMessage(restored) }),
  };
}

function tableFrom({
  numbers,
  heard,
  openMark,
  taken,
  grownBytes,
  olderBytes,
  timeMs,
  format,
  formatQuestion,
  restored,
}: LogTableMessage): LogTableContent {
  return {
    numbers: numbers.map((each) => [whole(each).replica, Number(each.number)]),
    heard: heard.map((each) => [whole(each).id, Number(each.sequence)]),
    openMark:
      openMark === undefined
        ? null
        : {
            replica: whole(openMark).replica,
            sequence: Number(openMark.sequence),
            timeMs: Number(openMark.timeMs),
            grownBytes: Number(openMark.grownBytes),
          },
    taken: taken.map((each) => ({
      sequence: Number(whole(each).sequence),
      object: each.object,
      stateHash: each.stateHash,
      bytes: Number(each.bytes),
      storedBytes: Number(each.storedBytes),
    })),
    grownBytes: Number(grownBytes),
    olderBytes: Number(olderBytes),
    timeMs: Number(timeMs),
    format: { format: Math.max(1, format), question: Number(formatQuestion) },
    restored: restored === undefined ? null : restoredFrom(restored),
  };
}

function restoredMessage({ object, request }: RestoredFrom): Fields<RestoredMessage> {
  return { object, requestId: request.id, requestFingerprint: request.fingerprint };
}

function restoredFrom(message: RestoredMessage): RestoredFrom {
  const { object, requestId: id, requestFingerprint: fingerprint } = whole(message);
  return { object, request: { id, fingerprint } };
}
