/** Bytes that are too many for one object: cut into parts, stored side by side and read back, and put together again. */
import { assert } from '../../base/assert.ts';
import { crc32c } from '../../base/crc32c.ts';
import { objectPartsAhead } from '../../base/limits.ts';
import { CodecDamage } from '../../codec/damage.ts';
import type { Part } from '../../codec/shared-snapshot.ts';
import type { AgreedObjects } from '../../journal/agreed-objects.ts';
import type { JournalEntry } from '../../journal/journal.ts';

const lengthBytes = 4;

/** Something to be stored, and the positions that it holds records of. */
interface Piece {
  readonly bytes: Uint8Array;
  readonly firstPosition: number;
  readonly lastPosition: number;
}

/** Stores chunks as parts, whose names begin with `name`. Resolves when all of them were read back. */
export function putChunks(
  objects: AgreedObjects,
  name: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<Part[]> {
  return putPieces(objects, name, piecesOf(chunks, objects.objectBytesMax));
}

/** The same for entries of a journal. */
export function putRecords(
  objects: AgreedObjects,
  name: string,
  batches: AsyncIterable<readonly JournalEntry[]>,
): Promise<Part[]> {
  return putPieces(objects, name, recordPieces(batches, objects.objectBytesMax));
}

/** The bytes of parts, in order; some are read ahead. Throws `CodecDamage` where they are not what was stored. */
export async function* readParts(objects: AgreedObjects, parts: readonly Part[]): AsyncGenerator<Uint8Array> {
  const ahead: Promise<Uint8Array>[] = [];
  for (let index = 0; index < parts.length; index += 1) {
    while (ahead.length < objectPartsAhead && index + ahead.length < parts.length) {
      const part = parts[index + ahead.length];
      assert(part !== undefined, 'it is one of them');
      const read = readPart(objects, part);
      // Whoever waits for it is told; it may come first.
      read.catch(() => undefined);
      ahead.push(read);
    }
    const next = ahead.shift();
    if (next !== undefined) yield await next;
  }
}

/** The records of a part, by position. Throws `CodecDamage` where there are others than it says. */
export function* recordsIn(part: Part, bytes: Uint8Array): Generator<JournalEntry> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let position = part.firstPosition;
  for (let at = 0; at < bytes.length; position += 1) {
    if (at + lengthBytes > bytes.length) throw strange(part);
    const start = at + lengthBytes;
    at = start + view.getUint32(at, true);
    if (at > bytes.length) throw strange(part);
    yield { position, payload: bytes.subarray(start, at) };
  }
  if (position !== part.lastPosition + 1) throw strange(part);
}

async function readPart(objects: AgreedObjects, part: Part): Promise<Uint8Array> {
  const bytes = await objects.get(part.object);
  if (bytes.length !== part.bytes || crc32c(bytes) !== part.checksum) throw strange(part);
  return bytes;
}

function strange({ object }: Part): CodecDamage {
  return new CodecDamage(`the object ${object} is not what was stored`);
}

async function putPieces(
  objects: AgreedObjects,
  name: string,
  pieces: AsyncIterable<Piece>,
): Promise<Part[]> {
  const parts: Part[] = [];
  const storing: Promise<void>[] = [];
  for await (const { bytes, ...positions } of pieces) {
    const object = `${name}-${String(parts.length + 1).padStart(6, '0')}`;
    const part = { object, bytes: bytes.length, checksum: crc32c(bytes), ...positions };
    parts.push(part);
    const stored = objects.put(object, bytes).then(async () => {
      await readPart(objects, part);
    });
    stored.catch(() => undefined);
    storing.push(stored);
    if (storing.length >= objectPartsAhead) await storing.shift();
  }
  await Promise.all(storing);
  return parts;
}

/** Chunks hold only until the next one is asked for, so they are copied. */
async function* piecesOf(chunks: AsyncIterable<Uint8Array>, bytesMax: number): AsyncGenerator<Piece> {
  const gathered = new Gathered(bytesMax);
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.length; at += bytesMax) {
      const bytes = chunk.subarray(at, at + bytesMax);
      if (!gathered.fits(bytes.length)) yield gathered.takeAll();
      gathered.add(bytes, 0);
    }
  if (!gathered.isEmpty) yield gathered.takeAll();
}

async function* recordPieces(
  batches: AsyncIterable<readonly JournalEntry[]>,
  bytesMax: number,
): AsyncGenerator<Piece> {
  const gathered = new Gathered(bytesMax);
  for await (const batch of batches)
    for (const { position, payload } of batch) {
      // A record is never cut: one that is larger than a part is one by itself.
      if (!gathered.fits(lengthBytes + payload.length) && !gathered.isEmpty) yield gathered.takeAll();
      const length = new Uint8Array(lengthBytes);
      new DataView(length.buffer).setUint32(0, payload.length, true);
      gathered.add(length, position);
      gathered.add(payload, position);
    }
  if (!gathered.isEmpty) yield gathered.takeAll();
}

class Gathered {
  readonly #bytesMax: number;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #firstPosition = 0;
  #lastPosition = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  fits(bytes: number): boolean {
    return this.#bytes + bytes <= this.#bytesMax;
  }

  add(bytes: Uint8Array, position: number): void {
    if (this.#firstPosition === 0) this.#firstPosition = position;
    this.#lastPosition = position;
    this.#chunks.push(bytes.slice());
    this.#bytes += bytes.length;
  }

  takeAll(): Piece {
    const bytes = Buffer.concat(this.#chunks);
    const piece = { bytes, firstPosition: this.#firstPosition, lastPosition: this.#lastPosition };
    this.#chunks = [];
    [this.#bytes, this.#firstPosition, this.#lastPosition] = [0, 0, 0];
    return piece;
  }
}
