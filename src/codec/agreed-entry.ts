/**
 * Entries of an agreed log ↔ bytes. The layout is the message `AgreedEntry` of `hyperloom/journal/v1/agreed.proto`, byte for
 * byte as protobuf-es would write it.
 */
import type { Command, RequestKey } from '../state/command.ts';
import { noEffects } from '../state/describe.ts';
import { agreedFormat, boundsFormat, checkFormat } from './agreed-format.ts';
import type { FormatWord } from './agreed-format.ts';
import { CodecDamage } from './damage.ts';
import { decodeRecord, encodeRecord } from './record.ts';
import { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

/** What a command may take its forest and its author to; Infinity: as far as there is room. */
export interface AgreedBounds {
  /** Nodes with a value on the trunk. */
  readonly nodes: number;
  /** Bytes that the log and the snapshots beside it take. */
  readonly bytes: number;
  /** Live ghosts of the author. */
  readonly ghosts: number;
  /** Locks of the author, held or waited for. */
  readonly locks: number;
}

/** A command on its way into an agreed log. */
export interface EncodedCommand {
  readonly record: Uint8Array;
  readonly givesWay: boolean;
  /** 0 where it is no end of a lifetime. */
  readonly seenSequence: number;
  /** `null` where nothing is bounded. Left out in formats before {@link boundsFormat}. */
  readonly bounds: AgreedBounds | null;
  /** The trunk's revision without which it is left out; 0 where there is none. In no format before {@link boundsFormat}. */
  readonly atRevision: number;
  /** The position without which it is left out; 0 where there is none. In no format before {@link boundsFormat}. */
  readonly atPosition: number;
}

/** A command out of an agreed log. */
export interface AgreedCommand {
  readonly command: Command;
  readonly givesWay: boolean;
  readonly seenSequence: number;
  readonly bounds: AgreedBounds | null;
  readonly atRevision: number;
  readonly atPosition: number;
}

export interface AgreedEntry<C = AgreedCommand> {
  readonly replica: string;
  readonly number: number;
  readonly commands: readonly C[];
  readonly living: readonly string[];
  /** A snapshot is to be taken behind it. */
  readonly marksSnapshot: boolean;
  readonly taken: SnapshotTaken | null;
  /** What its broker has to say of formats. */
  readonly formats: FormatWord | null;
  /** What the forest begins anew with behind it, if nothing is in it there. In no format before {@link boundsFormat}. */
  readonly restored: RestoredFrom | null;
}

/** A backup that a forest was restored from. */
export interface RestoredFrom {
  /** Says what it consists of: a `SharedSnapshot` at position 0. */
  readonly object: string;
  /** Its id is empty where the caller gave none. */
  readonly request: RequestKey;
}

/** A snapshot that all who share a log can begin with. */
export interface SnapshotTaken {
  /** The last entry that is in it. */
  readonly sequence: number;
  readonly object: string;
  readonly stateHash: string;
  /** What the state takes. */
  readonly bytes: number;
  /** What all that it consists of takes, history too; 0 where it was not told. Left out in formats before {@link boundsFormat}. */
  readonly storedBytes: number;
}

const writer = new WireWriter();
const reader = new WireReader();

/** A command as an entry holds it, to be kept. */
export function encodeAgreedCommand(command: Command): Uint8Array {
  return encodeRecord({ position: 0, timeMs: 0, command }, noEffects).slice();
}

/** `format`: that in force in the log. */
export function encodeAgreedEntry(entry: AgreedEntry<EncodedCommand>, format: number): Uint8Array {
  const { replica, number, commands, living, marksSnapshot, taken, formats, restored } = entry;
  writer.reset();
  writer.uint(1, format);
  writer.text(2, replica);
  writer.uint(3, number);
  const isBounding = format >= boundsFormat;
  for (const { record, givesWay, seenSequence, bounds, atRevision, atPosition } of commands) {
    const mark = writer.open(4, record.length + 16);
    writer.bytesAlways(1, record);
    writer.boolean(2, givesWay);
    writer.uint(3, seenSequence);
    if (bounds !== null && isBounding) writeBounds(bounds);
    writer.uint(5, atRevision);
    writer.uint(6, atPosition);
    writer.close(mark);
  }
  for (const id of living) writer.textAlways(5, id);
  writer.boolean(6, marksSnapshot);
  if (taken !== null) writeTaken(taken, isBounding);
  if (formats !== null) writeFormats(formats);
  if (restored !== null) writeRestored(restored);
  return writer.copy();
}

/**
 * What {@link encodeAgreedEntry} was given. Throws {@link CodecDamage} where `bytes` are no entry, and `NewerFormat` where it is of a format behind `known`.
 */
export function decodeAgreedEntry(bytes: Uint8Array, known = agreedFormat): AgreedEntry {
  reader.reset(bytes);
  let format = 0;
  let replica = '';
  let number = 0;
  const commands: AgreedCommand[] = [];
  const living: string[] = [];
  let marksSnapshot = false;
  let taken: SnapshotTaken | null = null;
  let formats: FormatWord | null = null;
  let restored: RestoredFrom | null = null;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    switch (field) {
      case 1:
        format = reader.uint();
        checkFormat(format, known);
        break;
      case 2:
        replica = reader.text();
        break;
      case 3:
        number = reader.uint();
        break;
      case 4:
        commands.push(readCommand());
        break;
      case 5:
        living.push(reader.text());
        break;
      case 6:
        marksSnapshot = reader.boolean();
        break;
      case 7:
        taken = readTaken();
        break;
      case 8:
        formats = readFormats();
        break;
      case 9:
        restored = readRestored();
        break;
      default:
        reader.unknown('AgreedEntry');
    }
  }
  if (format === 0 || replica === '' || number === 0) throw new CodecDamage('an entry that nobody made');
  return { replica, number, commands, living, marksSnapshot, taken, formats, restored };
}

