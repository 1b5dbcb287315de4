/** Lines of a file as a stream: no more of it is in memory than one line. */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';

import { Malformed } from './fields.ts';

/** A diff of a client has at most 16 MiB; in base64 and with escapes it stays below this. */
const lineBytesMax = 64 * 1024 * 1024;
/** Written in pieces of some size: a line is a few hundred bytes. */
const pieceCharacters = 64 * 1024;

/** A line and its number, from 1. */
export interface NumberedLine {
  readonly number: number;
  readonly text: string;
}

/** The lines of a file, gunzipped where its name ends in `.gz`; of standard input for `-`. */
export async function* readLines(
  file: string,
  stdin: AsyncIterable<Uint8Array>,
): AsyncGenerator<NumberedLine, void, void> {
  const raw = file === '-' ? Readable.from(stdin) : createReadStream(file);
  const source: Readable = file.endsWith('.gz') ? unpacked(raw) : raw;
  let number = 0;
  let parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      parts.push(chunk.subarray(from, end));
      from = end + 1;
      number += 1;
      yield { number, text: decoded(parts) };
      parts = [];
      bytes = 0;
    }
    parts.push(chunk.subarray(from));
    bytes += chunk.length - from;
    if (bytes > lineBytesMax) throw new Malformed(`line ${number + 1} is longer than ${lineBytesMax} bytes`);
  }
  const rest = decoded(parts);
  if (rest !== '') yield { number: number + 1, text: rest };
}

function unpacked(raw: Readable): Readable {
  const gunzip = createGunzip();
  raw.once('error', (error) => gunzip.destroy(error));
  gunzip.once('close', () => raw.destroy());
  return raw.pipe(gunzip);
}

function decoded(parts: readonly Buffer[]): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(parts));
  } catch {
    throw new Malformed('it is no UTF-8');
  }
}

/** Texts as the bytes of a file, gzipped where its name ends in `.gz`. */
export function fileBytes(file: string, texts: AsyncIterable<string>): AsyncIterable<Uint8Array> {
  if (!file.endsWith('.gz')) return pieces(texts);
  const source = Readable.from(pieces(texts));
  const gzip = createGzip();
  source.once('error', (error) => gzip.destroy(error));
  return source.pipe(gzip);
}

async function* pieces(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array, void, void> {
  let piece = '';
  for await (const text of texts) {
    piece += text;
    if (piece.length < pieceCharacters) continue;
    yield Buffer.from(piece);
    piece = '';
  }
  if (piece !== '') yield Buffer.from(piece);
}
