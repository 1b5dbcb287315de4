/**
 * The file of a backup, looked through without changing it: its states and the entries behind them (`rpc/backup-format.ts` has the
 * layout). What a crash has left unfinished at its end is told from damage: it is shorter than it says it is, or was never written.
 */
import { crc32 } from 'node:zlib';
import { entryBytesMax } from '../base/limits.ts';
import { CodecDamage } from '../codec/damage.ts';
import { decodeRecord } from '../codec/record.ts';
import { SnapshotDecoder } from '../codec/snapshot-decoder.ts';
import type { File } from '../journal/embedded/file-system.ts';
import {
  entryHeadBytes,
  headBytes,
  payloadBytesMax,
  readEntryHead,
  stateMagic,
} from '../rpc/backup-format.ts';
import { FileWindow } from './file-window.ts';

/** A state in it. */
export interface StoredState {
  readonly offset: number;
  /** Where it ends. */
  readonly end: number;
  readonly position: number;
  readonly revision: number;
  /** Of the entry at its position. */
  readonly timeMs: number;
}

/** Where an entry begins: every 256th, and those behind states. */
interface Landmark {
  readonly position: number;
  readonly offset: number;
}

export interface InspectedBackup {
  readonly states: readonly StoredState[];
  readonly landmarks: readonly Landmark[];
  /** The last entry that is whole; where there is none, what the first state says. */
  readonly position: number;
  readonly timeMs: number;
  /** Bytes that are whole. What is behind them was not finished, but for damage. */
  readonly bytes: number;
  readonly damage: { readonly offset: number; readonly what: string } | null;
}

const landmarkStep = 256;
/** So many zeros at the end of something say that it was not written. */
const unwrittenBytesMin = 64;

/** `onBytes` is told how many bytes more were looked at. */
export async function inspectBackup(
  file: File,
  size: number,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<InspectedBackup> {
  const look = new Look(file, size);
  let told = 0;
  try {
    while (look.at < size && !look.isCutOff) {
      await look.next();
      onBytes(look.at - told);
      told = look.at;
    }
  } catch (error) {
    if (!(error instanceof CodecDamage)) throw error;
    return look.found({ offset: look.at, what: error.message });
  }
  return look.found(null);
}

/** Everything up to {@link at} is whole. */
class Look {
  at = 0;
  /** What follows was not finished. */
  isCutOff = false;
  readonly #window: FileWindow;
  readonly #size: number;
  readonly #states: StoredState[] = [];
  readonly #landmarks: Landmark[] = [];
  #position = 0;
  /** Of the entry there; `null` where that is in no tail. */
  #record: Uint8Array | null = null;
  #sinceLandmark = 0;

  constructor(file: File, size: number) {
    this.#window = new FileWindow(file, size);
    this.#size = size;
  }

  found(damage: InspectedBackup['damage']): InspectedBackup {
    const [states, landmarks, position] = [this.#states, this.#landmarks, this.#position];
    const record = this.#record;
    const timeMs =
      record === null ? (states[0]?.timeMs ?? 0) : decodeRecord(record, position).proposal.timeMs;
    return { states, landmarks, position, timeMs, bytes: this.at, damage };
  }

  /** Takes the next state or entry. */
  async next(): Promise<void> {
    const head = await this.#window.read(this.at, stateMagic.length);
    const begins = stateMagic.subarray(0, 4).equals(head.subarray(0, 4));
    if (!begins && this.#states.length > 0) return this.#entry();
    if (!stateMagic.subarray(0, head.length).equals(head))
      throw new CodecDamage('no backup of a version that is known');
    if (head.length < stateMagic.length) return this.#endUnfinished();
    return this.#state();
  }

  async #state(): Promise<void> {
    const decoder = new SnapshotDecoder();
    let [at, checksum] = [this.at + stateMagic.length, 0];
    for (;;) {
      const head = viewOf(await this.#window.read(at, headBytes));
      if (head.byteLength < headBytes) return this.#endUnfinished();
      const [length, expected] = [head.getUint32(0, true), head.getUint32(4, true)];
      if (length > payloadBytesMax) throw new CodecDamage(`a frame of ${length} bytes`);
      const payload = await this.#window.read(at + headBytes, length);
      if (payload.length < length) return this.#endUnfinished();
      checksum = crc32(payload, checksum);
      if (expected !== checksum)
        return this.#unwritten(at + headBytes, length, 'a checksum that does not hold');
      at += headBytes + length;
      if (length === 0) break;
      if (decoder.moment === null) decoder.push(payload);
    }
    const { moment } = decoder;
    if (moment === null) throw new CodecDamage('a state without a beginning');
    const isFirst = this.#states.length === 0;
    if (!isFirst && moment.position !== this.#position + 1)
      throw new CodecDamage(`a state of position ${moment.position} behind the entry ${this.#position}`);
    this.#states.push({ offset: this.at, end: at, ...moment });
    if (isFirst) this.#position = moment.position;
    this.#sinceLandmark = 0;
    this.at = at;
  }

  async #entry(): Promise<void> {
    const bytes = await this.#window.read(this.at, entryHeadBytes);
    if (bytes.length < entryHeadBytes) return this.#endUnfinished();
    const head = readEntryHead(bytes);
    if (head === null || head.length > entryBytesMax)
      return this.#unwritten(this.at + entryHeadBytes, 0, 'the head of an entry does not hold');
    const { length, position, checksum } = head;
    if (position !== this.#position + 1)
      throw new CodecDamage(`the entry ${position} where ${this.#position + 1} was to come`);
    const record = await this.#window.read(this.at + entryHeadBytes, length);
    if (record.length < length) return this.#endUnfinished();
    if (crc32(record) !== checksum)
      return this.#unwritten(this.at + entryHeadBytes, length, 'the checksum of an entry does not hold');
    if (this.#sinceLandmark % landmarkStep === 0) this.#landmarks.push({ position, offset: this.at });
    this.#sinceLandmark += 1;
    this.#position = position;
    this.#record = record;
    this.at += entryHeadBytes + length;
  }

  #endUnfinished(): void {
    this.isCutOff = true;
  }

  /**
   * `length` bytes at `offset` do not hold: they were set aside and not written, where there are zeros from their end, or a little before, to the
   * end of the file. Else they are damaged, and what was found is thrown.
   */
  async #unwritten(offset: number, length: number, what: string): Promise<void> {
    const from = offset + length - Math.min(length, unwrittenBytesMin);
    if (from >= this.#size) throw new CodecDamage(what);
    for (let at = from; at < this.#size;) {
      const bytes = await this.#window.read(at, 64 * 1024);
      if (bytes.some((byte) => byte !== 0)) throw new CodecDamage(what);
      at += bytes.length;
    }
    this.#endUnfinished();
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
