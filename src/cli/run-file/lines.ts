/** Files of lines: read and written as streams. */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';

import { splitLines, type NumberedLine } from '../../../clients/typescript/src/run-file/lines.ts';

/** Written in pieces of some size: a line is a few hundred bytes. */
const pieceCharacters = 64 * 1024;

/** The lines of a file, gunzipped where its name ends in `.gz`; of standard input for `-`. */
export function readLines(
  file: string,
  stdin: AsyncIterable<Uint8Array>,
): AsyncGenerator<NumberedLine, void, void> {
  const raw = file === '-' ? Readable.from(stdin) : createReadStream(file);
  const source: Readable = file.endsWith('.gz') ? unpacked(raw) : raw;
  return splitLines(source as AsyncIterable<Uint8Array>);
}

function unpacked(raw: Readable): Readable {
  const gunzip = createGunzip();
  raw.once('error', (error) => gunzip.destroy(error));
  gunzip.once('close', () => raw.destroy());
  return raw.pipe(gunzip);
}

/**
 * Texts as the bytes of a file, gzipped where its name ends in `.gz`. Nothing is read before the first byte is asked for: what went wrong
 * earlier would find nobody to tell.
 */
export async function* fileBytes(
  file: string,
  texts: AsyncIterable<string>,
): AsyncGenerator<Uint8Array, void, void> {
  yield* file.endsWith('.gz') ? zipped(texts) : pieces(texts);
}

function zipped(texts: AsyncIterable<string>): AsyncIterable<Uint8Array> {
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
