/** What a broker's folder holds. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes by kind of file; segments are set aside with zeros, which do not count. */
export function storedIn(folder: string): Readonly<Record<string, number>> {
  const bytes: Record<string, number> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const kind = entry.name.replace(/^[0-9a-f-]+/, '');
    bytes[kind] = (bytes[kind] ?? 0) + written(readFileSync(join(entry.parentPath, entry.name)));
  }
  return bytes;
}

function written(content: Buffer): number {
  let end = content.length;
  while (end > 0 && content[end - 1] === 0) end -= 1;
  return end;
}
