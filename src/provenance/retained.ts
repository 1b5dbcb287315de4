/**
 * What is kept of the history that compactions have given up: of each publish that wrote a value which was there then, and of all that
 * live ghosts had done, the entry without its values. A file `retained-REVISION` beside the journal:
 *
 *   frames     length (u32), CRC32C (u32) of what follows, position (f64), then the record as the journal has it; by position
 *   index      every 64th frame: position, revision, offset (f64 each)
 *   trailer    offset of the index (f64), frames (f64), CRC32C of the index (u32), "retained 1\n\0" (12 bytes)
 *
 * The newest file counts. One that is damaged counts as none: what it held is answered as given up.
 */
import { crc32c } from '../base/crc32c.ts';
import { decodeRecord, encodeRecord, revisionOfRecord } from '../codec/record.ts';
import type { SideFile, SideFiles } from '../journal/side-files.ts';
import type { Operation } from '../state/command.ts';
import type { Recorded } from './made.ts';

const prefix = 'retained-';
const magic = 'retained 1\n\0';
const frameHead = 16;
const trailerBytes = 32;
const indexStep = 64;
const chunkBytes = 256 * 1024;

/** A frame that the index names. */
interface Landmark {
  readonly position: number;
  readonly revision: number;
  readonly offset: number;
}

/** An entry as the file has it. */
export interface Frame {
  readonly position: number;
  /** 0 where it made none. */
  readonly revision: number;
  readonly bytes: Uint8Array;
}

/** The file was let go of while somebody looked at it: the next compaction has written another one, or the broker stops. */
export class RetainedClosed extends Error {
  override readonly name = 'RetainedClosed';
}

export class Retained {
  readonly #file: SideFile | null;
  readonly #landmarks: readonly Landmark[];
  readonly #end: number;
  #isClosed = false;
  /** The revision below which history was given up when it was written; 0 where there is nothing. */
  readonly revision: number;

  private constructor(file: SideFile | null, landmarks: readonly Landmark[], end: number, revision: number) {
    this.revision = revision;
    this.#file = file;
    this.#landmarks = landmarks;
    this.#end = end;
  }

  /** What the newest file holds; nothing where there is none, or it is damaged. */
  static async open(beside: SideFiles): Promise<Retained> {
    const name = await newestRetained(beside);
    const file = name === undefined ? undefined : await beside.open(name);
    if (name === undefined || file === undefined) return new Retained(null, [], 0, 0);
    const read = await readIndex(file);
    if (read !== null) return new Retained(file, read.landmarks, read.end, revisionIn(name));
    await file.close();
    return new Retained(null, [], 0, 0);
  }

  /** The entry at a position. */
  atPosition(position: number): Promise<Recorded | null> {
    return this.#find('position', position, ({ proposal }) => proposal.position === position);
  }

  /** The entry that made a revision. */
  ofRevision(revision: number): Promise<Recorded | null> {
    return this.#find('revision', revision, ({ effects }) => effects.revision === revision);
  }

