/**
 * Files that may come in several goes. What has come of `FILE` waits in `FILE.POSITION.partial`, which says by its name what it is a part of;
 * the file has its own name only once it is complete and on the disk, so that a part is never taken for a whole.
 */
import { createReadStream } from 'node:fs';
import { open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';

import type { BackupMark } from '../../clients/typescript/src/index.ts';

export interface PartFile {
  readonly path: string;
  /** What is in it. A machine that crashed may have left something else: the checksum is of what can be read now. */
  readonly mark: BackupMark;
}

/** What has come of `file` before. */
export async function findPart(file: string): Promise<PartFile | undefined> {
  const prefix = `${basename(file)}.`;
  const names = await readdir(dirname(file));
  for (const name of names.filter((each) => each.startsWith(prefix))) {
    const position = /^(\d+)\.partial$/.exec(name.slice(prefix.length))?.[1];
    if (position === undefined) continue;
    const path = join(dirname(file), name);
    let [bytes, checksum] = [0, 0];
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      checksum = crc32(chunk, checksum);
    }
    return { path, mark: { position: Number(position), bytes, checksum } };
  }
  return undefined;
}

/** Adds what is missing of `file` to its part, if there is one, and gives it its name. Returns the bytes of all of it. */
export async function completeFile(
  file: string,
  part: PartFile | undefined,
  missing: (onPosition: (position: number) => void) => AsyncIterable<Uint8Array>,
): Promise<number> {
  let path = part?.path ?? '';
  let bytes = part?.mark.bytes ?? 0;
  let handle: FileHandle | undefined;
  try {
    for await (const piece of missing((position) => (path = `${file}.${position}.partial`))) {
      handle ??= await open(path, part === undefined ? 'w' : 'a');
      await handle.appendFile(piece);
      bytes += piece.length;
    }
    handle ??= await open(path, 'a');
    await handle.sync();
  } finally {
    await handle?.close();
  }
  await rename(path, file);
  return bytes;
}

export async function dropPart({ path }: PartFile): Promise<void> {
  await rm(path, { force: true });
}