function writeBounds({ nodes, bytes, ghosts, locks }: AgreedBounds): void {
  const mark = writer.open(4, 32);
  for (const [index, figure] of [nodes, bytes, ghosts, locks].entries())
    if (figure !== Infinity) writer.uintAlways(index + 1, figure);
  writer.close(mark);
}

function readBounds(): AgreedBounds {
  let [nodes, bytes, ghosts, locks] = [Infinity, Infinity, Infinity, Infinity];
  const outer = reader.enter();
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    switch (field) {
      case 1:
        nodes = reader.uint();
        break;
      case 2:
        bytes = reader.uint();
        break;
      case 3:
        ghosts = reader.uint();
        break;
      case 4:
        locks = reader.uint();
        break;
      default:
        reader.unknown('AgreedBounds');
    }
  }
  reader.leave(outer);
  return { nodes, bytes, ghosts, locks };
}

function writeTaken(
  { sequence, object, stateHash, bytes, storedBytes }: SnapshotTaken,
  isBounding: boolean,
): void {
  const mark = writer.open(7, object.length + stateHash.length + 32);
  writer.uint(1, sequence);
  writer.text(2, object);
  writer.text(3, stateHash);
  writer.uint(4, bytes);
  if (isBounding) writer.uint(5, storedBytes);
  writer.close(mark);
}

function readTaken(): SnapshotTaken {
  let [sequence, object, stateHash, bytes, storedBytes] = [0, '', '', 0, 0];
  const outer = reader.enter();
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    switch (field) {
      case 1:
        sequence = reader.uint();
        break;
      case 2:
        object = reader.text();
        break;
      case 3:
        stateHash = reader.text();
        break;
      case 4:
        bytes = reader.uint();
        break;
      case 5:
        storedBytes = reader.uint();
        break;
      default:
        reader.unknown('SnapshotTaken');
    }
  }
  reader.leave(outer);
  return { sequence, object, stateHash, bytes, storedBytes };
}

function writeFormats({ asks, knows, raises, question }: FormatWord): void {
  const mark = writer.open(8, 32);
  writer.uint(1, asks);
  writer.uint(2, knows);
  writer.uint(3, raises);
  writer.uint(4, question);
  writer.close(mark);
}

function readFormats(): FormatWord {
  let [asks, knows, raises, question] = [0, 0, 0, 0];
  const outer = reader.enter();
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    switch (field) {
      case 1:
        asks = reader.uint();
        break;
      case 2:
        knows = reader.uint();
        break;
      case 3:
        raises = reader.uint();
        break;
      case 4:
        question = reader.uint();
        break;
      default:
        reader.unknown('FormatWord');
    }
  }
  reader.leave(outer);
  return { asks, knows, raises, question };
}

function writeRestored({ object, request }: RestoredFrom): void {
  const mark = writer.open(9, object.length + request.id.length + 16);
  writer.text(1, object);
  writer.text(2, request.id);
  writer.fixed32(3, request.fingerprint);
  writer.close(mark);
}

function readRestored(): RestoredFrom {
  let [object, id, fingerprint] = ['', '', 0];
  const outer = reader.enter();
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    switch (field) {
      case 1:
        object = reader.text();
        break;
      case 2:
        id = reader.text();
        break;
      case 3:
        fingerprint = reader.fixed32();
        break;
      default:
        reader.unknown('RestoredFrom');
    }
  }
  reader.leave(outer);
  return { object, request: { id, fingerprint } };
}

function readCommand(): AgreedCommand {
  let command: Command | undefined;
  let givesWay = false;
  let seenSequence = 0;
  let bounds: AgreedBounds | null = null;
  let atRevision = 0;
  let atPosition = 0;
  const outer = reader.enter();
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    switch (field) {
      case 1:
        command = decodeRecord(reader.bytes(), 0).proposal.command;
        break;
      case 2:
        givesWay = reader.boolean();
        break;
      case 3:
        seenSequence = reader.uint();
        break;
      case 4:
        bounds = readBounds();
        break;
      case 5:
        atRevision = reader.uint();
        break;
      case 6:
        atPosition = reader.uint();
        break;
      default:
        reader.unknown('AgreedCommand');
    }
  }
  reader.leave(outer);
  if (command === undefined) throw new CodecDamage('an agreed command without a record');
  return { command, givesWay, seenSequence, bounds, atRevision, atPosition };
}