  /** Everything, in order, in batches. */
  async *all(): AsyncGenerator<readonly Frame[]> {
    for (let index = 0; index < this.#landmarks.length; index += 1)
      yield [...framesIn(await this.#group(index))];
  }

  /** Lets go of the file: who asks for something that it holds gets `RetainedClosed`. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#file?.close();
  }

  async #find(
    by: 'position' | 'revision',
    value: number,
    isIt: (recorded: Recorded) => boolean,
  ): Promise<Recorded | null> {
    // Both grow along the file; a diff of a ghost has the revision before it there.
    let index = this.#landmarks.findLastIndex((landmark) => landmark[by] <= value);
    for (; index >= 0; index -= 1) {
      for (const frame of framesIn(await this.#group(index))) {
        const recorded = recordedIn(frame);
        if (isIt(recorded)) return recorded;
      }
      if (by === 'position' || (this.#landmarks[index]?.revision ?? 0) < value) return null;
    }
    return null;
  }

  /** The bytes of a group of frames. */
  async #group(index: number): Promise<Uint8Array> {
    if (this.#isClosed) throw new RetainedClosed();
    const start = this.#landmarks[index]?.offset ?? this.#end;
    const end = this.#landmarks[index + 1]?.offset ?? this.#end;
    return (await this.#file?.read(start, end - start)) ?? new Uint8Array(0);
  }
}

/** The frames of a group, up to one that is damaged. */
function* framesIn(group: Uint8Array): Generator<Frame, void, void> {
  const view = new DataView(group.buffer, group.byteOffset, group.byteLength);
  for (let at = 0; at + frameHead <= group.length;) {
    const next = at + frameHead + view.getUint32(at, true);
    if (next > group.length || view.getUint32(at + 4, true) !== crc32c(group, at + 8, next)) return;
    const revision = revisionOfRecord(group.subarray(at + frameHead, next));
    yield { position: view.getFloat64(at + 8, true), revision, bytes: group.subarray(at, next) };
    at = next;
  }
}

/** What is wrong with a file: each frame must hold, and all of them be there. `null`: nothing. */
export async function damageOfRetained(file: SideFile): Promise<string | null> {
  const read = await readIndex(file);
  if (read === null) return 'its index does not hold';
  let [at, count] = [0, 0];
  while (at < read.end) {
    const head = await file.read(at, frameHead);
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    const length = head.length < frameHead ? Infinity : view.getUint32(0, true);
    if (at + frameHead + length > read.end) return `the frame at offset ${at} is longer than the file`;
    const checked = await file.read(at + 8, frameHead - 8 + length);
    if (view.getUint32(4, true) !== crc32c(checked)) return `the frame at offset ${at} does not hold`;
    if (count % indexStep === 0 && read.landmarks[count / indexStep]?.offset !== at)
      return `the index tells of another frame than the one at offset ${at}`;
    at += frameHead + length;
    count += 1;
  }
  return count === read.frames ? null : `it has ${count} frames and tells of ${read.frames}`;
}

/** The revision that the newest file was written at, be it damaged or not; 0 where there is none. */
export async function retainedRevision(beside: SideFiles): Promise<number> {
  const name = await newestRetained(beside);
  return name === undefined ? 0 : revisionIn(name);
}

/** The name of the newest file; `undefined` where there is none. */
export async function newestRetained(beside: SideFiles): Promise<string | undefined> {
  return (await beside.names()).filter((name) => name.startsWith(prefix)).at(-1);
}

export function isRetainedName(name: string): boolean {
  return name.startsWith(prefix);
}

function revisionIn(name: string): number {
  return Number(name.slice(prefix.length));
}

/** Writes what is to be kept by now, in the order of positions, and drops the files before. */
export async function retain(
  beside: SideFiles,
  revision: number,
  kept: AsyncIterable<readonly Frame[]>,
): Promise<void> {
  const name = `${prefix}${String(revision).padStart(16, '0')}`;
  await beside.write(name, encode(kept));
  for (const other of await beside.names())
    if (other.startsWith(prefix) && other !== name) await beside.remove(other);
}

async function* encode(kept: AsyncIterable<readonly Frame[]>): AsyncGenerator<Uint8Array> {
  const landmarks: Landmark[] = [];
  let frames: Uint8Array[] = [];
  let [offset, waiting, count, newest] = [0, 0, 0, 0];
  for await (const batch of kept) {
    for (const { position, revision, bytes } of batch) {
      newest = Math.max(newest, revision);
      if (count % indexStep === 0) landmarks.push({ position, revision: newest, offset });
      frames.push(bytes);
      [offset, waiting, count] = [offset + bytes.length, waiting + bytes.length, count + 1];
    }
    if (waiting < chunkBytes) continue;
    yield Buffer.concat(frames);
    [frames, waiting] = [[], 0];
  }
  yield Buffer.concat([...frames, tail(landmarks, offset, count)]);
}

/** The frame of an entry: without its values. */
export function frameOf({ proposal, effects }: Recorded): Frame {
  const { command, position } = proposal;
  const stripped =
    'operations' in command ? { ...command, operations: withoutValues(command.operations) } : command;
  const committed = effects.committed.map((diff) => ({
    ...diff,
    operations: withoutValues(diff.operations),
  }));
  const record = encodeRecord({ ...proposal, command: stripped }, { ...effects, committed });
  const bytes = new Uint8Array(frameHead + record.length);
  const view = new DataView(bytes.buffer);
  bytes.set(record, frameHead);
  view.setUint32(0, record.length, true);
  view.setFloat64(8, position, true);
  view.setUint32(4, crc32c(bytes, 8), true);
  return { position, revision: effects.revision, bytes };
}

/** The entry of a frame. */
export function recordedIn({ position, bytes }: Frame): Recorded {
  return decodeRecord(bytes.subarray(frameHead), position);
}

/** What was done where; additions of all kinds become empty ones. */
function withoutValues(operations: readonly Operation[]): Operation[] {
  const nothing = { kind: 'text', data: '', bytes: 0, type: '' } as const;
  return operations.map((operation): Operation => {
    const { path } = operation;
    if (operation.kind === 'put') return { kind: 'put', path, value: nothing };
    if (operation.kind === 'copy' || operation.kind === 'delete') return operation;
    return { kind: 'append', path, addition: nothing };
  });
}

function tail(landmarks: readonly Landmark[], offset: number, count: number): Uint8Array {
  const bytes = new Uint8Array(landmarks.length * 24 + trailerBytes);
  const view = new DataView(bytes.buffer);
  landmarks.forEach((landmark, index) => {
    view.setFloat64(index * 24, landmark.position, true);
    view.setFloat64(index * 24 + 8, landmark.revision, true);
    view.setFloat64(index * 24 + 16, landmark.offset, true);
  });
  const at = landmarks.length * 24;
  view.setFloat64(at, offset, true);
  view.setFloat64(at + 8, count, true);
  view.setUint32(at + 16, crc32c(bytes, 0, at), true);
  bytes.set(new TextEncoder().encode(magic), at + 20);
  return bytes;
}

async function readIndex(
  file: SideFile,
): Promise<{ readonly landmarks: Landmark[]; readonly end: number; readonly frames: number } | null> {
  if (file.bytes < trailerBytes) return null;
  const trailer = await file.read(file.bytes - trailerBytes, trailerBytes);
  const view = new DataView(trailer.buffer, trailer.byteOffset, trailer.byteLength);
  const end = view.getFloat64(0, true);
  const isOurs = new TextDecoder().decode(trailer.subarray(20)) === magic;
  if (!isOurs || !(end >= 0 && end <= file.bytes - trailerBytes)) return null;
  const index = await file.read(end, file.bytes - trailerBytes - end);
  if (view.getUint32(16, true) !== crc32c(index)) return null;
  const told = new DataView(index.buffer, index.byteOffset, index.byteLength);
  const landmarks: Landmark[] = [];
  for (let at = 0; at + 24 <= index.length; at += 24) {
    landmarks.push({
      position: told.getFloat64(at, true),
      revision: told.getFloat64(at + 8, true),
      offset: told.getFloat64(at + 16, true),
    });
  }
  return { landmarks, end, frames: view.getFloat64(8, true) };
}
