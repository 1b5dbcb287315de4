/** A folder for the PATH of a shell, with this checkout's `hyperloom` in it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const launcher = fileURLToPath(new URL('../../bin/hyperloom.js', import.meta.url));

/** Puts the command into the folder, and returns a PATH that begins with it. */
export async function putHyperloomInto(folder: string): Promise<string> {
  const command = `#!/bin/sh\nexec '${process.execPath}' '${launcher}' "$@"\n`;
  await writeFile(join(folder, 'hyperloom'), command, { mode: 0o700 });
  return `${folder}:${process.env['PATH'] ?? ''}`;
}
