/**
 * Folders as `.tar.gz` files (ustar, regular files only), so that anybody can look into them: preallocated zeros of journals compress to
 * next to nothing. Times and owners are left out, and names sorted: the same folder gives the same bytes.
 */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

const blockBytes = 512;
const encoder = new TextEncoder();

/** Packs the files below `folder`, except those named in `without`. */
export function pack(folder: string, without: readonly string[] = []): Buffer {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((name) => !without.includes(name));
  const parts = names.sort().flatMap((name) => {
    const content = readFileSync(join(folder, name));
    return [header(name, content.length), content, Buffer.alloc(padding(content.length))];
  });
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * blockBytes)]), { level: 9 });
}

/** Writes the files of a packed folder below `folder`. */
export function unpack(packed: Uint8Array, folder: string): void {
  const bytes = gunzipSync(packed);
  for (let at = 0; bytes[at] !== 0 && at < bytes.length;) {
    const name = textAt(bytes, at, 100);
    const size = Number.parseInt(textAt(bytes, at + 124, 12), 8);
    const start = at + blockBytes;
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes.subarray(start, start + size));
    at = start + size + padding(size);
  }
}

function header(name: string, size: number): Buffer {
  const block = Buffer.alloc(blockBytes);
  const put = (text: string, at: number): void => {
    block.set(encoder.encode(text), at);
  };
  if (encoder.encode(name).length > 100) throw new RangeError(`too long for a tar header: ${name}`);
  put(name, 0);
  put('0000644\0', 100);
  put('0000000\0', 108);
  put('0000000\0', 116);
  put(`${size.toString(8).padStart(11, '0')}\0`, 124);
  put('00000000000\0', 136);
  put('        ', 148);
  put('0', 156);
  put('ustar\u000000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

function padding(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes;
}

function textAt(bytes: Uint8Array, at: number, length: number): string {
  const field = Buffer.from(bytes.subarray(at, at + length));
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? length : end).toString();
}
