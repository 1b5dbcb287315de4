/** Files that are written whole or not at all. */
import { open, rename, rm } from 'node:fs/promises';

import { UsageError } from './failure.ts';

export async function isThere(file: string): Promise<boolean> {
  const handle = await open(file, 'r').catch(() => undefined);
  await handle?.close();
  return handle !== undefined;
}

/** Files are replaced on demand only. */
export async function refuseExisting(file: string): Promise<void> {
  if (!(await isThere(file))) return;
  throw new UsageError(`${file} is there already: choose another name, or replace it with --force`);
}

/** The file has its name only once it is complete and on the disk, so that half a backup is never taken for a whole one. */
export async function writeWhole(file: string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  const partial = `${file}.partial`;
  const handle = await open(partial, 'w');
  try {
    let bytes = 0;
    for await (const chunk of chunks) {
      await handle.appendFile(chunk);
      bytes += chunk.length;
    }
    await handle.sync();
    await handle.close();
    await rename(partial, file);
    return bytes;
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(partial, { force: true });
    throw error;
  }
}
