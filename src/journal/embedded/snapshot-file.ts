/**
 * The bytes of a snapshot file. All numbers are little-endian.
 *
 *   snapshot = header, chunk*, trailer
 *   header   = "HYPRSNAP", u32 format version, u32 0, u64 journal id, u64 position, u32 CRC32C of these
 *   chunk    = u32 length (at least 1), u32 checksum, bytes
 *   trailer  = u32 0, u32 checksum of the last chunk, u64 bytes of all chunks, u32 CRC32C of the 16 bytes before
 *
 * A chunk's checksum is the CRC32C of its bytes started from the checksum before it (the header's for the first one), so no
 * chunk can be lost, doubled or exchanged. The file gets its name only when all of it is durable: whatever is wrong
 * with one that has its name is damage.
 */
import { crc32c } from '../../base/crc32c.ts';
import { readWindowBytes } from '../../base/limits.ts';
import { JournalDamage } from '../journal.ts';
import { readBytes, type File } from './file-system.ts';
import type { JournalId } from './layout.ts';
import { SteppedFile } from './stepped-file.ts';
import { Window } from './window.ts';

const magic = 'HYPRSNAP';
const formatVersion = 1;
const headerBytes = 36;
const chunkHeaderBytes = 8;
const trailerBytes = 20;

/** What one write to the file gathers: under load each is waited for over a turn or two of the event loop. */
const writeBytes = 1024 * 1024;

/** Writes a snapshot from `chunks` and syncs it; returns the file's size. Its name is the caller's business. */
export async function writeSnapshot(
  file: File,
  journalId: JournalId,
  position: number,
  chunks: AsyncIterable<Uint8Array>,
): Promise<number> {
  const output = new Output(file);
  const header = encodeHeader(journalId, position);
  await output.write(header);
  let checksum = new DataView(header.buffer).getUint32(32, true);
  let total = 0;
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue;
    checksum = crc32c(chunk, 0, chunk.length, checksum);
    total += chunk.length;
    await output.write(words(chunk.length, checksum));
    await output.write(chunk);
  }
  const trailer = new Uint8Array(trailerBytes);
  const view = new DataView(trailer.buffer);
  view.setUint32(4, checksum, true);
  view.setBigUint64(8, BigInt(total), true);
  view.setUint32(16, crc32c(trailer, 0, 16), true);
  await output.write(trailer);
  return await output.finish();
}

/**
 * The chunks of a snapshot, each checked before it is handed on; they lie in a window that is used again. Throws
 * {@link JournalDamage}.
 */
export async function* readChunks(
  file: File,
  path: string,
  fileBytes: number,
  journalId: JournalId,
  position: number,
): AsyncGenerator<Uint8Array> {
  let checksum = await checkSnapshotHeader(file, path, journalId, position);
  const window = new Window(file, fileBytes, Math.min(readWindowBytes, fileBytes));
  let offset = headerBytes;
  let total = 0;
  const chunksEnd = fileBytes - trailerBytes;
  while (offset < chunksEnd) {
    const header = viewOf(await bytesAt(window, offset, chunkHeaderBytes));
    const length = header.byteLength === chunkHeaderBytes ? header.getUint32(0, true) : 0;
    const end = offset + chunkHeaderBytes + length;
    if (length === 0 || end > chunksEnd) throw damage(path, offset, 'a chunk does not fit');
    const told = header.getUint32(4, true);
    const chunk = (await bytesAt(window, offset, end - offset)).subarray(chunkHeaderBytes);
    checksum = crc32c(chunk, 0, chunk.length, checksum);
    if (told !== checksum) throw damage(path, offset, "a chunk's checksum does not hold");
    total += length;
    offset = end;
    yield chunk;
  }
  const trailer = await bytesAt(window, offset, trailerBytes);
  const view = viewOf(trailer);
  const isWhole =
    trailer.length === trailerBytes &&
    view.getUint32(0, true) === 0 &&
    view.getUint32(4, true) === checksum &&
    view.getBigUint64(8, true) === BigInt(total) &&
    view.getUint32(16, true) === crc32c(trailer, 0, 16);
  if (!isWhole) throw damage(path, offset, 'the end does not match the chunks');
}

/** `length` bytes of the file from `offset` on, or what it has of them. They hold until the next call. */
async function bytesAt(window: Window, offset: number, length: number): Promise<Uint8Array> {
  const isInside = offset >= window.base && offset + length <= window.base + window.length;
  if (!isInside) await window.fill(offset, length);
  const at = offset - window.base;
  return window.bytes.subarray(at, Math.min(at + length, window.length));
}

/** Checks that the file begins as the snapshot of `position` in this journal does; returns the header's checksum. */
export async function checkSnapshotHeader(
  file: File,
  path: string,
  journalId: JournalId,
  position: number,
): Promise<number> {
  const header = await readBytes(file, 0, headerBytes);
  const view = viewOf(header);
  if (header.length < headerBytes || view.getUint32(32, true) !== crc32c(header, 0, 32)) {
    throw damage(path, 0, 'the header does not hold');
  }
  if (new TextDecoder().decode(header.subarray(0, 8)) !== magic)
    throw damage(path, 0, 'it is not a snapshot');
  const version = view.getUint32(8, true);
  if (version !== formatVersion) {
    throw new JournalDamage(
      `${path} has format version ${version}, and this release reads version ${formatVersion}: start the release that wrote it`,
    );
  }
  if (view.getBigUint64(16, true) !== journalId || view.getBigUint64(24, true) !== BigInt(position)) {
    throw damage(path, 0, 'it belongs to another journal or position');
  }
  return view.getUint32(32, true);
}

function encodeHeader(journalId: JournalId, position: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(headerBytes);
  const view = new DataView(header.buffer);
  header.set(new TextEncoder().encode(magic));
  view.setUint32(8, formatVersion, true);
  view.setBigUint64(16, journalId, true);
  view.setBigUint64(24, BigInt(position), true);
  view.setUint32(32, crc32c(header, 0, 32), true);
  return header;
}

/** Gathers small writes. */
class Output {
  readonly #file: SteppedFile;
  readonly #buffer = new Uint8Array(writeBytes);
  #buffered = 0;

  constructor(file: File) {
    this.#file = new SteppedFile(file);
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#buffered + bytes.length > writeBytes) await this.#flush();
    if (bytes.length > writeBytes) return await this.#file.append(bytes);
    this.#buffer.set(bytes, this.#buffered);
    this.#buffered += bytes.length;
  }

  async finish(): Promise<number> {
    await this.#flush();
    return await this.#file.finish();
  }

  async #flush(): Promise<void> {
    if (this.#buffered > 0) await this.#file.append(this.#buffer.subarray(0, this.#buffered));
    this.#buffered = 0;
  }
}

function words(first: number, second: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, first, true);
  view.setUint32(4, second, true);
  return bytes;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function damage(path: string, offset: number, reason: string): JournalDamage {
  return new JournalDamage(`${path} is damaged at offset ${offset} (${reason}); restore it from a backup`);
}
