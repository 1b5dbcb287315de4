/** Bytes as lines: no more of a file is in memory than one line. */
import { Malformed } from './fields.ts';

/** A diff of a client has at most 16 MiB; in base64 and with escapes it stays below this. */
const lineBytesMax = 64 * 1024 * 1024;

/** A line and its number, from 1. */
export interface NumberedLine {
  readonly number: number;
  readonly text: string;
}

/** The lines of a text in UTF-8. Throws {@link Malformed} for what is none, or longer than any line can be. */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<NumberedLine, void, void> {
  let number = 0;
  let parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
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

function decoded(parts: readonly Uint8Array[]): string {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    return parts.map((part) => decoder.decode(part, { stream: true })).join('') + decoder.decode();
  } catch {
    throw new Malformed('it is no UTF-8');
  }
}
